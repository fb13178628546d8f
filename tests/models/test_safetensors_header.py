"""The header is believed only when everything in it fits the file."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftstudio.core.errors import InputError
from ftstudio.models.safetensors_header import read_header
from tests.models.folders import safetensors, with_header

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
ENTRY = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F32", "F16", "I64", "XX", ""]) | st.integers(),
        "shape": st.lists(st.integers(-2, 2**70), max_size=4) | ANY_JSON,
        "data_offsets": st.lists(st.integers(-2, 2**70), max_size=3) | ANY_JSON,
    }
)


def _entry(begin: int, end: int, shape: list[int], dtype: str = "F32") -> dict:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def _write(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "model.safetensors"
    path.write_bytes(data)
    return path


def test_names_types_and_shapes_are_read(tmp_path: Path) -> None:
    header = read_header(_write(tmp_path, safetensors({"b": (2, 3), "a": (), "empty": (0, 4)})))

    assert header.shapes == {"b": (2, 3), "a": (), "empty": (0, 4)}
    assert header.tensors["b"].dtype == "F32"
    assert (header.tensors["b"].begin, header.tensors["b"].end) == (0, 24)


def test_it_agrees_with_the_safetensors_library(tmp_path: Path) -> None:
    import numpy as np
    from safetensors import safe_open
    from safetensors.numpy import save_file

    path = tmp_path / "model.safetensors"
    values = {"x": np.zeros((3, 5), np.float16), "y": np.ones(7, np.int64), "z": np.zeros((), np.bool_)}
    save_file(values, path, {"format": "pt"})

    with safe_open(path, "numpy") as library:
        shapes = {name: tuple(library.get_slice(name).get_shape()) for name in library.keys()}  # noqa: SIM118
        assert read_header(path).shapes == shapes
        assert read_header(path).metadata == library.metadata()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0\0",
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 10) + b"{}",
        with_header(b"not json", b""),
        with_header(b"[]", b""),
        with_header(b"\xff\xfe", b""),
        with_header(b'{"a": 1, "a": 2}', b""),
        with_header(b"[" * 100_000, b""),
        with_header({"__metadata__": {"a": 1}}, b""),
        with_header({"a": 3}, b""),
        with_header({"a": _entry(0, 4, [1], "F99")}, bytes(4)),
        with_header({"a": _entry(0, 4, [-1])}, bytes(4)),
        with_header({"a": _entry(0, 4, [True])}, bytes(4)),
        with_header({"a": _entry(0, 4, [1.0])}, bytes(4)),
        with_header({"a": _entry(0, 8, [1])}, bytes(8)),
        with_header({"a": _entry(4, 0, [1])}, bytes(4)),
        with_header({"a": _entry(0, 8, [2])}, bytes(4)),
        with_header({"a": _entry(0, 4, [1])}, bytes(5)),
        with_header({"a": _entry(0, 8, [2]), "b": _entry(4, 12, [2])}, bytes(12)),
        with_header({"a": _entry(0, 4, [1]), "b": _entry(8, 12, [1])}, bytes(12)),
        with_header({"a": _entry(0, 4, [2**62, 4])}, bytes(4)),
    ],
)
def test_anything_that_does_not_fit_is_refused(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refusal:
        read_header(_write(tmp_path, data))

    assert refusal.value.hint is not None
    assert refusal.value.where.file == str(tmp_path / "model.safetensors")


def test_every_truncation_is_refused(tmp_path: Path) -> None:
    whole = safetensors({"a": (2, 2), "b": (3,)})

    for length in range(len(whole)):
        with pytest.raises(InputError):
            read_header(_write(tmp_path, whole[:length]))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_header(tmp_path / "absent.safetensors")


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    header=st.dictionaries(st.text(max_size=10), ENTRY | ANY_JSON, max_size=4) | ANY_JSON,
    data=st.binary(max_size=40),
)
def test_any_header_is_read_whole_or_refused(header: object, data: bytes, tmp_path: Path) -> None:
    path = _write(tmp_path, with_header(json.dumps(header).encode(), data))

    try:
        tensors = read_header(path).tensors
    except InputError:
        return
    assert sum(tensor.end - tensor.begin for tensor in tensors.values()) == len(data)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(data: bytes, tmp_path: Path) -> None:
    try:
        read_header(_write(tmp_path, data))
    except InputError:
        return
