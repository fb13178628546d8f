"""Loading of models that say something of each token: plain transformers models with a new head."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

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


def go_on_where_shared(logits: Tensor, tokens: Tensor) -> Tensor:
    """Let a unit whose token speaks for the unit before, too, go on with what that began.

    Args:
        logits: shape [rows, units, tags]; the tags are those of `core.units.tags_for`.
        tokens: the token of each unit, -1 where it has none, shape [rows, units].
    """
    shared = torch.zeros_like(tokens, dtype=torch.bool)
    shared[:, 1:] = (tokens[:, 1:] == tokens[:, :-1]) & (tokens[:, 1:] >= 0)
    begins, goes_on = logits[..., 1::2], logits[..., 2::2]
    joined = torch.empty_like(logits)
    joined[..., 0] = logits[..., 0]
    joined[..., 1::2], joined[..., 2::2] = torch.minimum(begins, goes_on), torch.logaddexp(begins, goes_on)
    return joined.where(shared.unsqueeze(-1), logits)
