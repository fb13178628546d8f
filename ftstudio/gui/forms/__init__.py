"""Forms generated from the typed settings."""
