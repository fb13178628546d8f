"""Model folders written byte by byte, so that tests can break each part on its own."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BERT: dict[str, Any] = {
    "model_type": "bert",
    "architectures": ["BertModel"],
    "hidden_size": 8,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "max_position_embeddings": 32,
    "vocab_size": 20,
    "pad_token_id": 0,
}
SHAPES: dict[str, tuple[int, ...]] = {
    "embeddings.word_embeddings.weight": (20, 8),
    "embeddings.position_embeddings.weight": (32, 8),
    "encoder.layer.0.output.dense.weight": (8, 16),
    "encoder.layer.1.output.dense.weight": (8, 16),
    "pooler.dense.weight": (8, 8),
}


def safetensors(shapes: Mapping[str, tuple[int, ...]]) -> bytes:
    """Return a valid file of float32 zeros."""
    header, position = {}, 0
    for name, shape in shapes.items():
        size = 4
        for side in shape:
            size *= side
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [position, position + size]}
        position += size
    return with_header(header, bytes(position))


def with_header(header: Any, data: bytes) -> bytes:
    """Return a file with any header at all, JSON or raw bytes."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(raw)) + raw + data


def model_folder(folder: Path, config: Mapping[str, Any] | None = None, **files: str | bytes) -> Path:
    """Write a small whole model; `files` add or replace others, named with `__` for a dot."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({**BERT, **(config or {})}), encoding="utf-8")
    (folder / "model.safetensors").write_bytes(safetensors(SHAPES))
    (folder / "vocab.txt").write_text("[PAD]\n", encoding="utf-8")
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name.replace("__", ".")).write_bytes(data)
    return folder
