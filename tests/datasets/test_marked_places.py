"""Labels that mark places: kinds in every part of the data, and what is wrong with places is found and shown."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ftstudio.core.errors import InputError
from ftstudio.core.problems import Severity
from ftstudio.core.specs import ColumnRole
from ftstudio.core.states import Split
from ftstudio.datasets.options import Shares
from ftstudio.datasets.span_labels import NOTHING, SpanLabels
from tests.datasets import making

Rows = list[dict[str, str]]


def rows_of(count: int = 480) -> Rows:
    """Different texts; each names a city, and every sixth a drug, too."""
    rows = []
    for number in range(count):
        passage = f"Lisbon hears {number} aspirin" if number % 6 == 0 else f"Lisbon hears {number} birds"
        places = [[0, 6, "city"]]
        if number % 6 == 0:
            places.append([len(passage) - 7, len(passage), "drug"])
        rows.append({"text": passage, "label": json.dumps(places)})
    return rows


def dataset_of(rows: Rows, folder: Path, **options: object) -> making.Dataset:
    return making.imported(making.write_csv(folder / "rows.csv", rows), folder / "data", making.span_task(), **options)  # type: ignore[arg-type]


def found(dataset: making.Dataset) -> dict[str, making.Problem]:
    return making.found(dataset, making.span_task())


def test_good_data_has_no_problem(tmp_path: Path) -> None:
    assert found(dataset_of(rows_of(), tmp_path)) == {}


def test_every_kind_is_in_every_part(tmp_path: Path) -> None:
    rows = rows_of(60)
    dataset = dataset_of(rows, tmp_path, shares=Shares(validation=0.2, test=0.2))

    assert dataset.labels == ["city", "drug"]
    for split in (Split.TRAIN, Split.VALIDATION, Split.TEST):
        counts = dataset.view.counts_by_label(split)
        assert counts["city"] == dataset.count(split)
        assert counts["drug"] == {Split.TRAIN: 6, Split.VALIDATION: 2, Split.TEST: 2}[split]


def test_rows_are_found_by_each_of_their_kinds(tmp_path: Path) -> None:
    dataset = dataset_of(rows_of(60), tmp_path)

    assert len(dataset.find(label="drug")) == 10
    assert len(dataset.find(label="city")) == 60
    assert len(dataset.find(label="nothing such")) == 0


def test_rows_without_places_are_used_and_counted_by_no_kind(tmp_path: Path) -> None:
    rows = [*rows_of(), *({"text": f"nothing here {number}", "label": "[]"} for number in range(20))]

    dataset = dataset_of(rows, tmp_path)

    assert sum(dataset.counts().values()) == 500
    assert dataset.labels == ["city", "drug"]
    assert NOTHING not in dataset.label_counts()
    assert found(dataset) == {}


def test_a_row_counts_as_its_rarest_kind() -> None:
    cells = ['[[0,1,"a"]]', '[[0,1,"a"],[2,3,"b"]]', "[]", "broken"]
    labels = SpanLabels(np.array([0, 0, 1, 2, 3, -1]), cells)

    assert labels.values == ["a", "b", NOTHING]
    assert labels.rarest.tolist() == [0, 0, 1, 2, -1, -1]
    assert labels.having("a").tolist() == [True, True, True, False, False, False]
    assert labels.having(NOTHING).tolist() == [False, False, False, True, False, False]


@pytest.mark.parametrize(
    ("code", "places", "count"),
    [
        ("places_outside", [[0, 6, "city"], [5, 500, "city"], [3, 3, "city"]], 2),
        ("places_on_each_other", [[0, 6, "city"], [2, 9, "city"], [0, 3, "drug"]], 2),
        ("places_cut_words", [[0, 4, "city"]], 1),
    ],
)
def test_places_that_cannot_be_learned_as_they_stand(
    code: str, places: list[object], count: int, tmp_path: Path
) -> None:
    rows = rows_of()
    rows[2]["label"] = json.dumps(places)

    problems = found(dataset_of(rows, tmp_path))

    assert set(problems) == {code}
    problem = problems[code]
    assert (problem.count, problem.severity, problem.where.column) == (count, Severity.WARNING, "label")
    assert problem.rows == (3,)
    assert problem.examples == ("Lisbon hears 2 birds",)


def test_places_counted_in_bytes_are_noticed(tmp_path: Path) -> None:
    rows = rows_of()
    for number in range(0, 60, 3):
        passage = f"Até São Paulo ouvi {number}"
        start = len(b"At\xc3\xa9 ")
        places = [[start, start + len("São Paulo".encode()), "city"]]
        rows[number] = {"text": passage, "label": json.dumps(places)}

    assert found(dataset_of(rows, tmp_path))["places_cut_words"].count == 20


def test_unreadable_places_are_left_out_and_can_be_removed(tmp_path: Path) -> None:
    rows = rows_of()
    rows[4]["label"] = "city"
    rows[9]["label"] = "[[0, 6]]"

    dataset = dataset_of(rows, tmp_path)
    problem = found(dataset)["unreadable_places"]

    assert (problem.count, problem.rows) == (2, (5, 10))
    assert sum(dataset.counts().values()) == 478
    assert problem.fix is not None
    dataset.apply(problem.fix)
    assert "unreadable_places" not in found(dataset)
    assert len(dataset.view) == 478


def test_kinds_that_are_hardly_seen_in_training_are_told(tmp_path: Path) -> None:
    rows = rows_of()
    rows[1]["label"] = '[[0, 6, "city"], [7, 12, "verb"]]'

    problem = found(dataset_of(rows, tmp_path))["rare_kinds"]

    assert problem.count == 1
    assert problem.examples[0].startswith("verb: ")


def test_data_in_which_nothing_is_marked_is_refused(tmp_path: Path) -> None:
    rows = [{"text": f"words {number}", "label": "[]"} for number in range(20)]

    with pytest.raises(InputError, match="Nothing is marked"):
        dataset_of(rows, tmp_path)


def test_one_kind_is_enough(tmp_path: Path) -> None:
    rows = [row for number, row in enumerate(rows_of()) if number % 6]

    assert dataset_of(rows, tmp_path).labels == ["city"]


def test_a_column_of_spans_is_taken_for_the_places(tmp_path: Path) -> None:
    rows = [{"text": row["text"], "entities": row["label"]} for row in rows_of(30)]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({**row, "entities": json.loads(row["entities"])}) + "\n" for row in rows))

    dataset = making.imported(path, tmp_path / "data", making.span_task())

    assert dataset.roles[ColumnRole.LABEL] == "entities"
    assert dataset.labels == ["city", "drug"]


def test_rows_are_divided_again_when_another_column_has_the_places(tmp_path: Path) -> None:
    rows = [
        {**row, "other": '[[0, 6, "town"]]' if at % 7 else '[[0, 6, "village"]]'} for at, row in enumerate(rows_of(70))
    ]
    dataset = dataset_of(rows, tmp_path, shares=Shares(validation=0.2, test=0.2))

    dataset.set_roles({ColumnRole.TEXT: "text", ColumnRole.LABEL: "other"})

    assert dataset.labels == ["town", "village"]
    assert {split: dataset.view.counts_by_label(split)["village"] for split in Split} == {
        Split.TRAIN: 6,
        Split.VALIDATION: 2,
        Split.TEST: 2,
    }
