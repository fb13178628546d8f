"""Sample projects from data that ordinary packages bring; one file per sample."""
