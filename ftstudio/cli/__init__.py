"""The command line: every verb does what the window does, through the same code."""
