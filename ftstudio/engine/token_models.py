"""Loading of models that tag tokens: plain transformers models with a new head."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from ftstudio.core.errors import StudioError
from ftstudio.core.text import text
from ftstudio.engine import backend


def load_tagger(folder: Path, tags: list[str], *, trained: bool) -> nn.Module:
    """Load a token classifier in float32 from safetensors, never running code of the folder.

    A new head is made unless `trained`. Raises `StudioError` when the folder cannot be loaded.
    """
    backend.prepare()
    from transformers import AutoConfig, AutoModelForTokenClassification

    config = AutoConfig.from_pretrained(folder)
    if not trained:
        config.num_labels = len(tags)
        config.id2label = dict(enumerate(tags))
        config.label2id = {tag: at for at, tag in enumerate(tags)}
    try:
        model: nn.Module = AutoModelForTokenClassification.from_pretrained(
            folder, config=config, dtype=torch.float32, use_safetensors=True, ignore_mismatched_sizes=not trained
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise StudioError(
            text("The model in “{folder}” could not be loaded: {reason}", folder=folder.name, reason=str(error)),
            text("Choose another model, or get the folder again."),
            file=str(folder),
        ) from error
    return model
