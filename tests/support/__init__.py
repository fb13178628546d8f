"""Helpers of the tests: tiny models and projects, a worker that replays transcripts."""
