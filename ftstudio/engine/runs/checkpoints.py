"""Checkpoints of a run: what learns, the optimisers, the chance, and where the run stands. Never a pickle.

A checkpoint holds only the weights that learn (and the statistics that change with them); the rest is the base model,
whose fingerprint is in the run's request. Folders are built beside and swapped in, so that a kill or a full disk
leaves the one before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ftstudio.core.errors import StudioError
from ftstudio.core.text import text
from ftstudio.engine.layers.freezing import ever_learns
from ftstudio.engine.learning import memory
from ftstudio.engine.learning.optim import Optimisers
from ftstudio.engine.learning.state import TrainingState
from ftstudio.project.atomic import building_folder, recover_folder

WEIGHTS, OPTIMISERS, CHANCE, STATE = "weights.safetensors", "optimisers.safetensors", "chance.safetensors", "state.json"
AVERAGES = "averages.safetensors"


class DamagedCheckpointError(StudioError):
    """A checkpoint is there and cannot be used; the weights of the model are as they were before."""


class UnwrittenCheckpointError(StudioError):
    """A checkpoint could not be written; the one before it is as it was."""


def learned_weights(model: nn.Module) -> dict[str, Tensor]:
    """Return the parameters that learn and the buffers of modules in which something learns."""
    weights = {name: value.detach() for name, value in model.named_parameters() if ever_learns(value)}
    for prefix, module in model.named_modules():
        learns = any(ever_learns(parameter) for parameter in module.parameters(recurse=False))
        for name, buffer in module.named_buffers(recurse=False):
            if learns and name not in module._non_persistent_buffers_set:
                weights[f"{prefix}.{name}".lstrip(".")] = buffer.detach()
    return {name: value.to("cpu").contiguous() for name, value in weights.items()}


def save(
    target: Path, model: nn.Module, state: TrainingState, optimisers: Optimisers | None, scaler: Any = None
) -> None:
    """Write a checkpoint to `target`, replacing the one there when complete.

    `optimisers` None writes the weights only (the best checkpoint, and the last of an ended run). Raises `StudioError`
    when the disk is full, and then the checkpoint that was there is untouched.
    """
    try:
        with building_folder(target, replace=True) as folder:
            save_file(learned_weights(model), folder / WEIGHTS)
            document: dict[str, Any] = {"state": state.model_dump()}
            if optimisers is not None:
                tensors, document["optimisers"] = _flatten(optimisers)
                save_file(tensors, folder / OPTIMISERS)
                save_file(_chance(), folder / CHANCE)
                if optimisers.averages is not None:
                    save_file(optimisers.averages.tensors(), folder / AVERAGES)
                document["scaler"] = scaler.state_dict() if scaler is not None else None
            (folder / STATE).write_text(json.dumps(document), encoding="utf-8")
    except (OSError, SafetensorError) as error:
        if not target.parent.exists():
            raise UnwrittenCheckpointError(
                text("“{path}” is not there any more.", path=str(target.parent)),
                text("It was deleted or moved, or its drive was taken away. Put it back, then resume the run."),
                file=str(target),
            ) from error
        raise UnwrittenCheckpointError(
            text("The checkpoint could not be written: {reason}", reason=str(error)),
            text("The checkpoint before it is kept. Free some disk space, then resume the run."),
            file=str(target),
        ) from error


def restore(source: Path, model: nn.Module, optimisers: Optimisers | None, scaler: Any = None) -> TrainingState:
    """Load a checkpoint into `model` (and `optimisers`, and the chance).

    Raises `DamagedCheckpointError` when it cannot be read, `TooLittleMemoryError` when only memory lacks.
    """
    recover_folder(source)
    try:
        weights = load_file(source / WEIGHTS)
        document = json.loads((source / STATE).read_text(encoding="utf-8"))
        state = TrainingState.model_validate(document["state"])
        _check(weights, model)
        # What has come to its own end is stored without optimisers: nothing will be learned from there on.
        if optimisers is not None and not (state.done and "optimisers" not in document):
            chance = load_file(source / CHANCE)
            _unflatten(optimisers, load_file(source / OPTIMISERS), document["optimisers"])
            if optimisers.averages is not None:
                optimisers.averages.load(load_file(source / AVERAGES))
            if scaler is not None and document["scaler"]:
                scaler.load_state_dict(document["scaler"])
            _restore_chance(chance)
        model.load_state_dict(weights, strict=False)
    except (OSError, SafetensorError, ValueError, LookupError, TypeError, RuntimeError) as error:
        if memory.ran_out(error):
            raise memory.TooLittleMemoryError(
                text("There is too little memory to read the checkpoint in “{folder}”.", folder=source.name),
                text("The checkpoint itself is whole. Close other programs, then resume the run."),
                file=str(source),
            ) from error
        raise DamagedCheckpointError(
            text("The checkpoint in “{folder}” is damaged: {reason}", folder=source.name, reason=str(error)),
            text("The run cannot go on. Start a new one; a model that this run has already kept can still be used."),
            file=str(source),
        ) from error
    return state


def exists(source: Path) -> bool:
    """Whether a checkpoint lies at `source`, after mending what a kill left there."""
    recover_folder(source)
    return source.is_dir()


def _check(weights: Mapping[str, Tensor], model: nn.Module) -> None:
    shapes = {name: value.shape for name, value in model.state_dict().items()}
    for name, value in weights.items():
        if shapes.get(name) != value.shape:
            raise ValueError(f"{name} does not fit the model")


def _flatten(optimisers: Optimisers) -> tuple[dict[str, Tensor], list[dict[str, Any]]]:
    tensors: dict[str, Tensor] = {}
    plain: list[dict[str, Any]] = []
    for at, member in enumerate(optimisers.members):
        numbers: dict[str, Any] = {}
        for index, values in member.state_dict()["state"].items():
            for name, value in values.items():
                key = f"{at}.{index}.{name}"
                if isinstance(value, Tensor):
                    tensors[key] = value.detach().to("cpu").contiguous()
                elif value is not None:
                    numbers[key] = value
        plain.append(numbers)
    return tensors, plain


def _unflatten(optimisers: Optimisers, tensors: Mapping[str, Tensor], plain: list[dict[str, Any]]) -> None:
    for at, member in enumerate(optimisers.members):
        document = member.state_dict()
        state: dict[int, dict[str, Any]] = {}
        for key, value in [*tensors.items(), *plain[at].items()]:
            owner, index, name = key.split(".", 2)
            if int(owner) == at:
                state.setdefault(int(index), {})[name] = value
        document["state"] = state
        member.load_state_dict(document)
        _lay_out_like_weights(member)


def _lay_out_like_weights(optimiser: torch.optim.Optimizer) -> None:
    """Give each moment the memory layout of its weight: fused optimisers pair them by place, not by index."""
    for weight, values in optimiser.state.items():
        for name, value in values.items():
            if isinstance(value, Tensor) and value.shape == weight.shape and value.stride() != weight.stride():
                values[name] = torch.empty_like(weight, dtype=value.dtype).copy_(value)


def _chance() -> dict[str, Tensor]:
    chance = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        chance["cuda"] = torch.cuda.get_rng_state()
    return chance


def _restore_chance(chance: Mapping[str, Tensor]) -> None:
    torch.set_rng_state(chance["cpu"])
    if "cuda" in chance and torch.cuda.is_available():
        torch.cuda.set_rng_state(chance["cuda"])
