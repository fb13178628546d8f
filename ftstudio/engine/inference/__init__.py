"""A finished model at work: single questions and whole tables."""
