"""What the Try page is made of: a worker that stays warm, the question, the answers, the file of many rows."""
