"""Tiny projects made through the public doors."""
