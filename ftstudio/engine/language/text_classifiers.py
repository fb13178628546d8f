"""Loading and saving of text classifiers: plain transformers models, plus mean pooling where a model wants it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from ftstudio.core.errors import StudioError
from ftstudio.core.text import text
from ftstudio.engine import backend
from ftstudio.engine.layers import pooling
from ftstudio.engine.task import Bundle
from ftstudio.models.library import read_model


def load_classifier(folder: Path, labels: list[str], tokenizer: Any, *, trained: bool) -> nn.Module:
    """Load a sequence classifier in float32 from safetensors, never running code of the folder.

    A new head is made unless `trained`. Raises `StudioError` when the folder cannot be loaded.
    """
    backend.prepare()
    from transformers import AutoConfig, AutoModelForSequenceClassification

    config = AutoConfig.from_pretrained(folder)
    adds_pooling = not trained and pooling.suits(config.model_type, read_model(folder).pooling)
    if not trained:
        config.num_labels = len(labels)
        config.id2label = dict(enumerate(labels))
        config.label2id = {label: at for at, label in enumerate(labels)}
        config.problem_type = "single_label_classification"
        config.num_hidden_layers += int(adds_pooling)
    if config.pad_token_id is None:
        config.pad_token_id = tokenizer.pad_token_id
    try:
        model = AutoModelForSequenceClassification.from_pretrained(
            folder,
            config=config,
            dtype=torch.float32,
            use_safetensors=True,
            ignore_mismatched_sizes=not trained,
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise StudioError(
            text("The model in “{folder}” could not be loaded: {reason}", folder=folder.name, reason=str(error)),
            text("Choose another model, or get the folder again."),
            file=str(folder),
        ) from error
    if adds_pooling:
        pooling.initialise(model)
    if config.model_type in pooling.MODEL_TYPES and pooling.is_pooling_layer(model):
        pooling.speed_up(model)
    network: nn.Module = model
    return network


def save_classifier(bundle: Bundle, folder: Path) -> None:
    """Write weights (safetensors), configuration and tokenizer."""
    model: Any = bundle.model
    model.save_pretrained(folder)
    bundle.processor.save_pretrained(folder)
