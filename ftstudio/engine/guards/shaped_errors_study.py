"""The search for wrong labels where rows have several each, or a number: ranked by answers not learned from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ftstudio.core import label_sets, plain_numbers
from ftstudio.core.advice import Advice, Cell, Remedy, Table
from ftstudio.core.deciding import sigmoid
from ftstudio.core.errors import InputError
from ftstudio.core.specs import Answer
from ftstudio.core.text import Text, text, text_plural
from ftstudio.datasets import folds, label_edits
from ftstudio.engine.guards.studies import Study, finish
from ftstudio.engine.probes import quick_folds, shaped_answers
from ftstudio.planning import doubts, out_of_fold, shaped_errors

FEWEST_ROWS = 20
MOST_RANKED, MOST_LISTED, SNIPPET = 1_000, 20, 100
OF_NUMBERS = "off"
"""The column that says how far a number is from the answer."""


@dataclass(frozen=True)
class Judged:
    """Rows with a known truth, [rows, labels] or [rows, 1], and what was answered, in the same shape: probabilities of
    labels, or numbers. `by` says whose answers they are.
    """

    table: pa.Table
    truth: NDArray[np.float64]
    said: NDArray[np.float64]
    names: list[str]
    by: Text


def find(study: Study[Any]) -> dict[str, Any]:
    """Rank all rows but the test rows, store the ranking, and return the study's document; raises `InputError`."""
    pool = folds.pool(study.dataset)
    if len(pool) < FEWEST_ROWS:
        raise InputError(
            text_plural(
                "With {count} row outside the test rows no label can be judged by the others.",
                "With {count} rows outside the test rows no label can be judged by the others.",
                count=len(pool),
            ),
            text("Label at least {rows} rows.", rows=FEWEST_ROWS),
        )
    judged = _without_confirmed(study, _judge(study, pool))
    table = _of_numbers(judged) if study.task.SPEC.answer is Answer.NUMBER else _of_labels(judged)
    wrong = table.filter(table["probable"])
    numbers = {
        "labels": study.dataset.labels,
        "rows": table.num_rows,
        "probable": wrong.num_rows,
        "ranked": table.slice(0, MOST_RANKED).drop_columns(["place", "content"]).to_pylist(),
    }
    return finish(
        study,
        numbers,
        [_advice(table, wrong.num_rows, judged.by)],
        tables=[_first_rows(table)],
        fill=lambda folder: doubts.write(folder, table.drop_columns(["content"])),
    )


def _judge(study: Study[Any], pool: folds.Pool) -> Judged:
    wanted = study.options.answers
    if wanted != "quick":
        try:
            return _by_folds(study, pool)
        except InputError:
            if wanted == "cross_validation":
                raise
    way = shaped_answers.way_of(study.task.SPEC.answer)
    truth = way.truth(pool.table, pool.learned)
    said = quick_folds.outputs(study, pool, truth, study.options.repeats)
    return _known(pool, truth, said, text("quick folds on the unchanged model"))


def _without_confirmed(study: Study[Any], judged: Judged) -> Judged:
    """Leave out the rows whose labels, or number, somebody has said to be right."""
    said = label_edits.confirmed(study.dataset.edits)
    cells = zip(judged.table["place"].to_pylist(), judged.table["label"].to_pylist(), strict=True)
    kept = np.array([said.get(place) != cell for place, cell in cells], dtype=bool)
    return replace(judged, table=judged.table.filter(pa.array(kept)), truth=judged.truth[kept], said=judged.said[kept])


def _by_folds(study: Study[Any], pool: folds.Pool) -> Judged:
    """Judge by the latest cross-validation, whose answers come in the order of the pool."""
    found = out_of_fold.latest_answers(study.project.layout, study.dataset)
    places = found.table["place"].to_numpy()
    if not np.array_equal(places, pool.table["place"].to_numpy()):
        raise out_of_fold.damaged(found.folder, ValueError("the rows are others than those of the data"))
    truth, logits = (np.array(found.table[key].to_pylist(), dtype=np.float64) for key in ("truth", "logits"))
    said = logits if study.task.SPEC.answer is Answer.NUMBER else sigmoid(logits)
    return _known(pool, truth[:, : said.shape[1]], said, text("the latest cross-validation"))


