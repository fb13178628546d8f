"""The adapters of a LoRA run by themselves: kept beside the finished model, and given away in peft's own form.

A merged model holds them in its weights. What else differs from the base model (the head, a pooling layer of ours)
goes along as modules that peft puts in place whole (`modules_to_save`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from ftstudio.core.errors import StudioError
from ftstudio.core.text import text
from ftstudio.engine import backend
from ftstudio.engine.layers import lora
from ftstudio.engine.runs import write_errors
from ftstudio.engine.runs.trained import TrainedModel
from ftstudio.engine.task import Bundle
from ftstudio.project import atomic
from ftstudio.project.layout import RunLayout

WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"
_PREFIX = "base_model.model."


def keep(bundle: Bundle, run: RunLayout) -> None:
    """Store what the adapters of a model learned in the folder of its run; does nothing for a model without any."""
    learned = lora.adapter_weights(bundle.model)
    if not learned:
        return
    with write_errors.told(run.adapter), atomic.building_folder(run.adapter, replace=True) as folder:
        save_file(learned, folder / WEIGHTS)
        atomic.write_json(folder / CONFIG, lora.strengths(bundle.settings))


def write_adapter(source: TrainedModel, base: Path, target: Path) -> None:
    """Write a folder that `PeftModel.from_pretrained` puts on the base model in `base`; raises `StudioError`.

    A layer whose adapter does not lead from the base to the finished weights (because it began from other ones) goes
    along whole.
    """
    kept = source.layout.adapter
    learned, finished = load_file(kept / WEIGHTS), load_file(source.folder / "model.safetensors")
    strengths = json.loads((kept / CONFIG).read_text(encoding="utf-8"))
    resting = _base_weights(base, finished)
    whole = {_owner(name) for name, value in finished.items() if _differs(value, resting.get(name))}
    adapted = {
        layer
        for layer in {name.rpartition(".lora_")[0] for name in learned}
        if _is_explained(layer, finished, resting, learned, strengths)
    }
    whole -= adapted
    _refuse_nested(adapted, whole)
    tensors = {name: value for name, value in learned.items() if name.rpartition(".lora_")[0] in adapted}
    tensors |= {name: value for name, value in finished.items() if _owner(name) in whole}
    save_file({f"{_PREFIX}{name}": value for name, value in tensors.items()}, target / WEIGHTS, {"format": "pt"})
    atomic.write_json(target / CONFIG, _config(source, strengths, sorted(adapted), sorted(whole)))


def _base_weights(base: Path, finished: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights of the base model by the names they have in the finished one, which may have a prefix."""
    stored: dict[str, Tensor] = {}
    for path in sorted(base.glob("*.safetensors")):
        stored |= load_file(path)
    found = {name: stored.get(name, stored.get(name.partition(".")[2])) for name in finished}
    return {name: value for name, value in found.items() if value is not None}


def _owner(name: str) -> str:
    return name.rpartition(".")[0]


def _differs(finished: Tensor, resting: Tensor | None) -> bool:
    return resting is None or finished.shape != resting.shape or not torch.equal(finished, resting.to(finished.dtype))


def _is_explained(
    layer: str,
    finished: Mapping[str, Tensor],
    resting: Mapping[str, Tensor],
    learned: Mapping[str, Tensor],
    strengths: Mapping[str, int],
) -> bool:
    """Whether the base weights of a layer with its adapter added are the finished ones, but for rounding."""
    weight, bias = f"{layer}.weight", f"{layer}.bias"
    if bias in finished and _differs(finished[bias], resting.get(bias)):
        return False
    if weight not in resting or finished[weight].shape != resting[weight].shape:
        return False
    down, up = learned[f"{layer}.lora_A.weight"], learned[f"{layer}.lora_B.weight"]
    change = (up.flatten(1) @ down.flatten(1)) * (strengths["lora_alpha"] / strengths["r"])
    begun = resting[weight].to(change.dtype)
    ways = [change.reshape(begun.shape)] + ([change.T] if change.T.shape == begun.shape else [])
    return any(torch.allclose(begun + way, finished[weight], rtol=1e-4, atol=1e-5) for way in ways)


def _refuse_nested(adapted: set[str], whole: set[str]) -> None:
    nested = sorted(name for name in whole if any(layer.startswith(f"{name}.") for layer in adapted))
    if nested:
        raise StudioError(
            text("The adapter cannot be given away by itself: {names} changed, too.", names=", ".join(nested)),
            text("Export the merged model instead."),
        )


def _config(source: TrainedModel, strengths: Mapping[str, int], adapted: list[str], whole: list[str]) -> dict[str, Any]:
    backend.prepare()
    from peft import LoraConfig

    rank, alpha = strengths["r"], strengths["lora_alpha"]
    config: Any = LoraConfig(
        r=rank, lora_alpha=alpha, target_modules=adapted, modules_to_save=whole or None, bias="none"
    )
    config.inference_mode, config.base_model_name_or_path = True, source.base
    return {key: sorted(value) if isinstance(value, set) else value for key, value in config.to_dict().items()}
