"""Turns an exported torch program into a TensorFlow Lite file; runs by path in the converter's own environment."""

from __future__ import annotations

import sys


def main() -> None:
    """Convert the program in the first file, with the example inputs in the second, into the third."""
    import litert_torch
    import torch

    program, inputs, target = sys.argv[1:]
    module = torch.export.load(program).module()
    litert_torch.convert(module, torch.load(inputs, weights_only=True)).export(target)


if __name__ == "__main__":
    main()
