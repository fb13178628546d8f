"""Makes torchvision importable beside a torch it was not built for.

PyPI's torchvision for Linux is a CUDA build. Beside a CPU torch its compiled operators cannot load, `import
torchvision` dies with “operator torchvision::nms does not exist”, and with it every transformers model. Where the
compiled operators load, nothing here does anything; elsewhere non-maximum suppression and RoI align are supplied in
plain torch, following the compiled operators' rules (parity is tested on recorded values).
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  (the field's name for it)
from torch import Tensor

_LIBRARIES: list[Any] = []  # operators vanish when their library object is collected


def ensure() -> Literal["already", "native", "fallback"]:
    """Import torchvision, with substitutes where its compiled operators cannot load; say which way was taken."""
    if "torchvision" in sys.modules:
        return "already"
    if compiled_operators_load():
        importlib.import_module("torchvision")
        return "native"
    _define_operators()
    importlib.import_module("torchvision")
    sys.modules["torchvision.ops.boxes"]._assert_has_ops = lambda: None  # type: ignore[attr-defined]
    sys.modules["torchvision.ops.roi_align"]._roi_align = roi_align  # type: ignore[attr-defined]
    return "fallback"


def compiled_operators_load() -> bool:
    """Whether torchvision's shared library loads into this torch."""
    spec = importlib.util.find_spec("torchvision")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("torchvision")
    folder = Path(next(iter(spec.submodule_search_locations)))
    operators: Any = torch.ops
    libraries = [path for path in folder.glob("_C*") if path.suffix in (".so", ".pyd", ".dylib")]
    try:
        for library in libraries:
            operators.load_library(str(library))
    except OSError:
        return False
    return bool(libraries)


def _define_operators() -> None:
    library: Any = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    boxes = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
    library.define(f"nms{boxes}")
    library.define(f"qnms{boxes}")
    library.define(
        "roi_align(Tensor input, Tensor rois, float spatial_scale, int pooled_height, int pooled_width, "
        "int sampling_ratio, bool aligned) -> Tensor"
    )
    library.impl("nms", nms, "CompositeExplicitAutograd")
    _LIBRARIES.append(library)


def nms(dets: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Greedy non-maximum suppression.

    Args:
        dets: boxes as x1, y1, x2, y2, shape [n, 4].
        scores: shape [n].
        iou_threshold: a box is dropped when its IoU with a better one is strictly greater.

    Returns:
        Indices of the boxes kept, best first, int64, shape [kept].
    """
    order = torch.sort(scores, stable=True, descending=True)[1]
    x1, y1, x2, y2 = np.ascontiguousarray(dets[order].detach().cpu().double().numpy().T)
    area = (x2 - x1) * (y2 - y1)
    alive = np.ones(len(order), dtype=bool)
    kept = []
    for i in range(len(order)):
        if not alive[i]:
            continue
        kept.append(i)
        rest = np.flatnonzero(alive[i + 1 :]) + i + 1
        width = np.minimum(x2[i], x2[rest]) - np.maximum(x1[i], x1[rest])
        height = np.minimum(y2[i], y2[rest]) - np.maximum(y1[i], y1[rest])
        shared = np.maximum(width, 0) * np.maximum(height, 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            alive[rest[shared / (area[i] + area[rest] - shared) > iou_threshold]] = False
    return order[torch.as_tensor(kept, dtype=torch.long, device=order.device)]


def roi_align(
    features: Tensor,
    rois: Tensor,
    spatial_scale: float,
    pooled_height: int,
    pooled_width: int,
    sampling_ratio: int,
    aligned: bool,
) -> Tensor:
    """RoI align by `grid_sample`: differentiable, light on memory, equal to the compiled operator within 3e-6.

    Args:
        features: shape [n, channels, height, width].
        rois: image index and box in image pixels, shape [boxes, 5].
        spatial_scale: feature pixels per image pixel.
        pooled_height: rows of the output grid.
        pooled_width: columns of the output grid.
        sampling_ratio: samples a cell in each direction; 0 or less adapts to the box.
        aligned: whether to shift by half a pixel, as newer detectors do.

    Returns:
        Shape [boxes, channels, pooled_height, pooled_width].
    """
    size = (pooled_height, pooled_width)
    image = rois[:, 0].long()
    x1, y1, x2, y2 = (rois[:, 1:] * spatial_scale - (0.5 if aligned else 0.0)).unbind(1)
    smallest = -torch.inf if aligned else 1.0
    cell_width = (x2 - x1).clamp(min=smallest) / pooled_width
    cell_height = (y2 - y1).clamp(min=smallest) / pooled_height
    parts, places = [features.new_zeros((0, features.shape[1], *size))], [image.new_zeros(0)]
    for index in range(features.shape[0]):
        for chunk in _chunks(torch.nonzero(image == index)[:, 0], sampling_ratio):
            grid = (_samples(cell_height[chunk], sampling_ratio), _samples(cell_width[chunk], sampling_ratio))
            corners = (y1[chunk], x1[chunk], cell_height[chunk], cell_width[chunk])
            parts.append(_pool_one_image(features[index], corners, size, grid))
            places.append(chunk)
    pooled = features.new_zeros((rois.shape[0], features.shape[1], *size)) + features.sum() * 0
    return pooled.index_copy(0, torch.cat(places), torch.cat(parts))


def _chunks(indices: Tensor, sampling_ratio: int) -> tuple[Tensor, ...]:
    """Boxes that can share one grid: many where the ratio is fixed, one by one where it adapts."""
    return torch.split(indices, 64 if sampling_ratio > 0 else 1) if len(indices) else ()


def _samples(cell: Tensor, sampling_ratio: int) -> int:
    return sampling_ratio if sampling_ratio > 0 else max(int(torch.ceil(cell.max())), 1)


def _pool_one_image(
    features: Tensor, corners: tuple[Tensor, Tensor, Tensor, Tensor], size: tuple[int, int], grid: tuple[int, int]
) -> Tensor:
    channels, height, width = features.shape
    y1, x1, cell_height, cell_width = corners
    y = y1[:, None] + _offsets(size[0], grid[0], features) * cell_height[:, None]
    x = x1[:, None] + _offsets(size[1], grid[1], features) * cell_width[:, None]
    inside_y, inside_x = (y >= -1) & (y <= height), (x >= -1) & (x <= width)
    along_y = (y.clamp(0, height - 1) + 0.5) * 2 / height - 1
    along_x = (x.clamp(0, width - 1) + 0.5) * 2 / width - 1
    boxes, rows, columns = y.shape[0], y.shape[1], x.shape[1]
    points = torch.stack(
        (along_x[:, None, :].expand(boxes, rows, columns), along_y[:, :, None].expand(boxes, rows, columns)), -1
    ).reshape(1, boxes * rows, columns, 2)
    values = F.grid_sample(features[None], points, padding_mode="border", align_corners=False)[0]
    values = values.reshape(channels, boxes, rows, columns)
    values = values * (inside_y[:, :, None] & inside_x[:, None, :]).to(values.dtype)[None]
    cells = values.reshape(channels, boxes, size[0], grid[0], size[1], grid[1])
    return cells.mean((3, 5)).transpose(0, 1)


def _offsets(cells: int, samples: int, like: Tensor) -> Tensor:
    """Positions of the samples along one axis, in cells, shape [cells * samples]."""
    within = (torch.arange(samples, device=like.device, dtype=like.dtype) + 0.5) / samples
    return (torch.arange(cells, device=like.device, dtype=like.dtype)[:, None] + within[None]).reshape(-1)
