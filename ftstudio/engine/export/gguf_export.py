"""The folder of a GGUF export: the file itself, and a card that says how to use it."""

from __future__ import annotations

from pathlib import Path

from ftstudio.core.file_names import safe_name
from ftstudio.engine.export.gguf_file import write_gguf
from ftstudio.engine.export.model_card import write_card
from ftstudio.engine.runs.trained import TrainedModel


def write_export(source: TrainedModel, target: Path, kind: str) -> list[Path]:
    """Write the model of a run with weights as `kind` (`gguf_file.FILE_TYPES`) into `target`; returns the files.

    Raises `InputError` if the model has no form in GGUF, `OSError` if it cannot be written.
    """
    path = target / f"{safe_name(source.name) or 'model'}-{kind}.gguf"
    story = {"name": source.name, "basename": source.base, "license": source.licence}
    write_gguf(source.folder, path, kind, story)
    write_card(source, target, "gguf", _USAGE.format(name=path.name))
    return sorted(target.iterdir())


_USAGE = """
# llama.cpp:   llama-cli -m "{name}"
# Ollama:      write the line  FROM ./{name}  into a file Modelfile, then  ollama create my-model -f Modelfile
# In Python, needs: pip install llama-cpp-python
from llama_cpp import Llama

model = Llama("{name}")
print(model("Once upon a time", max_tokens=40)["choices"][0]["text"])
"""
