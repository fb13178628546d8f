"""Runs in a child process for `doctor`: imports torch and torchvision and tells what they can do here.

A broken build of either can end a process without a word, so the parent only ever reads this one's answer.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def main() -> int:
    """Print one JSON document about torch and torchvision as the last line of standard output."""
    answer: dict[str, Any] = {}
    for part in (_torch, _torchvision):
        try:
            answer |= part()
        except Exception as error:
            answer[f"{part.__name__.strip('_')}_error"] = f"{type(error).__name__}: {error}"[:400]
    print(json.dumps(answer), flush=True)
    # Leaving by `sys.exit` would run the destructors of CUDA, which is slow and, when broken, noisy.
    sys.stdout.flush()
    os._exit(0)


def _torch() -> dict[str, Any]:
    import torch

    answer: dict[str, Any] = {"torch": torch.__version__, "threads": torch.get_num_threads()}
    answer["built_for"] = torch.version.cuda or getattr(torch.version, "hip", None) or "cpu"
    if torch.cuda.is_available():
        properties = torch.cuda.get_device_properties(0)
        answer["accelerator"] = {
            "device": "cuda",
            "name": properties.name,
            "memory_bytes": properties.total_memory,
            "count": torch.cuda.device_count(),
        }
    elif torch.backends.mps.is_available():
        answer["accelerator"] = {"device": "mps", "name": "Apple GPU", "memory_bytes": 0, "count": 1}
    return answer


def _torchvision() -> dict[str, Any]:
    import importlib.metadata

    from ftstudio.engine.vision.torchvision_compat import ensure

    way = ensure()
    import torchvision

    return {
        "torchvision": torchvision.__version__,
        "native_operators": way == "native",
        "paired_with": next(
            (
                line.partition(";")[0].removeprefix("torch").strip(" ()=")
                for line in importlib.metadata.requires("torchvision") or []
                if line.startswith("torch") and line[5:6] in " =("
            ),
            "",
        ),
    }
