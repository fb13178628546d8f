"""Each sample makes a project that is ready to train, from packages alone, and says what to install without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio import samples
from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.problems import Severity
from ftstudio.core.states import Split
from ftstudio.datasets.checks import run_checks
from ftstudio.datasets.store import Dataset

KEYS = samples.catalog().keys()


def test_both_samples_are_there() -> None:
    assert KEYS == ["textures", "topics"]
    assert samples.catalog().failures == []


@pytest.mark.parametrize("key", KEYS)
def test_a_sample_becomes_a_project(key: str, tmp_path: Path) -> None:
    spec = samples.catalog().spec(key)

    with samples.create(key, tmp_path / "project") as project:
        dataset = Dataset.open(project.layout.data)
        problems = run_checks(dataset, catalog.tasks().spec(spec.task))

        assert project.file.task == spec.task
        assert project.file.model is not None
        assert project.file.model.source == f"starter:{spec.starter}"
        assert project.file.data is not None
        assert project.file.data.fingerprint == dataset.manifest.fingerprint
        assert min(dataset.counts().values()) >= 20
        assert [problem for problem in problems if problem.severity is Severity.ERROR] == []
        assert {"duplicates", "leaks", "conflicting_labels"}.isdisjoint(problem.code for problem in problems)


def test_two_copies_of_a_sample_hold_the_same(tmp_path: Path) -> None:
    for name in ("one", "two"):
        samples.create("topics", tmp_path / name).close()

    first, second = (Dataset.open(tmp_path / name / "data") for name in ("one", "two"))

    assert first.fingerprint == second.fingerprint
    assert min(first.label_counts().values()) >= 20
    assert len(first.labels) == 10


def test_textures_share_no_pixels_between_splits(tmp_path: Path) -> None:
    with samples.create("textures", tmp_path / "project") as project:
        tables = {split: Dataset.open(project.layout.data).table(split) for split in Split}

    tops = {
        split: {int(name.split("_")[-2]) for name in table["source"].to_pylist()} for split, table in tables.items()
    }
    assert max(tops[Split.TRAIN]) < min(tops[Split.VALIDATION]) < min(tops[Split.TEST])


@pytest.mark.parametrize(("key", "package"), [("topics", "chatterbot_corpus"), ("textures", "skimage")])
def test_a_missing_package_names_what_to_install(
    key: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ftstudio.samples import _packages

    monkeypatch.setattr(_packages, "find_spec", lambda name: None)

    with pytest.raises(InputError, match=package) as caught:
        samples.create(key, tmp_path / "project")

    assert "ftstudio[starters]" in str(caught.value.hint)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(InputError):
        samples.create("topics", tmp_path)

    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]
