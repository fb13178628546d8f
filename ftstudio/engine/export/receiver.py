"""Stands for the person who receives an exported model: a program of its own that knows nothing of ftstudio.

Run by path. Reads one JSON object from stdin: `loader` (a Python file with a class `Model(folder)` that has `labels`,
`logits(row)`, perhaps `decided(logits)`, `written(row)` and `beside(rows)`), `folder`, `rows`, `write` (how many of
them to rewrite), `extra` (more arguments for the class), `without` (names of libraries to take away first), and
`compat` (a Python file that makes a mismatched torchvision importable; it does nothing where torchvision is whole;
empty where no torchvision is needed). Writes one JSON line to stdout.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import statistics
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

PROGRAM = "ftstudio"
_LIBRARIES = {
    "torch": "torch",
    "transformers": "transformers",
    "torchvision": "torchvision",
    "timm": "timm",
    "peft": "peft",
    "gguf": "gguf",
    "onnxruntime": "onnxruntime",
    "ai_edge_litert": "ai-edge-litert",
    "tokenizers": "tokenizers",
    "PIL": "pillow",
    "numpy": "numpy",
}


def main() -> None:
    """Answer the request on stdin, then end."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print must not enter the answer
    request = json.load(sys.stdin)
    for name in request["without"]:
        sys.modules[name] = None  # type: ignore[assignment]  # so that importing it fails, as where it is not installed
    answers.write(json.dumps(answer(request)) + "\n")
    answers.flush()


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Return what the export says of `rows`.

    `labels`; `logits` of shape [rows, labels], or [rows, words, labels]; `answers` (known, and label or a list of them)
    where the export decides itself, else None; `written`, a text for each of the first rows, where the export
    writes itself, else None; `milliseconds`, the median time of one row; `beside`, what a loader
    that has the original says of both; `runs_with`, versions; `imported`, libraries that were used.
    """
    if request["compat"]:
        _module("compat", request["compat"]).ensure()
    loader = _module("loader", request["loader"])
    model = loader.Model(Path(request["folder"]), *request["extra"])
    rows = request["rows"]
    logits, times = [], []
    if rows:
        model.logits(rows[0])  # the first answer of all also pays for what is made once
    for row in rows:
        began = time.perf_counter()
        logits.append(model.logits(row))
        times.append(1000 * (time.perf_counter() - began))
    decided = None
    if hasattr(model, "decided"):
        decided = [{key: one[key] for key in ("label", "known")} for one in map(model.decided, logits)]
    return {
        "labels": list(model.labels),
        "logits": logits,
        "answers": decided,
        "written": list(map(model.written, rows[: request.get("write", 0)])) if hasattr(model, "written") else None,
        "milliseconds": statistics.median(times) if times else 0.0,
        "beside": model.beside(rows) if hasattr(model, "beside") else {},
        "runs_with": {"python": platform.python_version(), **_versions()},
        "imported": sorted({name.partition(".")[0] for name in list(sys.modules) if sys.modules.get(name) is not None}),
    }


def _module(name: str, path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name, package in _LIBRARIES.items():
        if sys.modules.get(name) is not None:
            try:
                found[package] = version(package)
            except PackageNotFoundError:
                found[package] = str(getattr(sys.modules[name], "__version__", "?"))
    return found


if __name__ == "__main__":
    main()
