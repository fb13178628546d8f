"""How one row is shown, one view per kind of sample."""
