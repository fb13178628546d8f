"""Columns of several labels and of numbers: proposed, imported, divided, checked, mended, and seen another way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.problems import Problem
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.datasets.checks import run_checks
from ftstudio.datasets.importing import import_data
from ftstudio.datasets.label_kinds import propose
from ftstudio.datasets.options import ImportPlan
from ftstudio.datasets.store import Dataset

TASK = catalog.tasks().spec("text-classification")


def imported(folder: Path, cells: list[str], answer: Answer | None = None, column: str = "label") -> Dataset:
    source = folder / "rows.csv"
    quoted = (cell.replace('"', '""') for cell in cells)
    lines = [f'text number {at} of all,"{cell}"' for at, cell in enumerate(quoted)]
    source.write_text("\n".join([f"text,{column}", *lines]) + "\n", encoding="utf-8")
    import_data(folder / "data", TASK, ImportPlan(sources=(source,), answer=answer))
    return Dataset.open(folder / "data")


def found(dataset: Dataset) -> dict[str, Problem]:
    return {one.code: one for one in run_checks(dataset, TASK.shaped(dataset.answer))}


def genres(rows: int = 120) -> list[str]:
    chance = np.random.default_rng(1)
    sets = ["drama", "comedy", "drama|comedy", "[]", "war|drama", "comedy|war|drama"]
    return [str(chance.choice(sets)) for _ in range(rows)]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["a", "b", "a"] * 10, Answer.LABEL),
        (["a|b", "a", "b", "b|a"] * 10, Answer.LABELS),
        (['["a"]', '["b", "a"]', "[]"] * 10, Answer.LABELS),
        (["Sales; North", "Sales; South", "Stock; North", "Stock; South"] * 5, Answer.LABEL),
        ([str(at / 7) for at in range(40)], Answer.NUMBER),
        ([str(at * at) for at in range(40)], Answer.NUMBER),
        (["n/a", *(str(at / 7) for at in range(40))], Answer.NUMBER),
        ([str(at % 5) for at in range(40)], Answer.LABEL),
        ([str(at % 30) for at in range(200)], Answer.LABEL),
        ([str(at) for at in range(40)], Answer.LABEL),
        ([], Answer.LABEL),
    ],
)
def test_the_first_rows_say_what_labels_seem_to_be(cells: list[str], kind: Answer) -> None:
    assert propose(cells) is kind


def test_several_labels_are_counted_label_by_label_and_divided_by_the_rarest(tmp_path: Path) -> None:
    cells = [*genres(), *(["musical|drama"] * 10)]
    dataset = imported(tmp_path, cells)

    assert dataset.answer is Answer.LABELS
    assert dataset.labels == ["comedy", "drama", "musical", "war"]
    assert dataset.label_counts()["drama"] == sum("drama" in cell for cell in cells)
    for split in Split:
        assert dataset.label_counts(split)["musical"] >= 1, split
    assert len(dataset.find(label="war")) == sum("war" in cell for cell in cells)


def test_the_report_tells_what_several_labels_are_like(tmp_path: Path) -> None:
    cells = [*genres(), "western|drama", "western", '[1, ["x"]]', ""]
    problems = found(imported(tmp_path, cells, Answer.LABELS))

    assert problems["unreadable_labels"].count == 1
    assert problems["missing_values"].count == 1
    assert problems["rows_without_labels"].count == cells.count("[]")
    assert problems["several_labels"].count == 4
    assert problems["rare_labels"].examples[0].startswith("western")
    assert "small_classes" not in problems


def test_a_rare_label_is_left_out_and_its_rows_stay(tmp_path: Path) -> None:
    dataset = imported(tmp_path, [*genres(), "western|drama", "western"])
    rows, fix = len(dataset.view), found(dataset)["rare_labels"].fix
    assert fix is not None
    dataset.apply(fix)

    assert dataset.labels == ["comedy", "drama", "war"]
    assert len(dataset.view) == rows
    assert found(dataset)["rows_without_labels"].count == genres().count("[]") + 1


def test_labels_that_differ_by_case_are_merged_within_their_cells(tmp_path: Path) -> None:
    dataset = imported(tmp_path, [*genres(), *(["Drama|comedy"] * 3)])
    fix = found(dataset)["label_spelling"].fix
    assert fix is not None
    dataset.apply(fix)

    assert dataset.labels == ["comedy", "drama", "war"]


def test_rows_are_copies_only_if_all_their_labels_are_the_same(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    lines = [f"text number {at} of all,{cell}" for at, cell in enumerate(genres())]
    twice = ["a film,musical|drama", "a film,musical|war", "another,musical|drama", "another,musical|drama"]
    source.write_text("\n".join(["text,label", *lines, *twice]) + "\n", encoding="utf-8")
    import_data(tmp_path / "data", TASK, ImportPlan(sources=(source,), answer=Answer.LABELS))
    problems = found(Dataset.open(tmp_path / "data"))

    assert problems["duplicates"].count == 1
    assert problems["conflicting_labels"].count == 2


def test_commas_that_may_part_thousands_are_told(tmp_path: Path) -> None:
    cells = [f"{at * 7.5:.1f}" for at in range(60)]
    cells[3], cells[4], cells[5] = "1,234", "-12,500", "0,125"
    problem = found(imported(tmp_path, cells, Answer.NUMBER))["unclear_commas"]

    assert problem.count == 2
    assert "1,234 is read as 1.234" in str(problem.message)
    assert problem.rows == (4, 5)


def test_numbers_need_a_number_and_each_part_has_small_and_large_ones(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0).exponential(100, 300)
    cells = [f"{number:.2f}" for number in numbers]
    cells[7], cells[8], cells[9] = "n/a", "1e999", "very much"
    dataset = imported(tmp_path, cells, column="price")
    problems = found(dataset)

    assert dataset.answer is Answer.NUMBER
    assert dataset.labels == ["price"]
    assert dataset.label_counts() == {}
    assert problems["no_numbers"].count == 3
    assert problems["no_numbers"].rows == (8, 9, 10)
    assert "n/a" in str(problems["no_numbers"].message)
    assert sum(dataset.counts().values()) == 297
    for split in Split:
        view = dataset.view.keep(dataset.view.in_split(split))
        assert abs(float(np.median(view.numbers)) - float(np.median(numbers))) < 25, split


def test_a_number_far_from_all_others_is_pointed_at(tmp_path: Path) -> None:
    cells = [f"{10 + at / 7:.3f}" for at in range(100)]
    cells[4] = "100000"

    assert found(imported(tmp_path, cells))["numbers_far_off"].rows == (5,)


def test_numbers_that_are_all_the_same_teach_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="same number"):
        imported(tmp_path, ["3.5"] * 30, Answer.NUMBER)


def test_labels_of_no_row_teach_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No row"):
        imported(tmp_path, ["[]"] * 30, Answer.LABELS)


def test_the_user_knows_better_what_the_label_is_and_can_take_it_back(tmp_path: Path) -> None:
    dataset = imported(tmp_path, [str(1 + at % 5) for at in range(100)])
    assert (dataset.answer, dataset.labels) == (Answer.LABEL, ["1", "2", "3", "4", "5"])
    before = dataset.fingerprint

    dataset.set_roles(dataset.roles, Answer.NUMBER)

    assert (dataset.answer, dataset.labels) == (Answer.NUMBER, ["label"])
    assert dataset.fingerprint != before
    assert Dataset.open(dataset.folder).answer is Answer.NUMBER
    dataset.set_roles(dataset.roles, Answer.LABEL)
    assert dataset.answer is Answer.LABEL
    assert Dataset.open(dataset.folder).labels == ["1", "2", "3", "4", "5"]


def test_what_cannot_be_numbers_does_not_become_them(tmp_path: Path) -> None:
    dataset = imported(tmp_path, ["good", "bad"] * 30)

    with pytest.raises(InputError):
        dataset.set_roles(dataset.roles, Answer.NUMBER)
    assert dataset.answer is Answer.LABEL


def test_a_task_without_such_labels_refuses_them(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        catalog.tasks().spec("token-classification").shaped(Answer.NUMBER)


def test_a_lone_column_of_amounts_is_the_label_whatever_its_name(tmp_path: Path) -> None:
    dataset = imported(tmp_path, [str(at * 37 % 101) for at in range(60)], column="minutes")
    assert dataset.answer is Answer.NUMBER


def test_a_lone_column_that_counts_the_rows_is_no_label(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="recognised"):
        imported(tmp_path, [str(at) for at in range(60)], column="ticket")


@pytest.mark.parametrize(
    ("cells", "said"),
    [(["12 min"] * 20, "an input and a number"), ([*["12 min"] * 20, "5", "5"], "the same number")],
)
def test_numbers_with_units_are_told_how_to_be_written(tmp_path: Path, cells: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        imported(tmp_path, cells, Answer.NUMBER)
    assert "without unit" in str(refused.value.hint)


def test_one_number_is_too_few_and_nothing_is_said_of_classes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="only one complete row") as refused:
        imported(tmp_path, ["5.5"], Answer.NUMBER)
    assert "class" not in str(refused.value.hint)


def amounts(write: str, rows: int = 120) -> list[str]:
    values = np.random.default_rng(2).exponential(2_000, rows).round(2)
    swap = str.maketrans(".,", ",.")
    return [f"{value:,.2f}".translate(swap) + " €" if write == "european" else f"${value:,.2f}" for value in values]


@pytest.mark.parametrize("write", ["european", "american"])
def test_amounts_of_money_are_numbers_however_they_are_written(tmp_path: Path, write: str) -> None:
    dataset = imported(tmp_path, amounts(write), column="price")
    told = found(dataset)

    assert dataset.answer is Answer.NUMBER
    values = np.random.default_rng(2).exponential(2_000, 120).round(2)
    assert np.array_equal(dataset.view.numbers, values)
    assert sorted(map(float, dataset.table()["label"].to_pylist())) == sorted(values.tolist())
    assert told["numbers_rewritten"].count == 120
    assert "no_numbers" not in told
    assert dataset.preview(0, 1)[0]["price"] == amounts(write)[0], "the table itself stays as it was"


def test_amounts_seen_as_numbers_only_later_are_read_the_same_way(tmp_path: Path) -> None:
    cells = [f"{1 + at % 5}.000,5 €" for at in range(100)]
    dataset = imported(tmp_path, cells, Answer.LABEL)
    assert "numbers_as_classes" not in found(dataset), "five amounts may well be classes"

    dataset.set_roles(dataset.roles, Answer.NUMBER)

    assert set(dataset.view.numbers.tolist()) == {1000.5, 2000.5, 3000.5, 4000.5, 5000.5}


def test_numbers_written_in_several_ways_are_told_and_not_guessed_at(tmp_path: Path) -> None:
    cells = [*amounts("european", 40), *amounts("american", 40)] * 3
    dataset = imported(tmp_path, cells)
    problem = found(dataset)["numbers_as_classes"]

    assert dataset.answer is Answer.LABEL
    assert problem.hint is not None
    assert "1234.5" in str(problem.hint)
    assert "€" in str(problem.message)
    assert "numbers_as_classes" not in found(imported(tmp_path, ["a", "b", "c"] * 20))


def test_amounts_in_several_ways_that_cannot_be_classes_are_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="80 different values") as refused:
        imported(tmp_path, [*amounts("european", 40), *amounts("american", 40)])
    assert "in one way" in str(refused.value.hint)
