"""Which device computes, and in which precision: only what the hardware really does.

A wish that cannot be met is refused with a reason; nothing falls back silently.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch

from ftstudio.core.errors import InputError
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.text import text


@dataclass(frozen=True)
class Hardware:
    """Where and how a run computes; `precision` is `fp32`, `bf16` or `fp16`."""

    device: torch.device
    precision: str

    @property
    def dtype(self) -> torch.dtype:
        """The type of the heavy products."""
        return {"bf16": torch.bfloat16, "fp16": torch.float16}.get(self.precision, torch.float32)

    def autocast(self) -> Any:
        """Return the context in which a forward pass runs without the optimiser (evaluation, features)."""
        return torch.autocast(self.device.type, dtype=self.dtype, enabled=self.precision != "fp32")

    def describe(self) -> str:
        """Name the device as the status bar shows it."""
        if self.device.type == "cuda":
            return torch.cuda.get_device_name(self.device)
        return {"cpu": "CPU", "mps": "Apple GPU"}.get(self.device.type, self.device.type)


def choose(settings: TrainingSettings) -> Hardware:
    """Return the hardware for `settings`; raises `InputError` where the wish cannot be met."""
    device = torch.device(_device(settings.device))
    return Hardware(device, _precision(settings.precision, device))


def _device(wish: str) -> str:
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wish == "auto":
        return next(name for name in ("cuda", "mps", "cpu") if there[name])
    if not there[wish]:
        raise InputError(
            text("The device “{device}” cannot be used on this computer.", device=wish),
            text("Choose “auto” or “cpu”. `ftstudio doctor` tells what is missing."),
            field="device",
        )
    return wish


def _precision(wish: str, device: torch.device) -> str:
    if wish == "fp16" and device.type != "cuda":
        raise InputError(
            text("float16 training needs a graphics card."),
            text("Choose the precision “auto” or “fp32”."),
            field="precision",
        )
    if wish != "auto":
        return wish
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    return "bf16" if device.type == "cpu" and cpu_computes_in_bf16() else "fp32"


def cpu_computes_in_bf16() -> bool:
    """Whether this processor multiplies in bfloat16 itself (AMX or AVX-512 BF16), rather than converting."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return False
    checks = (getattr(torch.cpu, name, None) for name in ("_is_amx_tile_supported", "_is_avx512_bf16_supported"))
    return any(check() for check in checks if check is not None)


@cache
def computes_in_tiles() -> bool:
    """Whether there are matrix units that like sizes in multiples of 8: a graphics card's, Apple's, or AMX."""
    amx: Any = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return torch.cuda.is_available() or torch.backends.mps.is_available() or bool(amx is not None and amx())


def memory_in_use(device: torch.device) -> int:
    """Return the bytes that tensors hold on a graphics card, 0 elsewhere."""
    return int(torch.cuda.memory_allocated(device)) if device.type == "cuda" else 0
