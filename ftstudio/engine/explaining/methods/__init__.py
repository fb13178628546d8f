"""One file a method of explaining: a `SPEC` on top, `suits` and `weigh` below."""
