"""Texts and the models that read, mark and write them."""
