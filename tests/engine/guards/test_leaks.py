"""The leak audit as a study on tiny models: what it says, what its remedies do, and the score without the leaks."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ftstudio.core.advice import MOST_PAIRS, Advice
from ftstudio.core.errors import CancelledError, InputError
from ftstudio.core.messages import Progress, Stop
from ftstudio.core.settings import Overrides
from ftstudio.core.states import Split
from ftstudio.datasets.matches import Matches
from ftstudio.datasets.store import Dataset
from ftstudio.engine.control import Control
from ftstudio.engine.guards import leak_words, leaks
from ftstudio.engine.guards.leaks import PAIRS
from ftstudio.engine.probes import alike_features
from ftstudio.engine.probes.alike_features import Alike
from ftstudio.project.studies import StudyReport, latest
from tests.engine import projects
from tests.engine.projects import FAST, Tiny
from tests.support.stored_answers import answered_run
from tests.support.tiny_models import WORDS

SETTINGS = Overrides(values=FAST).model_dump()


@pytest.fixture
def leaky(tmp_path: Path, tiny_text_model: Path) -> Tiny:
    """60 training, 12 validation and 24 test rows; 6 test rows are training rows again, 6 nearly so."""
    chance = np.random.default_rng(2)
    texts = [" ".join(chance.choice(WORDS[:20], 16)) for _ in range(96)]
    for at in range(6):
        texts[72 + at], texts[78 + at] = texts[at], f"{texts[6 + at].upper()}!"
    parts = ["train"] * 60 + ["validation"] * 12 + ["test"] * 24
    table = tmp_path / "leaky.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "label", "split"))
        writer.writerows((text, "ab"[at % 2], part) for at, (text, part) in enumerate(zip(texts, parts, strict=True)))
    template = projects._import(tmp_path / "template", "text-classification", table)
    return projects.copy(template, tmp_path / "leaky", tiny_text_model)


def audit(project: Tiny, **options: Any) -> tuple[dict[str, Any], StudyReport]:
    document = project.job("audit_leaks", settings=SETTINGS, **options)
    return document, latest(project.layout, "audit_leaks").report


def found(document: dict[str, Any]) -> dict[tuple[str, str, str], int]:
    return {(one["kind"], one["later"], one["earlier"]): one["later_rows"] for one in document["found"]}


def test_it_counts_tells_and_shows_what_leaks(leaky: Tiny) -> None:
    document, report = audit(leaky, embeddings=False)

    assert found(document) == {("exact", "test", "train"): 6, ("near", "test", "train"): 6}
    assert report.advice[0].code == "leaks"
    assert "12 test rows (50 %)" in report.advice[0].sentence.render()
    assert [(one.total, len(one.pairs)) for one in report.pairs] == [(6, 6), (6, 6)]
    pair = report.pairs[1].pairs[0]
    assert pair.left.text.upper() + "!" == pair.right.text
    assert "train, row 7" in report.pairs[1].pairs[0].left.caption.render() or pair.similarity == 1.0
    with (latest(leaky.layout, "audit_leaks").folder / PAIRS).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {(int(row["earlier_row"]), int(row["later_row"])) for row in rows} == {(at, 72 + at) for at in range(1, 13)}


@pytest.mark.parametrize("content", [b"", b"no table", "other columns"])
def test_damaged_answers_of_a_run_do_not_end_the_audit(leaky: Tiny, content: bytes | str) -> None:
    run = answered_run(leaky.layout.root)
    path = run.predictions / "predictions.arrow"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        table = pa.table({"other": [1, 2]})
        with pa.ipc.new_file(str(path), table.schema) as writer:
            writer.write_table(table)

    document, _ = audit(leaky, embeddings=False)

    assert found(document) and document["scores"] == []


@pytest.mark.parametrize("which, rows", [(0, {"train": 48, "test": 24}), (1, {"train": 72, "test": 12})])
def test_each_remedy_leaves_nothing_to_find(leaky: Tiny, which: int, rows: dict[str, int]) -> None:
    _, report = audit(leaky, embeddings=False)
    data = Dataset.open(leaky.layout.data)
    fix = report.advice[0].remedies[which].fix
    assert fix is not None
    data.apply(fix)

    document, report = audit(leaky, embeddings=False)
    assert document["rows"] == {"validation": 12, **rows}
    assert document["found"] == []
    assert [one.code for one in report.advice] == ["no_leaks"]
    assert report.advice[0].mood == "good"


def test_the_score_is_told_with_and_without_the_rows_that_leak(leaky: Tiny) -> None:
    run = leaky.train()
    document, report = audit(leaky, embeddings=False)

    (scored,) = document["scores"]
    assert scored["split"] == "test"
    assert (scored["all"]["rows"], scored["without"]["rows"], scored["only"]["rows"]) == (24, 12, 12)
    every, without, only = (scored[name]["metrics"]["accuracy"] for name in ("all", "without", "only"))
    assert every == pytest.approx(run["metrics"]["test"]["accuracy"])
    assert every == pytest.approx((without + only) / 2)
    assert len(report.tables) == 2

    data = Dataset.open(leaky.layout.data)
    fix = report.advice[0].remedies[0].fix
    assert fix is not None
    data.apply(fix)
    assert audit(leaky, embeddings=False)[0]["scores"] == []  # that run has learned from other data


def test_what_only_the_model_takes_for_the_same_is_told_apart(text_project: Tiny, monkeypatch: Any) -> None:
    def planted(study: Any, view: Any, most: int) -> Alike:
        train, test = (np.flatnonzero(view.split == code)[:8] for code in (0, 2))
        return Alike(Matches(train, test, np.full(8, 0.97)), 0.95, {"train": 80, "validation": 20, "test": 20})

    monkeypatch.setattr(alike_features, "find", planted)
    document, report = audit(text_project)
    assert found(document)["similar", "test", "train"] == 8
    assert [one.code for one in report.advice] == ["no_leaks", "similar"]
    assert report.advice[1].mood == "note"
    assert "8 further test rows" in report.advice[1].sentence.render()


def test_copies_of_pictures_are_alike_to_the_model_and_others_are_rarely(image_project: Tiny) -> None:
    document, report = audit(image_project)
    compared, flagged = document["compared"], found(document).get(("similar", "test", "train"), 0)
    assert compared == document["rows"]
    assert flagged <= leak_words._by_chance(compared["test"])
    assert [one.code for one in report.advice] == ["no_leaks"]


def test_the_threshold_is_what_one_in_a_hundred_rows_reaches() -> None:
    chance = np.random.default_rng(0)
    features = alike_features._unit(chance.normal(size=(1000, 12)).astype(np.float32))
    level = alike_features.natural_level(features, 0)
    others = features @ features.T - 2 * np.eye(1000)
    assert 0.005 <= (others.max(axis=1) > level).mean() <= 0.011
    assert alike_features.natural_level(features[:1], 0) == alike_features.MOST
    assert alike_features.natural_level(alike_features._unit(np.eye(50, dtype=np.float32)), 0) == alike_features.LEAST


def test_only_so_many_pairs_are_shown_of_all(leaky: Tiny, monkeypatch: Any) -> None:
    monkeypatch.setattr(leak_words, "MOST_PAIRS", 4)
    assert MOST_PAIRS == 200
    _, report = audit(leaky, embeddings=False)
    assert [(one.total, len(one.pairs)) for one in report.pairs] == [(6, 4), (6, 4)]


def test_it_can_be_cancelled_and_leaves_nothing(leaky: Tiny) -> None:
    control = Control()

    def cancel(event: Any) -> None:
        if isinstance(event, Progress) and event.phase == leaks.LOOKING:
            control.obey(Stop())

    with pytest.raises(CancelledError):
        leaky.job("audit_leaks", control, cancel, settings=SETTINGS)
    assert not list(leaky.layout.studies.glob("*audit*"))


def test_impossible_options_are_refused(leaky: Tiny) -> None:
    with pytest.raises(InputError, match="alike"):
        audit(leaky, alike=0.1)


def test_advice_travels_as_json(leaky: Tiny) -> None:
    document, report = audit(leaky, embeddings=False)
    assert [Advice.model_validate(one.model_dump(mode="json")) for one in report.advice] == list(report.advice)
    assert document["pairs"][0]["total"] == 6
    assert Split.TEST.value in document["advice"][0]["sentence"]
