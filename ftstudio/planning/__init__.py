"""What a run would be, worked out without torch: the facts, the settings that follow, and what may be in the way."""
