"""Stands for the person who receives an exported model: a program of its own that knows nothing of ftstudio.

Run by path. Reads one JSON object from stdin: `loader` (a Python file with `predict(folder, rows)`), `folder`, `rows`,
and `compat` (a Python file that makes a mismatched torchvision importable; it does nothing where torchvision is whole).
Writes one JSON line to stdout: what `predict` returned, plus the versions of the libraries it used.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any


def main() -> None:
    """Answer the request on stdin, then end."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print must not enter the answer
    request = json.load(sys.stdin)
    answers.write(json.dumps(answer(request)) + "\n")
    answers.flush()


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Return the predictions for `rows`: `labels`, `logits` of shape [rows, labels], `runs_with` versions."""
    compat = _module("compat", request["compat"])
    compat.ensure()
    loader = _module("loader", request["loader"])
    predicted: dict[str, Any] = loader.predict(Path(request["folder"]), request["rows"])
    foreign = sorted(name for name in sys.modules if name.split(".")[0] == "ftstudio")
    return predicted | {"runs_with": _versions(), "foreign": foreign}


def _module(name: str, path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _versions() -> dict[str, str]:
    libraries = ("torch", "transformers", "torchvision", "timm")
    return {name: sys.modules[name].__version__ for name in libraries if name in sys.modules}


if __name__ == "__main__":
    main()
