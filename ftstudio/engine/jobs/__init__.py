"""One file per procedure a worker can run."""
