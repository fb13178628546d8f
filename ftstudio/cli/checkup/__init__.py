"""What `doctor` looks at: each module finds out one side of the computer, without importing Qt or torch here."""
