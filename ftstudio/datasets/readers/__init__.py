"""One file per form of labelled data; each has a `SPEC`, `look()` for the wizard and `read()` for the import."""
