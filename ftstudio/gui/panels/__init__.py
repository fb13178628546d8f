"""Larger parts of pages that are used in one place each."""
