"""Frames of one recording stay in one split: their names tell which, or the user says how."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftstudio.core import catalog
from ftstudio.core.specs import ColumnRole, Modality
from ftstudio.core.states import Split
from ftstudio.datasets import leaks
from ftstudio.datasets.importing import ImportPlan, import_data, inspect
from ftstudio.datasets.recordings import Way, grouped, offered, propose, recording_of
from ftstudio.datasets.store import Dataset
from tests.datasets.making import picture

TASK = "image-classification"


@pytest.mark.parametrize(
    ("name", "way", "recording"),
    [
        ("cat/patient12_frame003.png", Way.SERIES, "patient12"),
        ("patient12_003.png", Way.SERIES, "patient12"),
        ("scan12slice003.png", Way.SERIES, "scan12"),
        ("clip-04-0001.jpeg", Way.SERIES, "clip-04"),
        ("IMG_0001.jpg", Way.SERIES, ""),
        ("000123.jpg", Way.SERIES, ""),
        ("portrait.jpg", Way.SERIES, ""),
        ("P001_visit2_slice3.png", Way.SERIES, "P001_visit2"),
        ("P001_visit2_slice3.png", Way.BEGINNING, "P001"),
        ("clip-04_003.png", Way.BEGINNING, "clip-04"),
        ("000123.jpg", Way.BEGINNING, ""),
        ("cat\\clip-04\\0001.png", Way.FOLDER, "clip-04"),
        ("0001.png", Way.FOLDER, ""),
        ("clip-04/0001.png", Way.ALONE, ""),
        (None, Way.SERIES, ""),
    ],
)
def test_names_tell_recordings(name: str | None, way: Way, recording: str) -> None:
    assert recording_of(name, way) == recording


def names(pattern: str, recordings: int = 8, frames: int = 5) -> list[str]:
    return [pattern.format(r=r, f=f) for r in range(1, recordings + 1) for f in range(frames)]


@pytest.mark.parametrize(
    ("pattern", "way"),
    [
        ("cat/clip-{r:02}/{f:04}.png", Way.FOLDER),
        ("cat/patient{r}_frame{f:03}.png", Way.BEGINNING),
        ("P{r:03}_visit2_slice{f}.png", Way.BEGINNING),
        ("cat/{r}{f:04}.png", Way.ALONE),
        ("cat/IMG_{r}{f:04}.jpg", Way.ALONE),
        ("200{r}_00{f:04}.jpg", Way.ALONE),
        ("cat{r}/{f:04}.png", Way.ALONE),
    ],
)
def test_recordings_are_proposed_where_names_are_plain(pattern: str, way: Way) -> None:
    """A class folder, a year or a number that only counts pictures is no recording."""
    assert propose(names(pattern), {f"cat{number}" for number in range(9)}) is way


def test_few_or_single_frames_are_no_recordings() -> None:
    assert propose(names("patient{r}_{f}.png", recordings=3)) is Way.ALONE
    assert propose(names("patient{r}_{f}.png", frames=1)) is Way.ALONE


def test_ways_that_tell_nothing_are_not_offered() -> None:
    paths = [f"{kind}/{number:04}.png" for kind in ("cat", "dog") for number in range(9)]

    assert offered(paths, ["cat", "dog"]) == {}
    assert list(offered(paths, ["tame", "wild"])) == [Way.FOLDER]


def test_examples_name_the_largest_recordings() -> None:
    found = grouped([*names("patient{r}_{f}.png", 3, 2), "patient2_77.png"], Way.SERIES, most=1)

    assert (found.count, found.examples) == (3, (("patient2", 3),))


def frames(folder: Path, recordings: int = 12) -> Path:
    for recording in range(recordings):
        for frame in range(4):
            name = f"{'cat' if recording % 2 else 'dog'}/patient{recording}_frame{frame}.png"
            picture(folder / name, recording * 10 + frame)
    return folder


def imported(source: Path, data: Path, way: Way | None = None) -> Dataset:
    import_data(data, catalog.tasks().spec(TASK), ImportPlan(sources=(source,), recordings=way))
    return Dataset.open(data)


def test_frames_of_one_recording_are_in_one_split(tmp_path: Path) -> None:
    dataset = imported(frames(tmp_path / "frames"), tmp_path / "data")

    assert dataset.manifest.roles[ColumnRole.GROUP] == "recording"
    view = dataset.view
    groups = view.column(ColumnRole.GROUP).to_pylist()
    assert set(groups) == {f"patient{number}" for number in range(12)}
    where: dict[str, set[int]] = {}
    for group, split in zip(groups, view.split, strict=True):
        where.setdefault(group, set()).add(int(split))
    assert all(len(splits) == 1 for splits in where.values())
    assert {split: count > 0 for split, count in dataset.counts().items()} == {one.value: True for one in Split}
    assert not len(leaks.of_groups(view).left)
    (note,) = [problem for problem in dataset.manifest.problems if problem.code == "recordings"]
    assert note.count == 12 and note.examples[0].startswith("patient")


def test_the_user_may_keep_every_picture_by_itself(tmp_path: Path) -> None:
    dataset = imported(frames(tmp_path / "frames"), tmp_path / "data", Way.ALONE)

    assert ColumnRole.GROUP not in dataset.manifest.roles
    assert dataset.manifest.columns == ("image", "label")
    assert not [problem for problem in dataset.manifest.problems if problem.code == "recordings"]


def test_a_column_that_names_groups_comes_before_names(tmp_path: Path) -> None:
    frames(tmp_path / "frames")
    paths = sorted((tmp_path / "frames").rglob("*.png"))
    lines = [f"{path.relative_to(tmp_path)},{path.parent.name},{at % 6}" for at, path in enumerate(paths)]
    (tmp_path / "rows.csv").write_text("\n".join(["image,label,patient", *lines]), encoding="utf-8")

    dataset = imported(tmp_path / "rows.csv", tmp_path / "data")

    assert dataset.manifest.roles[ColumnRole.GROUP] == "patient"
    assert "recording" not in dataset.manifest.columns


def test_a_taken_name_is_left_alone(tmp_path: Path) -> None:
    frames(tmp_path / "frames")
    paths = sorted((tmp_path / "frames").rglob("*.png"))
    lines = [f"{path.relative_to(tmp_path)},{path.parent.name},x{at}" for at, path in enumerate(paths)]
    (tmp_path / "rows.csv").write_text("\n".join(["image,label,recording", *lines]), encoding="utf-8")

    dataset = imported(tmp_path / "rows.csv", tmp_path / "data", Way.SERIES)

    assert dataset.manifest.roles[ColumnRole.GROUP] == "recording 2"


def test_a_look_tells_names_and_proposes(tmp_path: Path) -> None:
    found = inspect([frames(tmp_path / "frames")], Modality.IMAGE)

    assert found.recordings is Way.BEGINNING
    assert len(found.pictures) == 48
