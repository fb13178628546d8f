"""The jobs of importing and checking give the documents that scripts rely on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ftstudio.core.errors import CancelledError, InputError
from ftstudio.core.messages import Event, Progress, Request, Stop
from ftstudio.engine.control import Control
from ftstudio.engine.run import execute
from ftstudio.project.store import create_project
from tests.datasets import making


@pytest.fixture
def project(tmp_path: Path) -> Path:
    create_project(tmp_path / "project", "reviews", "text-classification").close()
    return tmp_path / "project"


def import_request(project: Path, rows: making.Rows, **options: Any) -> Request:
    source = making.write_csv(project.parent / "rows.csv", rows)
    return Request(job="import_data", project=project, options={"sources": [str(source)], **options})


def test_an_import_tells_rows_and_problems(project: Path) -> None:
    events: list[Event] = []
    rows = [*making.reviews(60), making.reviews(1)[0]]

    document = execute(import_request(project, rows), events.append)

    assert set(document) >= {"project", "task", "rows", "problems"}
    assert sum(document["rows"].values()) == 61
    assert list(document["rows"]) == ["train", "validation", "test"]
    copies = next(problem for problem in document["problems"] if problem["code"] == "duplicates")
    assert set(copies) >= {"severity", "code", "message", "hint", "count", "where"}
    assert json.loads(json.dumps(document)) == document
    assert any(isinstance(event, Progress) and event.done == event.total for event in events)


def test_a_check_tells_rows_labels_and_problems(project: Path) -> None:
    execute(import_request(project, making.reviews(60)), lambda _: None)

    document = execute(Request(job="check", project=project), lambda _: None)

    assert set(document) >= {"problems", "rows", "labels"}
    assert document["labels"] == {"bad": 30, "good": 30}


def test_a_check_mends_what_it_is_told_to(project: Path) -> None:
    rows = [*making.reviews(60), making.reviews(1)[0]]
    document = execute(import_request(project, rows), lambda _: None)
    assert "duplicates" in {problem["code"] for problem in document["problems"]}

    mending = Request(job="check", project=project, options={"fix": ["duplicates"]})
    mended = execute(mending, lambda _: None)

    assert [problem["code"] for problem in mended["mended"]] == ["duplicates"]
    assert "duplicates" not in {problem["code"] for problem in mended["problems"]}
    assert sum(mended["rows"].values()) == 60
    with pytest.raises(InputError, match="nothing to mend"):
        execute(mending, lambda _: None)


def test_a_check_without_data_says_so(project: Path) -> None:
    with pytest.raises(InputError, match="no data"):
        execute(Request(job="check", project=project), lambda _: None)


def test_roles_and_shares_are_heeded(project: Path) -> None:
    rows = [{"x": f"t {number}", "y": "ab"[number % 2], "label": "cd"[number // 2 % 2]} for number in range(100)]
    options = {"roles": {"text": "x", "label": "y"}, "validation": 0.5, "test": 0.0, "seed": 3}

    document = execute(import_request(project, rows, **options), lambda _: None)

    assert document["rows"] == {"train": 50, "validation": 50, "test": 0}
    assert making.Dataset.open(project / "data").labels == ["a", "b"]


@pytest.mark.parametrize("options", [{"colour": "red"}, {"seed": "x"}, {"roles": {"voice": "x"}}, {"sources": 3}])
def test_wrong_options_are_refused(options: dict[str, Any], project: Path) -> None:
    with pytest.raises(InputError) as caught:
        execute(import_request(project, making.reviews(60), **options), lambda _: None)

    assert caught.value.where.field


def test_a_stop_leaves_nothing(project: Path) -> None:
    control = Control()
    control.obey(Stop())

    with pytest.raises(CancelledError):
        execute(import_request(project, making.reviews(60)), lambda _: None, control)

    assert list((project / "data").iterdir()) == []


def test_a_check_tells_that_the_model_is_missing(project: Path) -> None:
    execute(import_request(project, making.reviews(60)), lambda _: None)

    problems = execute(Request(job="check", project=project), lambda _: None)["problems"]

    assert [problem["where"] for problem in problems if problem["code"] == "model"] == [{}]


def test_a_check_measures_against_the_settings(tmp_path: Path) -> None:
    from ftstudio import samples
    from ftstudio.core.settings import Overrides

    with samples.create("topics", tmp_path / "sample") as made:
        request = Request(job="check", project=made.layout.root)
        before = {one["code"] for one in execute(request, lambda _: None)["problems"]}
        made.save(made.file.model_copy(update={"settings": Overrides(values={"max_length": 8})}))
        after = {one["code"] for one in execute(request, lambda _: None)["problems"]}

    assert "long_texts" not in before
    assert "long_texts" in after
