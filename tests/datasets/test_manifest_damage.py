"""A manifest that others have touched is refused with its file, the field and the next step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.datasets.importing import ImportPlan, import_data
from ftstudio.datasets.store import Dataset


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    source = tmp_path / "rows.csv"
    source.write_text("text,label\n" + "".join(f"row {at} says,{'ab'[at % 2]}\n" for at in range(40)))
    import_data(tmp_path / "data", catalog.tasks().spec("text-classification"), ImportPlan(sources=(source,)))
    return tmp_path / "data" / "manifest.json"


def refused(manifest: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        Dataset.open(manifest.parent)
    assert caught.value.where.file == str(manifest)
    assert caught.value.exit_code == 2
    assert "manifest.json" in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"rows": "many"}, "rows", 'rows cannot be "many"'),
        ({"labels": None}, "labels", "labels cannot be null"),
        ({"roles": {"juggler": "text"}}, "roles.juggler.[key]", "juggler"),
        ({"modality": "smell"}, "modality", 'modality cannot be "smell"'),
        ({"sources": [{"name": "a"}]}, "sources.0.reader", "sources.0.reader is missing"),
        ({"zzz": 1}, "zzz", "zzz is unknown"),
        ({"format_version": "x"}, "format_version", 'format_version cannot be "x"'),
    ],
)
def test_a_bad_field_is_named(manifest: Path, changes: dict[str, Any], field: str, says: str) -> None:
    document = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(document | changes), encoding="utf-8")

    refusal = refused(manifest)

    assert refusal.where.field == field
    assert says in str(refusal)
    assert "Import the data again" in str(refusal.hint)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"{", "breaks off"),
        (b"[1]", "does not hold"),
        (b"\xff\xfe\x00", "not a text file"),
        (b'{"rows": NaN}', "NaN"),
        (b'{"rows": 1, "rows": 2}', "“rows” occurs twice"),
    ],
)
def test_a_manifest_that_is_no_document_is_told(manifest: Path, content: bytes, says: str) -> None:
    manifest.write_bytes(content)

    refusal = refused(manifest)

    assert says in str(refusal)
    assert "Import the data again" in str(refusal.hint)


def test_a_manifest_from_the_future_asks_for_an_update(manifest: Path) -> None:
    manifest.write_text('{"format_version": 99}', encoding="utf-8")

    refusal = refused(manifest)

    assert refusal.where.field == "format_version"
    assert "Update" in str(refusal.hint)
