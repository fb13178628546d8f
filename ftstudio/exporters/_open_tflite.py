"""The part of the program of an export (`_predict.py`) that is another one where TensorFlow Lite runs the network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np


def open_network(folder: Path, recipe: dict[str, Any]) -> Any:
    """Return what turns the inputs of one row, by name, into its logits."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(folder / "model.tflite"))
    interpreter.allocate_tensors()
    places = sorted(interpreter.get_input_details(), key=lambda place: place["name"])
    answer = interpreter.get_output_details()[0]["index"]
    names = recipe["inputs"] if recipe["kind"] == "text" else ["pixel_values"]

    def run(inputs: dict[str, Any]) -> Any:
        for name, place in zip(names, places, strict=True):
            whole = np.full(place["shape"], recipe["pad"] if name == "input_ids" else 0, place["dtype"])
            whole[:, : inputs[name].shape[1]] = inputs[name]  # texts have one length here: the rest is padding
            interpreter.set_tensor(place["index"], whole)
        interpreter.invoke()
        return interpreter.get_tensor(answer)[0]

    return run
