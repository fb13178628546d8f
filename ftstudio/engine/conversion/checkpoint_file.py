"""Opens a `.pth` file without running anything in it: only tensors in plain containers come out."""

from __future__ import annotations

import math
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ftstudio.core.errors import InputError
from ftstudio.core.text import Text, text

_WRAPPERS = ("state_dict", "model_state_dict", "model", "model_ema", "net")


def read_state(path: Path) -> dict[str, Tensor]:
    """Return the weights of a checkpoint by name, as `state_dict` names them.

    Training wrappers around the weights and the `module.` of parallel training are taken off. Raises `InputError`
    for a file that is damaged, that would need to run code, or that holds no weights.
    """
    content = _load(path)
    for wrapper in _WRAPPERS:
        if isinstance(content, Mapping) and isinstance(content.get(wrapper), Mapping):
            content = content[wrapper]
    if not isinstance(content, Mapping) or not content:
        raise _no_weights(path)
    if not all(isinstance(key, str) and isinstance(value, Tensor) for key, value in content.items()):
        raise _no_weights(path)
    state = {key.removeprefix("module."): value for key, value in content.items()}
    _refuse_not_finite(path, state)
    return state


def _load(path: Path) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if "unsupported" in str(error).lower():
            raise _refusal(
                path,
                text("The file {name} holds more than weights: opening it would run program code.", name=path.name),
                text("It was not opened. Ask its maker for the weights alone (a “state dict”) or as safetensors."),
            ) from error
        raise _damaged(path) from error
    except OSError as error:
        raise _refusal(
            path,
            text("The file {name} cannot be read: {reason}.", name=path.name, reason=error.strerror or str(error)),
            text("Check that the file exists and that you may read it."),
        ) from error
    except Exception as error:  # a damaged file fails anywhere inside the reader, with almost any exception
        raise _damaged(path) from error


def _refuse_not_finite(path: Path, state: Mapping[str, Tensor]) -> None:
    for name, value in state.items():
        if value.is_floating_point() and not math.isfinite(value.sum(dtype=torch.float64).item()):
            raise _refusal(
                path,
                text("The weight “{weight}” in {name} holds values that are not numbers.", weight=name, name=path.name),
                text("The training that made this file went wrong. Choose another checkpoint."),
            )


def _damaged(path: Path) -> InputError:
    return _refusal(
        path,
        text("The file {name} is not a PyTorch checkpoint, or it is damaged.", name=path.name),
        text("Copy or download it again; an interrupted download is the usual cause."),
    )


def _no_weights(path: Path) -> InputError:
    return _refusal(
        path,
        text("The file {name} does not hold the weights of a network.", name=path.name),
        text("A file saved with “torch.save(model.state_dict(), …)” is needed."),
    )


def _refusal(path: Path, message: Text, hint: Text) -> InputError:
    return InputError(message, hint, file=str(path))