def _known(pool: folds.Pool, truth: NDArray[Any], said: NDArray[Any], by: Text) -> Judged:
    kept = ~np.isnan(truth).any(axis=1)
    table = pool.table.filter(pa.array(kept))
    return Judged(table, truth[kept].astype(np.float64), said[kept].astype(np.float64), pool.learned, by)


def _of_labels(judged: Judged) -> pa.Table:
    there = judged.truth > 0.5
    found = shaped_errors.of_labels(judged.said, there)
    order = found.order
    wanted = [_cell(row, judged.names) for row in (there != found.flipped)[order]]
    given = [_cell(row, judged.names) for row in there[order]]
    columns = {"label": given, "suggested": wanted, "given": found.given[order], "believed": found.believed[order]}
    return pa.table({**_about(judged.table, order), **columns, "probable": found.probable[order]})


def _cell(there: NDArray[np.bool_], names: list[str]) -> str:
    return label_sets.write(name for name, one in zip(names, there, strict=True) if one)


def _of_numbers(judged: Judged) -> pa.Table:
    truth, said = judged.truth[:, 0], judged.said[:, 0]
    found = shaped_errors.of_numbers(truth, said)
    order = found.order
    cells = {
        key: [plain_numbers.write(one) for one in of[order]] for key, of in (("label", truth), ("suggested", said))
    }
    return pa.table(
        {**_about(judged.table, order), **cells, OF_NUMBERS: found.off[order], "probable": found.probable[order]}
    )


def _about(table: pa.Table, order: NDArray[np.int64]) -> dict[str, Any]:
    rows = table.take(pa.array(order))
    content = "text" if "text" in rows.column_names else "source" if "source" in rows.column_names else "image"
    return {"place": rows["place"], "row": rows["row"], "split": rows["split"], "content": rows[content]}


def _advice(table: pa.Table, probable: int, by: Text) -> Advice:
    about = text("Judged by the answers of {by} to rows they had not learned from.", by=by)
    rows, numbers = table.num_rows, OF_NUMBERS in table.column_names
    if not probable:
        words = (
            text("No number of the {rows} rows looks wrong.", rows=rows)
            if numbers
            else text("No label of the {rows} rows looks wrong.", rows=rows)
        )
        return Advice(code="labels_fit", mood="good", sentence=words, evidence=(about,))
    figures = {"rows": rows, "share": round(100 * probable / rows, 1)}
    sentence = (
        text_plural(
            "{count} of {rows} numbers is further from its answer than chance explains ({share} %).",
            "{count} of {rows} numbers are further from their answers than chance explains ({share} %).",
            count=probable,
            **figures,
        )
        if numbers
        else text_plural(
            "In {count} of {rows} rows a label is probably missing or too many ({share} %).",
            "In {count} of {rows} rows a label is probably missing or too many ({share} %).",
            count=probable,
            **figures,
        )
    )
    doubt = text("A doubt is not a proof: rare or hard rows are doubted too. Look before you fix.")
    look = Remedy(label=text("Look at them one at a time"), action="look", values={"view": "label_doctor"})
    return Advice(code="labels_doubted", mood="warning", sentence=sentence, evidence=(about, doubt), remedies=(look,))


def _first_rows(table: pa.Table) -> Table:
    numbers = OF_NUMBERS in table.column_names
    last = OF_NUMBERS if numbers else "believed"
    lines: list[tuple[Cell, ...]] = [
        (one["row"], one["label"], one["suggested"], one[last], _snippet(one["content"] or ""))
        for one in table.slice(0, MOST_LISTED).to_pylist()
    ]
    columns = (
        (text("row"), text("number"), text("answer"), text("off by"), text("content"))
        if numbers
        else (text("row"), text("labels"), text("should be"), text("believed"), text("content"))
    )
    return Table(title=text("The most doubtful rows"), columns=columns, rows=tuple(lines))


def _snippet(content: str) -> str:
    whole = " ".join(content.split())
    return whole if len(whole) <= SNIPPET else f"{whole[: SNIPPET - 1]}…"
