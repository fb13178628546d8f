"""Loading of models that say something of each token: plain transformers models with a new head."""

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
    return _load(folder, "AutoModelForTokenClassification", tags, trained=trained)


def load_reader(folder: Path, *, trained: bool) -> nn.Module:
    """Load a model that says of each token whether an answer begins or ends there; else as `load_tagger`."""
    return _load(folder, "AutoModelForQuestionAnswering", ["start", "end"], trained=trained)


def _load(folder: Path, kind: str, outputs: list[str], *, trained: bool) -> nn.Module:
    backend.prepare()
    import transformers

    config = transformers.AutoConfig.from_pretrained(folder)
    if not trained:
        config.num_labels = len(outputs)
        config.id2label = dict(enumerate(outputs))
        config.label2id = {one: at for at, one in enumerate(outputs)}
    try:
        model: nn.Module = getattr(transformers, kind).from_pretrained(
            folder, config=config, dtype=torch.float32, use_safetensors=True, ignore_mismatched_sizes=not trained
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise StudioError(
            text("The model in “{folder}” could not be loaded: {reason}", folder=folder.name, reason=str(error)),
            text("Choose another model, or get the folder again."),
            file=str(folder),
        ) from error
    return model
