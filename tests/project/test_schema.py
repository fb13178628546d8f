"""Project files that were truncated, tampered with or made by another version are refused, naming every bad field."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftstudio.core.errors import InputError
from ftstudio.core.settings import Overrides
from ftstudio.project import migrations
from ftstudio.project.schema import DataReference, ModelReference, ProjectFile, read_project_file

GOOD: dict[str, Any] = {
    "format_version": 1,
    "name": "Contracts – ü",
    "task": "text-classification",
    "model": {"name": "org/mini-lm", "source": "starter:minilm", "fingerprint": "abc"},
    "data": {"name": "reviews.csv", "fingerprint": "123", "imported": "2026-11-22T10:00:00+00:00"},
    "settings": {"preset": "quick", "values": {"learning_rate": 1e-4, "epochs": 3}},
    "created": "2026-11-22T10:00:00+00:00",
    "notes": "",
}


def refused(tmp_path: Path, content: bytes | str | dict[str, Any]) -> InputError:
    path = tmp_path / "project.ftstudio"
    if isinstance(content, dict):
        content = json.dumps(content)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    before = path.read_bytes()
    with pytest.raises(InputError) as caught:
        read_project_file(path)
    assert path.read_bytes() == before
    assert "project.ftstudio" in str(caught.value)
    assert caught.value.hint is not None
    assert caught.value.where.file == str(path)
    return caught.value


def changed(**fields: Any) -> dict[str, Any]:
    return {**GOOD, **fields}


def test_good_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "project.ftstudio"
    path.write_text(json.dumps(GOOD), encoding="utf-8")
    file, version = read_project_file(path)
    assert version == 1
    assert file == ProjectFile(
        name="Contracts – ü",
        task="text-classification",
        model=ModelReference(name="org/mini-lm", source="starter:minilm", fingerprint="abc"),
        data=DataReference(name="reviews.csv", fingerprint="123", imported="2026-11-22T10:00:00+00:00"),
        settings=Overrides(preset="quick", values={"learning_rate": 1e-4, "epochs": 3}),
        created="2026-11-22T10:00:00+00:00",
    )
    assert json.loads(file.model_dump_json()) == GOOD


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"\x00\xff\xfe\x80" * 10, "not a text"),
        (json.dumps(GOOD).encode()[:-20], "breaks off"),
        (json.dumps(GOOD, indent=1).encode()[:100], "line"),
        (b"[1, 2]", "does not hold"),
        (b'"text"', "does not hold"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "Infinity"),
        (b'{"a": 1e400}', "1e400"),
        (b'{"name": "a", "name": "b"}', "“name” occurs twice"),
        (b'{"settings": {"values": {"seed": 1, "seed": 2}}}', "“seed” occurs twice"),
        (b'{"a": ' + b"9" * 5000 + b"}", "too long"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "deeply"),
        (b"[" * 100_000, "deeply"),
        (b"{" + b" " * 5_000_001 + b"}", "larger than 5 MB"),
    ],
)
def test_damaged_file_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    assert says in str(refused(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (changed(format_version="1"), "format_version"),
        (changed(format_version=True), "format_version"),
        (changed(format_version=0), "format_version"),
        (changed(format_version=1.0), "format_version"),
        ({key: value for key, value in GOOD.items() if key != "format_version"}, "format_version"),
        ({key: value for key, value in GOOD.items() if key != "task"}, "task is missing"),
        (changed(name=5), "name cannot be 5"),
        (changed(name=None), "name"),
        (changed(extra=1), "extra is unknown"),
        (changed(task="../evil"), "task"),
        (changed(task=""), "task"),
        (changed(model={"name": "m"}), "model.source is missing"),
        (changed(model={"name": "m", "source": "folder", "path": "/x"}), "model.path is unknown"),
        (changed(model={"name": "/etc/passwd", "source": "folder"}), "model.name"),
        (changed(model={"name": "../../up", "source": "folder"}), "model.name"),
        (changed(model={"name": "a\\..\\b", "source": "folder"}), "model.name"),
        (changed(model={"name": "C:\\models", "source": "folder"}), "model.name"),
        (changed(model={"name": "\\\\server\\share", "source": "folder"}), "model.name"),
        (changed(model={"name": "~/models", "source": "folder"}), "model.name"),
        (changed(model={"name": "a\u0000b", "source": "folder"}), "model.name"),
        (changed(model={"name": "m", "source": "starter:../x"}), "model.source"),
        (changed(model={"name": "m", "source": "/abs"}), "model.source"),
        (changed(data={"name": "/abs.csv", "fingerprint": "", "imported": ""}), "data.name"),
        (changed(data=[]), "data"),
        (changed(settings={"preset": "best"}), "settings.preset"),
        (changed(settings={"values": {"learning_rate": -1}}), "settings.values.learning_rate cannot be -1"),
        (changed(settings={"values": {"nonsense": 1}}), "settings.values.nonsense is unknown"),
        (changed(settings={"values": {"epochs": "many"}}), "settings.values.epochs"),
        (changed(notes=["x"]), "notes"),
    ],
)
def test_bad_field_is_named(tmp_path: Path, content: dict[str, Any], field: str) -> None:
    assert field in str(refused(tmp_path, content))


def test_a_task_that_nobody_knows_is_refused_with_those_there_are(tmp_path: Path) -> None:
    refusal = refused(tmp_path, changed(task="text-clasification"))
    assert refusal.where.field == "task"
    assert "“text-clasification”" in str(refusal)
    assert "text-classification" in str(refusal.hint) and "update" in str(refusal.hint)


def test_all_bad_fields_are_named_at_once(tmp_path: Path) -> None:
    said = str(refused(tmp_path, changed(name=1, task="X X", zzz=1, notes=2)))
    for field in ("name", "task", "zzz", "notes"):
        assert field in said
    many = {f"field{number}": 1 for number in range(40)}
    assert "28 more" in str(refused(tmp_path, changed(**many)))


def test_all_bad_settings_are_named_at_once(tmp_path: Path) -> None:
    said = str(refused(tmp_path, changed(settings={"values": {"learning_rate": 5, "seed": -1, "nope": 0}})))
    for field in ("learning_rate", "seed", "nope"):
        assert f"settings.values.{field}" in said


def test_half_a_letter_is_refused_in_words(tmp_path: Path) -> None:
    assert "half of a letter" in str(refused(tmp_path, json.dumps(changed(name="\ud800"))))


def test_newer_format_asks_for_an_update(tmp_path: Path) -> None:
    error = refused(tmp_path, changed(format_version=99, hologram=True))
    assert "newer version" in str(error)
    assert "Update" in str(error.hint)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "project.ftstudio"
    path.write_bytes(content)
    with pytest.raises(InputError):
        read_project_file(path)


@given(st.integers(0, len(json.dumps(GOOD)) - 1), st.integers(0, 255))
def test_a_changed_byte_never_crashes(tmp_path_factory: pytest.TempPathFactory, place: int, byte: int) -> None:
    content = bytearray(json.dumps(GOOD).encode())
    content[place] = byte
    path = tmp_path_factory.mktemp("fuzz") / "project.ftstudio"
    path.write_bytes(bytes(content))
    try:
        read_project_file(path)
    except InputError as error:
        assert "project.ftstudio" in str(error)


def test_every_released_format_opens() -> None:
    files = sorted((Path(__file__).parent / "formats").glob("*.ftstudio"))
    versions = [read_project_file(path)[1] for path in files]
    assert sorted(set(versions)) == list(range(1, migrations.CURRENT + 1))


def test_file_of_format_1_reads_as_it_was_meant() -> None:
    file, _ = read_project_file(Path(__file__).parent / "formats" / "format-1.ftstudio")
    assert file.name == "Film reviews"
    assert file.settings.values == {"learning_rate": 2e-05, "epochs": 4.0, "tuning_method": "top_layers"}
    assert file.model is not None
    assert file.model.source == "starter:minilm"


def test_migration_goes_step_by_step() -> None:
    steps: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
        1: lambda document: {**document, "one": True},
        2: lambda document: {**document, "two": document["one"]},
    }
    assert migrations.migrate({"format_version": 1}, steps, 3) == {"format_version": 3, "one": True, "two": True}
    assert migrations.migrate({"format_version": 3}, steps, 3) == {"format_version": 3}
