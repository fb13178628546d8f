"""What the graph of a detector needs to be written: ONNX's own operators for boxes, and transformers' code as it is.

Two things in transformers' code would otherwise keep a graph from being written: checks of values, which a graph does
not have, and `len` of a batch, which would bind the graph to one number of rows.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from ftstudio.engine.vision import pyramid_graph

_SWITCH = "TRANSFORMERS_DISABLE_TORCH_CHECK"
_MOST = 1_000_000  # boxes that may survive


@contextmanager
def traceable(model: nn.Module) -> Iterator[None]:
    """Let the code of a model of transformers be followed, whatever the number of its rows."""
    module: Any = sys.modules[type(model).__module__]
    before = os.environ.get(_SWITCH)
    os.environ[_SWITCH] = "1"
    module.len = _length
    try:
        yield
    finally:
        del module.len
        if before is None:
            del os.environ[_SWITCH]
        else:
            os.environ[_SWITCH] = before


def _length(value: Any) -> Any:
    return value.shape[0] if isinstance(value, Tensor) else len(value)


def translations() -> dict[Any, Callable[..., Any]]:
    """Return how the operators of `pyramid_graph` are written in ONNX."""
    return {
        pyramid_graph.survivors._opoverload: _survivors,
        pyramid_graph.pooled._opoverload: _pooled,
    }


def _operators() -> Any:
    from onnxscript import opset18

    return opset18


def _survivors(boxes: Any, scores: Any, overlap: float, least: float) -> Any:
    op = _operators()
    most = op.Constant(value_ints=[_MOST])
    limits = op.Constant(value_floats=[overlap]), op.Constant(value_floats=[least])
    chosen = op.NonMaxSuppression(boxes, scores, most, *limits)
    none = op.Expand(op.Constant(value_floats=[0.0]), op.Shape(scores))
    one = op.Expand(op.Constant(value_floats=[1.0]), op.Shape(chosen, start=0, end=1))
    return op.Greater(op.ScatterND(none, chosen, one), op.Constant(value_floats=[0.5]))


def _pooled(features: Any, boxes: Any, pictures: Any, scale: float, size: int, samples: int) -> Any:
    return _operators().RoiAlign(
        features,
        boxes,
        pictures,
        coordinate_transformation_mode="output_half_pixel",
        output_height=size,
        output_width=size,
        sampling_ratio=samples,
        spatial_scale=scale,
    )
