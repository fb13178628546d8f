"""One file per thing that can be wrong with data; `run_checks` asks them all."""
