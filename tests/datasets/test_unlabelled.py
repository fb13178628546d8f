"""Empty cells among cells with several labels: left out at first, and used as rows that no label fits when wanted."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ftstudio.core import catalog
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.states import Split
from ftstudio.datasets import unlabelled
from ftstudio.datasets.checks import run_checks
from ftstudio.datasets.importing import import_data
from ftstudio.datasets.options import ImportPlan
from ftstudio.datasets.span_labels import NOTHING
from ftstudio.datasets.store import Dataset

TASK = catalog.tasks().spec("text-classification")


def dataset(folder: Path, group: str = "") -> Dataset:
    lines = [f"text {at % 90},{('a|b', 'a', 'b', '')[at % 4]},case {at % 10}" for at in range(120)]
    source = folder / "rows.csv"
    source.write_text("\n".join([f"text,label,{group or 'note'}", *lines, ",,case 1"]) + "\n", encoding="utf-8")
    roles = {ColumnRole.TEXT: "text", ColumnRole.LABEL: "label"} | ({ColumnRole.GROUP: group} if group else {})
    import_data(folder / "data", TASK, ImportPlan(sources=(source,), answer=Answer.LABELS, roles=roles))
    return Dataset.open(folder / "data")


def test_the_report_offers_to_keep_rows_that_no_label_fits(tmp_path: Path) -> None:
    data = dataset(tmp_path)
    assert sum(data.counts().values()) == 90
    problem = next(one for one in run_checks(data, TASK.shaped(data.answer)) if one.where.column == "label")
    assert problem.fix is not None and problem.fix.key == "keep_unlabelled" and problem.count == 31
    data.apply(problem.fix)
    assert sum(data.counts().values()) == 120  # the row without a text stays left out
    assert data.view.marked is not None and (data.view.marked.having(NOTHING) & data.view.in_split(None)).sum() == 30
    assert set(data.labels) == {"a", "b"}
    assert all(data.count(split) > 10 for split in Split)
    data.set_roles(data.roles, Answer.LABEL)
    assert sum(data.counts().values()) == 90


def test_rows_kept_go_where_their_like_are(tmp_path: Path) -> None:
    data = dataset(tmp_path, "case")
    kept = unlabelled.kept(data.view)
    usable = kept.in_split(None)
    cases = np.array(kept.column(ColumnRole.GROUP).to_pylist())[usable]
    of_case = {case: set(kept.split[usable][cases == case]) for case in cases}
    assert len(of_case) == 10 and all(len(splits) == 1 for splits in of_case.values())


def test_the_same_text_is_not_put_into_two_parts(tmp_path: Path) -> None:
    kept = unlabelled.kept(dataset(tmp_path).view)
    texts = np.array(kept.column(ColumnRole.TEXT).to_pylist())
    for text in set(texts[kept.in_split(None)]):
        assert len(set(kept.split[(texts == text) & kept.in_split(None)])) == 1
