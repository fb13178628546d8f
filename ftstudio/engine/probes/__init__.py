"""Small models fitted in seconds on what the unchanged model sees."""
