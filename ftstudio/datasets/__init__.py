"""Labelled data: read, checked, split and stored in the project. No torch, no Qt."""
