"""The names of the files in a project's data folder."""

from __future__ import annotations

TABLE = "table.arrow"
SPLITS = "splits.arrow"
IMAGES = "images.arrow"
MANIFEST = "manifest.json"
EDITS = "edits.json"
