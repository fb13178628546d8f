"""Correcting boxes: a picture looked at closely, its boxes moved, resized, renamed, added and deleted."""
