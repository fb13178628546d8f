"""Models that write, as transformers loads them: which of their weights may learn, and what each token surprised them.

Logits over a whole vocabulary are large: 512 tokens of SmolLM2 make 100 MB. They are made for some positions at a time,
only where something is learned, and where that takes more than one portion they are not kept for the backward pass but
made again (as by Chen et al. 2016, arXiv:1604.06174).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from ftstudio.core.errors import InputError, StudioError
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.text import text
from ftstudio.engine import backend
from ftstudio.engine.layers import attention

AT_ONCE = 1 << 14  # tokens that are read at once where nothing is learned: a row may have a million, in many lines
PORTION = 1 << 25  # numbers of one portion of logits: 128 MB in float32
_APART = 1e-3


def load_writer(folder: Path, tokenizer: Any, *, rests: bool) -> nn.Module:
    """Load a causal language model in float32 from safetensors, never running code of the folder.

    With `rests` its last layer, which here is no new one, does not learn by itself. Raises `StudioError` when the
    folder cannot be loaded, or when the tokenizer knows tokens that the model does not.
    """
    backend.prepare()
    from transformers import AutoModelForCausalLM

    model = load_from(AutoModelForCausalLM, folder, tokenizer)
    if rests:
        model.get_output_embeddings().weight.fixed = True
    model.gives_whole_logits = not _is_understood(model)
    network: nn.Module = model
    return network


def load_from(kind: Any, folder: Path, tokenizer: Any) -> Any:
    """Load a model with a class of transformers; raises `StudioError` as `load_writer` does."""
    try:
        model: Any = kind.from_pretrained(folder, dtype=torch.float32, use_safetensors=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise StudioError(
            text("The model in “{folder}” could not be loaded: {reason}", folder=folder.name, reason=str(error)),
            text("Choose another model, or get the folder again."),
            file=str(folder),
        ) from error
    known = model.get_input_embeddings().num_embeddings
    if len(tokenizer) > known:
        raise StudioError(
            text("The tokenizer in “{folder}” does not belong to its model.", folder=folder.name),
            text("It has {tokens} tokens, and the model knows {known}. Get the folder again.",
                 tokens=len(tokenizer), known=known),
            file=str(folder),
        )  # fmt: skip
    return model


def refuse_senseless(settings: TrainingSettings, *, smooths: bool = False) -> None:
    """Raise `InputError` for a setting that only means something where one of a few labels is chosen.

    `smooths` says that label smoothing means something all the same.
    """
    for key in ("r_drop", "label_smoothing", "mixup"):
        if getattr(settings, key) and not (smooths and key == "label_smoothing"):
            raise InputError(
                text("“{key}” cannot be used when a model learns to write.", key=key),
                text("Set it to 0."),
                field=key,
            )


def surprise(model: Any, inputs: dict[str, Tensor]) -> Tensor:
    """Run a model; return of each learned token how surprised it was and whether it was foreseen.

    Args:
        model: a causal language model of transformers.
        inputs: `input_ids` and `attention_mask`, shape [rows, tokens]; `places` and `targets`, shape [rows, items]:
            after which token one is learned (-1: none), and which one that is. Of packed rows
            (`engine.language.packing`)
            `position_ids` in the place of the mask, both [lines, tokens], and `places` count over all lines.

    Returns:
        Shape [rows, items, 2]: the negative log-likelihood in nats, and 1 where it was the likeliest token; both 0
        where there is none.
    """
    places, targets = inputs["places"], inputs["targets"]
    attention.fit(model, inputs["input_ids"])
    read: dict[str, Tensor] = {
        key: inputs[key] for key in ("input_ids", "attention_mask", "position_ids") if key in inputs
    }
    rows, items = torch.nonzero(places >= 0, as_tuple=True)
    right, at = targets[rows, items], places[rows, items]
    if "position_ids" not in inputs:
        at = at + rows * inputs["input_ids"].shape[1]
    lines, width = read["input_ids"].shape
    size = lines if torch.is_grad_enabled() else min(lines, max(1, AT_ONCE // width))
    found = places.new_zeros((len(right), 2), dtype=torch.float32)
    for start in range(0, lines, size):
        here = torch.nonzero((at >= start * width) & (at < (start + size) * width))[:, 0]
        some = {key: value[start : start + size] for key, value in read.items()}
        said = _surprise(model, some, at[here] - start * width, right[here])
        found = said if size == lines else found.index_put((here,), said)
    result = found.new_zeros((*places.shape, 2))
    return result.index_put((rows, items), found)


def _surprise(model: Any, read: dict[str, Tensor], at: Tensor, right: Tensor) -> Tensor:
    """Return what a model makes of the tokens `right` after the places `at` of all its lines, shape [tokens, 2]."""
    if model.gives_whole_logits:
        return judge(model(**read, use_cache=False).logits.flatten(0, 1)[at].float(), right)
    return _in_portions(model, model.base_model(**read, use_cache=False)[0].flatten(0, 1)[at], right)


def _in_portions(model: Any, hidden: Tensor, targets: Tensor) -> Tensor:
    head = model.get_output_embeddings()

    def judged(some: Tensor, right: Tensor) -> Tensor:
        return judge(_adjusted(head(some).float(), model.config), right)

    size = max(1, PORTION // head.weight.shape[0])
    again = len(targets) > size and torch.is_grad_enabled()
    parts = [
        checkpoint(judged, some, right, use_reentrant=False) if again else judged(some, right)
        for some, right in zip(torch.split(hidden, size), torch.split(targets, size), strict=True)
    ]
    return torch.cat(parts)


def judge(logits: Tensor, targets: Tensor) -> Tensor:
    """Return surprise and whether it was foreseen, shape [tokens, 2], of logits [tokens, vocabulary]."""
    losses = functional.cross_entropy(logits, targets, reduction="none")
    foreseen = (logits.detach().argmax(dim=1) == targets).to(losses.dtype)
    return torch.stack((losses, foreseen), dim=1)


def _adjusted(logits: Tensor, config: Any) -> Tensor:
    """Do what some families do to their logits after the last layer (Gemma, Cohere, Granite)."""
    limit = getattr(config, "final_logit_softcapping", None)
    if getattr(config, "logit_scale", None):
        logits = logits * config.logit_scale
    if getattr(config, "logits_scaling", None):
        logits = logits / config.logits_scaling
    return torch.tanh(logits / limit) * limit if limit else logits


@torch.inference_mode()
def _is_understood(model: Any) -> bool:
    """Whether `surprise` says of a model what its own logits say: other families may do more after the last layer."""
    model.gives_whole_logits = False
    known = model.get_input_embeddings().num_embeddings
    ids = (torch.arange(12, device=model.device) * 7 % known)[None]
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    places, targets = torch.arange(11, device=model.device)[None], ids[:, 1:]
    ours = surprise(model, {**inputs, "places": places, "targets": targets})[0, :, 0]
    theirs = functional.cross_entropy(model(**inputs).logits[0, :-1].float(), targets[0], reduction="none")
    return bool(torch.allclose(ours, theirs, atol=_APART, rtol=_APART))
