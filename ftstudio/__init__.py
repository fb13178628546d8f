"""Fine-Tuning Studio: fine-tune pretrained models on your own computer, offline, without code."""

__version__ = "0.1.0"
