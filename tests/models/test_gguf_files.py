"""GGUF files are described by their header alone, and refused in words where they are damaged or of another kind."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
import pytest

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.translation import english
from ftstudio.engine.conversion.gguf_network import FAMILIES as KNOWN
from ftstudio.models import gguf_files, library
from ftstudio.models.compatibility import fits


def _write(path: Path, architecture: str = "llama", change: Callable[[gguf.GGUFWriter], None] | None = None) -> Path:
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_block_count(2)
    writer.add_embedding_length(64)
    writer.add_context_length(128)
    writer.add_license("apache-2.0")
    writer.add_token_list(["a", "b", "c"])
    writer.add_chat_template("{{ messages }}")
    if change:
        change(writer)
    chance = np.random.default_rng(1)
    for name in ("token_embd.weight", "output.weight"):
        weight = gguf.quants.quantize(chance.normal(size=(3, 64)).astype(np.float32), gguf.GGMLQuantizationType.Q4_0)
        writer.add_tensor(name, weight, raw_dtype=gguf.GGMLQuantizationType.Q4_0)
    writer.add_tensor("output_norm.weight", np.ones(64, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_a_file_is_described_by_its_header(tmp_path: Path) -> None:
    record = library.read_model(_write(tmp_path / "small.gguf"))

    assert (record.name, record.source, record.family, record.licence) == ("small", "gguf", "llama", "apache-2.0")
    assert (record.layers, record.hidden_size, record.vocabulary, record.max_length) == (2, 64, 3, 128)
    assert record.parameters == 2 * 3 * 64 + 64
    assert record.needs_preparing
    with english():
        loss, template = map(str, record.notes)
    assert "Q4_0, 4.5 bits" in loss
    assert "template" in template
    assert fits(record, catalog.tasks().spec("text-generation")) is None
    assert fits(record, catalog.tasks().spec("image-classification")) is not None


def test_it_is_found_beside_folders(tmp_path: Path) -> None:
    (tmp_path / "maker").mkdir()
    _write(tmp_path / "maker" / "small.GGUF")
    (tmp_path / "broken.gguf").write_bytes(b"GGUF")

    found = library.find_models([tmp_path])

    assert [record.name for record in found.models if record.source == "gguf"] == ["small"]
    assert [item.path.name for item in found.broken] == ["broken.gguf"]


@pytest.mark.parametrize(
    ("kind", "bits", "words"), [("F16", 16, "nothing"), ("Q8_0", 8.5, "hardly"), ("Q2_K", 2.6, "every")]
)
def test_what_was_lost_is_said(kind: str, bits: float, words: str) -> None:
    with english():
        assert words in str(gguf_files.loss_in_words(kind, bits))


def test_the_families_are_those_that_can_be_turned_into_folders() -> None:
    assert set(gguf_files.FAMILIES) == set(KNOWN)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data[:-1], "cut off: "),
        (lambda data: data[: len(data) // 3], "cut off"),
        (lambda data: data[:3], "damaged|no GGUF"),
        (lambda data: b"", "damaged"),
        (lambda data: b"PK\x03\x04" + data[4:], "no GGUF"),
        (lambda data: data[:4] + struct.pack("<I", 9) + data[8:], "version"),
        (lambda data: data[:8] + struct.pack("<Q", 2**40) + data[16:], "damaged"),
        (lambda data: data[:16] + struct.pack("<Q", 2**40) + data[24:], "damaged"),
        (lambda data: data[:24] + struct.pack("<Q", 2**60) + data[32:], "damaged"),
    ],
)
def test_damaged_files_are_refused(change: Callable[[bytes], bytes], words: str, tmp_path: Path) -> None:
    path = _write(tmp_path / "small.gguf")
    path.write_bytes(change(path.read_bytes()))

    with pytest.raises(InputError, match=words) as refused:
        library.read_model(path)

    assert "small.gguf" in str(refused.value)
    assert refused.value.hint is not None


@pytest.mark.parametrize(
    ("architecture", "change", "words"),
    [
        ("mamba", None, "mamba"),
        ("llama", lambda writer: writer.add_uint16("split.count", 3), "several parts"),
        ("llama", lambda writer: writer.add_type("adapter"), "part of a model"),
    ],
)
def test_other_kinds_are_refused(
    architecture: str, change: Callable[[gguf.GGUFWriter], None] | None, words: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=words):
        library.read_model(_write(tmp_path / "other.gguf", architecture, change))
