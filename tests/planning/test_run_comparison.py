"""Comparing runs: only on the same rows with the same truth, in a sentence that says whether it is chance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ftstudio.core.errors import InputError
from ftstudio.core.states import Split
from ftstudio.datasets.manifest import Edit
from ftstudio.datasets.store import Dataset
from ftstudio.planning.run_comparison import compare_runs
from ftstudio.planning.settings_differences import side_by_side
from ftstudio.project import seal
from ftstudio.project.layout import ProjectLayout, RunLayout
from ftstudio.project.run_notes import RunNotes, write_notes
from ftstudio.project.runs import RunSummary, summarise
from tests.support.made_runs import fill
from tests.support.stored_answers import answered_run, write_answers


def always(right: bool) -> object:
    """Answers that are all right, or all wrong."""

    def logits(labels: np.ndarray, classes: int) -> np.ndarray:
        return np.eye(classes)[labels if right else (labels + 1) % classes] * 5.0

    return logits


def run_of(project: Path, name: str, right: bool = True) -> RunSummary:
    return summarise(answered_run(project, always(right), name))  # type: ignore[arg-type]


@pytest.fixture
def data(tiny_text_project: Path) -> Dataset:
    return Dataset.open(ProjectLayout(tiny_text_project).data)


def test_a_clear_difference_is_told_with_its_interval(tiny_text_project: Path, data: Dataset) -> None:
    runs = [run_of(tiny_text_project, "poor", right=False), run_of(tiny_text_project, "good")]

    found = compare_runs(ProjectLayout(tiny_text_project), data, runs)

    (pair,) = found.pairs
    assert found.split is Split.VALIDATION
    assert found.rows == data.count(Split.VALIDATION)
    assert pair.better is runs[1]
    assert pair.sentence.render().startswith("“good” is better than “poor” by 100 points of Macro-F1 (")
    assert found.values[1]["accuracy"] == 1.0


def test_the_better_one_is_named_first_whichever_way_round(tiny_text_project: Path, data: Dataset) -> None:
    runs = [run_of(tiny_text_project, "good"), run_of(tiny_text_project, "poor", right=False)]

    sentence = compare_runs(ProjectLayout(tiny_text_project), data, runs).pairs[0].sentence.render()

    assert sentence.startswith("“good” is better than “poor” by 100 points")
    assert "(-" not in sentence


def test_the_same_answers_are_told_as_such(tiny_text_project: Path, data: Dataset) -> None:
    runs = [run_of(tiny_text_project, "a"), run_of(tiny_text_project, "b")]

    (pair,) = compare_runs(ProjectLayout(tiny_text_project), data, runs).pairs

    assert pair.better is None
    assert "answer all 24 rows alike" in pair.sentence.render()


def test_a_small_difference_is_too_close_to_call(tiny_text_project: Path, data: Dataset) -> None:
    def one_wrong(labels: np.ndarray, classes: int) -> np.ndarray:
        answers = labels.copy()
        answers[0] = (answers[0] + 1) % classes
        return np.eye(classes)[answers] * 5.0

    runs = [run_of(tiny_text_project, "a"), summarise(answered_run(tiny_text_project, one_wrong, "b"))]

    (pair,) = compare_runs(ProjectLayout(tiny_text_project), data, runs).pairs

    assert pair.better is None
    assert pair.sentence.render().startswith("Too close to call: the difference of 4.2 points of Macro-F1 between “a”")


def test_several_runs_are_held_against_the_best_with_a_caution(tiny_text_project: Path, data: Dataset) -> None:
    runs = [run_of(tiny_text_project, name, name == "good") for name in ("bad", "good", "worse")]

    found = compare_runs(ProjectLayout(tiny_text_project), data, runs)

    assert [(pair.first.name, pair.second.name) for pair in found.pairs] == [("bad", "good"), ("worse", "good")]
    assert found.pairs[0].paired.level == pytest.approx(0.975)
    assert "looks better than it is" in found.cautions[0].render()


def test_test_rows_are_used_only_once_all_were_opened(tiny_text_project: Path, data: Dataset) -> None:
    layout = ProjectLayout(tiny_text_project)
    runs = [run_of(tiny_text_project, "a"), run_of(tiny_text_project, "b")]
    seal.record(layout, runs[:1], "verb", "evaluate")
    assert compare_runs(layout, data, runs).split is Split.VALIDATION
    seal.record(layout, runs[1:], "verb", "evaluate")
    assert compare_runs(layout, data, runs).split is Split.TEST


def test_training_rows_removed_in_between_do_not_hinder(tiny_text_project: Path, data: Dataset) -> None:
    before = run_of(tiny_text_project, "before")
    _drop_first(data, Split.TRAIN)
    after = run_of(tiny_text_project, "after")

    assert compare_runs(ProjectLayout(tiny_text_project), data, [before, after]).rows == 24


def test_other_rows_are_refused(tiny_text_project: Path, data: Dataset) -> None:
    before = run_of(tiny_text_project, "before")
    _drop_first(data, Split.VALIDATION)
    after = run_of(tiny_text_project, "after")

    with pytest.raises(InputError, match="scored on different rows"):
        compare_runs(ProjectLayout(tiny_text_project), data, [before, after])


def test_another_truth_is_refused(tiny_text_project: Path, data: Dataset) -> None:
    runs = [run_of(tiny_text_project, "a"), run_of(tiny_text_project, "b")]
    table = data.table(Split.VALIDATION)
    truth = np.array([data.labels.index(label) for label in table["label"].to_pylist()], dtype=np.int64)
    truth[:2] = (truth[:2] + 1) % 2
    parts = [(Split.VALIDATION, table["row"].to_numpy(), truth, np.eye(2)[truth])]
    write_answers(runs[1].layout.predictions / "predictions.arrow", parts)

    with pytest.raises(InputError, match="labels of 2 rows were changed"):
        compare_runs(ProjectLayout(tiny_text_project), data, runs)


def test_runs_on_other_data_are_refused(tiny_text_project: Path, data: Dataset) -> None:
    runs = [run_of(tiny_text_project, "a"), run_of(tiny_text_project, "b")]
    request = runs[0].layout.request
    request.write_text(request.read_text().replace(data.fingerprint, "0" * 64))

    with pytest.raises(InputError, match="data has changed since the run “a”"):
        compare_runs(ProjectLayout(tiny_text_project), data, [summarise(run.layout) for run in runs])


def test_runs_without_answers_are_refused(tiny_text_project: Path, data: Dataset) -> None:
    runs = [run_of(tiny_text_project, "a"), run_of(tiny_text_project, "b")]
    (runs[1].layout.predictions / "predictions.arrow").unlink()

    with pytest.raises(InputError, match="“b” has no stored answers"):
        compare_runs(ProjectLayout(tiny_text_project), data, runs)


def test_one_run_is_no_comparison(tiny_text_project: Path, data: Dataset) -> None:
    with pytest.raises(InputError, match="two to"):
        compare_runs(ProjectLayout(tiny_text_project), data, [run_of(tiny_text_project, "a")])


def test_settings_stand_side_by_side(tiny_text_project: Path) -> None:
    runs = [summarise(run) for run in fill(tiny_text_project, 2)]

    differing = side_by_side(runs)
    everything = side_by_side(runs, everything=True)

    by_key = {row.key: row for row in differing}
    assert by_key["tuning_method"].values == ("full", "lora")
    assert by_key["lora_rank"].values[0] is None, "full tuning does not use it"
    assert all(row.differs for row in differing)
    assert "seed" not in by_key
    assert len(everything) > len(differing)
    assert {"model", "data", "batch_size"} <= {row.key for row in everything}


def test_a_broken_run_has_no_settings(tiny_text_project: Path) -> None:
    good, bad = fill(tiny_text_project, 2)
    RunLayout(bad.root).request.unlink()

    rows = side_by_side([summarise(good), summarise(bad)])

    assert all(row.values[1] is None for row in rows)


def test_names_given_later_are_those_told(tiny_text_project: Path, data: Dataset) -> None:
    runs = [run_of(tiny_text_project, "a"), run_of(tiny_text_project, "b", right=False)]
    write_notes(runs[0].layout, RunNotes(name="my favourite"))

    found = compare_runs(ProjectLayout(tiny_text_project), data, [summarise(run.layout) for run in runs])

    assert "“my favourite” is better" in found.pairs[0].sentence.render()


def _drop_first(data: Dataset, split: Split) -> None:
    """Remove the first row of a split from the data, as a user can."""
    place = int(data.view.index[data.view.in_split(split)][0])
    data.set_edits((*data.edits, Edit(key="drop_rows", params={"places": [place]})))
