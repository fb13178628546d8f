"""One file per thing a model can be fine-tuned for: `SPEC` on top, recipe below, torch imported inside functions."""
