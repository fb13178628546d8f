"""Words by integrated gradients on their embeddings (1703.01365), from a text whose words are all padding."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ftstudio.core.specs import Modality
from ftstudio.core.translation import N_
from ftstudio.engine.explaining.method import MethodSpec
from ftstudio.engine.explaining.path_gradients import integrate
from ftstudio.engine.explaining.subject import Subject, Weighed, model_of, repeated, score
from ftstudio.engine.explaining.words import Words

SPEC = MethodSpec("integrated_gradients", N_("Integrated gradients"), frozenset({Modality.TEXT}), 10)


def suits(subject: Subject) -> bool:
    """Whether tokens can be traced to words and the model has embeddings."""
    return isinstance(subject, Words) and subject.owners is not None and _embeddings(subject) is not None


def weigh(subject: Subject, target: int) -> Weighed:
    """Return the weight of each word: the sum over its tokens and their embeddings.

    The embeddings' output is replaced as the model runs, so that models of all kinds read their own other inputs.
    """
    assert isinstance(subject, Words) and subject.owners is not None
    embeddings: Any = _embeddings(subject)
    ids = subject.inputs["input_ids"]
    with torch.no_grad():
        end = embeddings(ids)
        start = embeddings(_without_words(subject, ids))

    def along(values: Tensor) -> Tensor:
        handle = embeddings.register_forward_hook(lambda *_: values)
        try:
            return score(subject, repeated(subject.inputs, len(values)), target)
        finally:
            handle.remove()

    shares, gap = integrate(along, start, end)
    tokens = shares.sum(dim=-1).double().cpu().numpy()[: len(subject.owners)]
    owned = subject.owners >= 0
    weights = np.bincount(subject.owners[owned], weights=tokens[owned], minlength=subject.parts)
    return Weighed(weights.astype(np.float64), gap)


def _embeddings(subject: Subject) -> nn.Module | None:
    find = getattr(model_of(subject), "get_input_embeddings", None)
    found = find() if find is not None else None
    return found if isinstance(found, nn.Module) else None


def _without_words(subject: Words, ids: Tensor) -> Tensor:
    """Return the ids with padding in place of every token of a word; special tokens stay."""
    assert subject.owners is not None
    is_word = torch.zeros(ids.shape[1], dtype=torch.bool, device=ids.device)
    is_word[: len(subject.owners)] = torch.from_numpy(subject.owners >= 0).to(ids.device)
    return torch.where(is_word, torch.full_like(ids, int(subject.trained.bundle.processor.pad_token_id or 0)), ids)
