"""One file per stage of the window."""
