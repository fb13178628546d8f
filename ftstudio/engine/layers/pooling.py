"""Mean pooling for sentence encoders, as one more ordinary layer of the model.

Sentence encoders were trained with the mean over tokens; a classifier on the first token with a fresh pooler loses
many points on small data. Plain transformers has no mean-pooled head for them, so the mean is built from what it has:
a layer whose query and key weights are zero attends to all tokens alike, and with identity values it hands the mean
to the first token. The exported folder is an ordinary model with one layer more, and nothing of ours is needed to
run it. While training, the layer computes only the first token, which gives the same and costs nearly nothing.
"""

from __future__ import annotations

import types
from typing import Any

import torch
from torch import Tensor, nn

MODEL_TYPES = frozenset({"bert", "roberta", "xlm-roberta", "camembert"})
_SHARPNESS = 32.0  # weight of the mean against the first token's own state, which the residual path adds
_POOLER_SCALE = 0.1  # keeps tanh of the pooler nearly linear


def suits(model_type: str, pooling: str) -> bool:
    """Whether a model of this type that was made with this pooling gets the layer."""
    return pooling == "mean" and model_type in MODEL_TYPES


@torch.no_grad()
def initialise(model: nn.Module) -> None:
    """Turn the last layer of `model` (a sequence classifier with one layer added) into mean pooling."""
    layer = _last_layer(model)
    attention = layer.attention.self
    for linear in (attention.query, attention.key):
        linear.weight.zero_()
        linear.bias.zero_()
    _identity(attention.value, _SHARPNESS)
    _identity(layer.attention.output.dense, 1.0)
    layer.output.dense.weight.zero_()
    layer.output.dense.bias.zero_()
    for norm in (layer.attention.output.LayerNorm, layer.output.LayerNorm):
        norm.weight.fill_(1.0)
        norm.bias.zero_()
    _identity(_pooler(model), _POOLER_SCALE)


def speed_up(model: nn.Module) -> None:
    """Make the pooling layer compute only the first token; call it on every model loaded for work here."""
    layer = _last_layer(model)
    for linear in (layer.attention.self.query, layer.attention.self.key):
        for parameter in linear.parameters():
            parameter.fixed = True
    layer.forward = types.MethodType(_first_token_only, layer)


def is_pooling_layer(model: nn.Module) -> bool:
    """Whether the last layer attends to all tokens alike, as `initialise` made it."""
    attention = _last_layer(model).attention.self
    return not any(bool(linear.weight.any()) or bool(linear.bias.any()) for linear in (attention.query, attention.key))


def _first_token_only(
    layer: Any, hidden_states: Tensor, attention_mask: Tensor | None = None, *_: Any, **__: Any
) -> Tensor:
    """Compute what the whole layer computes for the first token; shape [rows, 1, hidden]."""
    mean = _mean_over_tokens(hidden_states, attention_mask)
    attended = layer.attention.self.value(mean)
    states: Tensor = layer.attention.output(attended, hidden_states[:, :1])
    result: Tensor = layer.feed_forward_chunk(states)
    return result


def _mean_over_tokens(states: Tensor, mask: Tensor | None) -> Tensor:
    if mask is None:
        return states.mean(dim=1, keepdim=True)
    row = mask[:, 0, 0, :]
    counts = (row if row.dtype == torch.bool else row == 0).unsqueeze(-1).to(states.dtype)
    return (states * counts).sum(dim=1, keepdim=True) / counts.sum(dim=1, keepdim=True)


def _last_layer(model: Any) -> Any:
    return getattr(model, model.base_model_prefix).encoder.layer[-1]


def _pooler(model: Any) -> nn.Linear:
    pooler = getattr(getattr(model, model.base_model_prefix), "pooler", None)
    linear: nn.Linear = pooler.dense if pooler is not None else model.classifier.dense
    return linear


def _identity(linear: nn.Linear, scale: float) -> None:
    nn.init.eye_(linear.weight)
    linear.weight.mul_(scale)
    nn.init.zeros_(linear.bias)
