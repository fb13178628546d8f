"""One file per form in which data can come; a new form is one new file with a `SPEC` on top."""
