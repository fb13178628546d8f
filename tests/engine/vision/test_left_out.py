"""Pictures that break after the check or in the middle of a run: it goes on without them, says so, and counts them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from PIL import Image
from pyarrow import ipc

from ftstudio.core.messages import Measured, Remark
from ftstudio.core.settings import Overrides
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.datasets.store import Dataset
from ftstudio.engine.answers.shaped import Answered
from ftstudio.engine.conversion import torchvision
from ftstudio.engine.learning.memory import TooLittleMemoryError
from ftstudio.engine.vision import pictures
from ftstudio.engine.vision.left_out import Broken, BrokenPicturesError, LeftOut
from ftstudio.engine.vision.pictures import PictureExamples, Preparer, UnreadablePictureError, plain_preparer
from ftstudio.project.runs import list_runs
from tests.engine.projects import FAST, Tiny, copy
from tests.engine.projects import _import as imported
from tests.support.box_projects import write_shapes
from tests.support.torchvision_files import save_checkpoint

CLASSIFY: dict[str, Any] = {"probe_first": False, "tuning_method": "full", "batch_size": 4, "augmentation": "none"}
DETECT: dict[str, Any] = {"max_steps": 12, "batch_size": 4, "epochs": 3.0, "augmentation": "light"}


@pytest.fixture(scope="module")
def boxes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("boxes")
    return imported(root / "shapes", "object-detection", write_shapes(root / "source", pictures=40))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared") / "small"
    folder.mkdir()
    torchvision.convert(save_checkpoint("mobilenet_v3_small", tmp_path_factory.mktemp("checkpoints")), folder)
    return folder


@pytest.fixture
def detector(boxes: Path, tmp_path: Path, small: Path) -> Tiny:
    return copy(boxes, tmp_path / "detector", small)


def files_of(project: Tiny, split: Split, count: int) -> list[Path]:
    dataset = Dataset.open(project.layout.data)
    return [dataset.folder / name for name in dataset.table(split)["image"].to_pylist()[:count]]


def spoil(path: Path) -> None:
    """Cut a file in its middle, as a failing disk or a broken copy does."""
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])


def told(project: Tiny) -> list[str]:
    return [str(one.text) for one in project.of(Remark) if one.code == "picture_left_out"]


def unlabelled(project: Tiny, run: str) -> int:
    with ipc.open_file(str(project.run(run).predictions / "predictions.arrow")) as reader:
        table: pa.Table = reader.read_all()
    return sum(label < 0 for label in table["label"].to_pylist())


def check_survival(project: Tiny, document: dict[str, Any], files: list[Path], learned: int, unscored: int) -> None:
    assert document["state"] == "finished"
    assert sorted(document["left_out"]) == sorted(one.name for one in files)
    assert document["pictures_left_out"] == len(files)
    assert document["training_rows"] == learned
    sentences = told(project)
    assert len(sentences) == len(files)
    assert all(any(one.name in sentence for sentence in sentences) for one in files)
    assert unlabelled(project, document["run"]) == unscored


@pytest.mark.parametrize("method", ["full", "head"])
def test_a_classifier_survives_files_that_broke_after_the_check(image_project: Tiny, method: str) -> None:
    broken = [*files_of(image_project, Split.TRAIN, 1), *files_of(image_project, Split.VALIDATION, 2)]
    rows = Dataset.open(image_project.layout.data).count(Split.TRAIN)
    spoil(broken[0])
    broken[1].unlink()
    broken[2].write_bytes(b"no picture at all")

    document = image_project.train(**{**CLASSIFY, "tuning_method": method, "probe_first": method == "head"})

    check_survival(image_project, document, broken, rows - 1, 2)


def test_a_detector_survives_files_that_broke_after_the_check(detector: Tiny) -> None:
    broken = [*files_of(detector, Split.TRAIN, 1), *files_of(detector, Split.VALIDATION, 1)]
    rows = Dataset.open(detector.layout.data).count(Split.TRAIN)
    spoil(broken[0])
    broken[1].unlink()

    document = detector.train(**DETECT)

    check_survival(detector, document, broken, rows - 1, 1)


def break_at_first_training_step(monkeypatch: pytest.MonkeyPatch, project: Tiny) -> tuple[list[Path], Any]:
    """Let the next picture that is decoded after the first step have vanished by then."""
    broken: list[Path] = []
    learning = [False]
    real = pictures.load

    def load(path: Path) -> Image.Image:
        if learning[0] and not broken:
            broken.append(path)
            path.unlink()
        return real(path)

    def listener(event: object) -> None:
        learning[0] |= isinstance(event, Measured) and event.split == "train"

    monkeypatch.setattr(pictures, "load", load)
    return broken, listener


def test_a_classifier_survives_a_file_that_vanishes_in_an_epoch(
    image_project: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = Dataset.open(image_project.layout.data).count(Split.TRAIN)
    broken, listener = break_at_first_training_step(monkeypatch, image_project)

    document = image_project.train(listener=listener, **CLASSIFY)

    assert len(broken) == 1
    check_survival(image_project, document, broken, rows - 1, 0)


def test_a_detector_survives_a_file_that_vanishes_in_an_epoch(detector: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Dataset.open(detector.layout.data).count(Split.TRAIN)
    broken, listener = break_at_first_training_step(monkeypatch, detector)

    document = detector.train(listener=listener, **DETECT)

    assert len(broken) == 1
    check_survival(detector, document, broken, rows - 1, 0)


def test_too_many_broken_files_end_the_run_in_words_and_what_was_kept_stays(
    image_project: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, learning = pictures.load, [False]

    def load(path: Path) -> Image.Image:
        if learning[0] and path.name > "8":  # about half of all names, which are hashes
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return real(path)

    def listener(event: object) -> None:
        learning[0] |= isinstance(event, Measured) and event.split == "train"

    monkeypatch.setattr(pictures, "load", load)

    with pytest.raises(BrokenPicturesError, match="pictures cannot be read any more"):
        image_project.train(listener=listener, **CLASSIFY)

    (run,) = list_runs(image_project.layout)
    assert (image_project.run(run.id).best / "weights.safetensors").exists()


def examples(folder: Path, count: int = 12) -> PictureExamples:
    paths = [folder / f"{at}.png" for at in range(count)]
    for at, path in enumerate(paths):
        Image.new("RGB", (9, 9), (at, at, at)).save(path)
    preparer: Preparer = plain_preparer(8, 8, "bilinear", [0.0] * 3, [1.0] * 3)
    return PictureExamples(paths, np.arange(count) % 2, preparer)


def test_without_a_run_the_first_broken_file_is_an_error(tmp_path: Path) -> None:
    some = examples(tmp_path)
    some.paths[1].unlink()

    with pytest.raises(UnreadablePictureError, match=r"1\.png"):
        some.batch([0, 1, 2], None)


def test_a_broken_picture_is_black_has_no_label_and_is_told_once(tmp_path: Path) -> None:
    some, heard = examples(tmp_path), list[Remark]()
    some.survive(LeftOut(heard.append))
    some.paths[1].unlink()

    kept = some.readable(np.array([0, 1, 2]))
    batch = some.batch([1, 2], None)

    assert kept.tolist() == [0, 2]
    assert some.readable(np.array([1])).tolist() == []
    assert batch.labels.tolist() == [-1, 0]
    assert batch.inputs["pixel_values"][0].abs().max() == 0
    assert torch.isfinite(batch.inputs["pixel_values"]).all()
    assert len(heard) == 1


def test_rows_with_several_labels_are_forgotten_too(tmp_path: Path) -> None:
    inner = examples(tmp_path)
    some = Answered(inner, np.ones((12, 3), np.float32))
    some.survive(LeftOut(lambda remark: None))
    inner.paths[4].unlink()

    assert some.readable(np.array([4, 5])).tolist() == [5]
    assert some.labels[4] == -1
    assert np.isnan(some.truth[4]).any()
    assert not np.isnan(some.truth[5]).any()


def test_a_tenth_may_break_and_not_one_more(tmp_path: Path) -> None:
    left_out = LeftOut(lambda remark: None)
    entered = left_out.enter(examples(tmp_path, 20))
    left_out.add(Broken(entered, 1, "a.png", text("broken")))
    left_out.add(Broken(entered, 2, "b.png", text("broken")))

    with pytest.raises(BrokenPicturesError, match="3 of 20 pictures"):
        left_out.add(Broken(entered, 3, "c.png", text("broken")))


def test_a_lack_of_memory_says_nothing_against_a_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some, heard = examples(tmp_path), list[Remark]()
    some.survive(LeftOut(heard.append))

    def load(path: Path) -> Image.Image:
        raise MemoryError

    monkeypatch.setattr(pictures, "load", load)

    with pytest.raises(TooLittleMemoryError, match=r"too little memory to open the picture “0\.png”"):
        some.readable(np.array([0, 1]))
    assert some.labels[0] == 0
    assert heard == []


def test_pictures_for_which_memory_lacks_together_are_opened_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some, real, lacks = examples(tmp_path), pictures.load, [True]
    some.survive(LeftOut(lambda remark: None))

    def load(path: Path) -> Image.Image:
        if path.name == "1.png" and lacks:
            lacks.clear()
            raise MemoryError
        return real(path)

    monkeypatch.setattr(pictures, "load", load)

    assert some.readable(np.array([0, 1, 2])).tolist() == [0, 1, 2]
    assert some.batch([1], None).inputs["pixel_values"].max() == pytest.approx(1 / 255)


def test_the_final_model_of_a_cross_validation_survives_files_that_break_meanwhile(image_project: Tiny) -> None:
    broken = files_of(image_project, Split.TEST, 1)
    broken[0].unlink()
    settings = Overrides(values={**FAST, **CLASSIFY, "epochs": 1.0}).model_dump()

    document = image_project.job("cross_validate", folds=2, settings=settings)

    (run,) = list_runs(image_project.layout)
    assert run.report is not None
    final = run.report.document
    check_survival(image_project, final, broken, document["rows"], 1)
