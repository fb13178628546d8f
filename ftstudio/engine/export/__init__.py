"""A finished model on its way out: its files, its card, and the proof that it says the same outside."""
