"""The kinds of answer a task can give: their loss, scores, chance intervals and result tables."""
