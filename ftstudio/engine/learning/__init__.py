"""One step and one pass: the loop, what it learns from, what it is asked for. Nothing of tasks or projects."""
