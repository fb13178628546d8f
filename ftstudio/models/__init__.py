"""Finding pretrained models and describing them, without torch."""
