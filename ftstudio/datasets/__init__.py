"""Bringing labelled data into a project without torch: readers, import, stored splits, checks and edits."""
