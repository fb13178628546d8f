"""A training run as a whole: prepared, recorded, kept, resumed, scored."""
