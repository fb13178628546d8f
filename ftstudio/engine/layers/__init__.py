"""Which parts of a model learn, and how the parts that rest are run only once."""
