"""The search for wrongly marked places and wrong answers: what the folds of a cross-validation doubt, ranked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ftstudio.core import answers, spans
from ftstudio.core.advice import Advice, Cell, Table
from ftstudio.core.best_answer import items_of
from ftstudio.core.errors import InputError
from ftstudio.core.specs import Answer
from ftstudio.core.text import text, text_plural
from ftstudio.engine.answers.outputs import by_row
from ftstudio.engine.guards.studies import Study, finish
from ftstudio.planning import doubts, out_of_fold, place_errors
from ftstudio.planning.out_of_fold import OutOfFold
from ftstudio.planning.place_errors import Doubted

MOST_RANKED, MOST_LISTED, SNIPPET = 1_000, 20, 100


def find(study: Study[Any]) -> dict[str, Any]:
    """Rank the rows of the latest cross-validation by doubt in their places, store the ranking, return the document.

    Raises `InputError` where there is no cross-validation of this data.
    """
    found = _folds(study)
    rows = _rows(study, found)
    judge = {Answer.SPANS: _of_tags, Answer.EXTRACT: _of_answers}[study.task.SPEC.answer]
    doubted = judge(study, rows, found)
    table = _ranked(study, rows, doubted)
    wrong = table.filter(table["probable"])
    numbers = {
        "labels": study.dataset.labels,
        "rows": table.num_rows,
        "probable": wrong.num_rows,
        "ranked": table.slice(0, MOST_RANKED).drop_columns(["place", "text"]).to_pylist(),
    }
    return finish(
        study,
        numbers,
        [_advice(table.num_rows, wrong.num_rows)],
        tables=[_first_rows(table)],
        fill=lambda folder: doubts.write(folder, table.drop_columns(["text"])),
    )


def _folds(study: Study[Any]) -> OutOfFold:
    try:
        return out_of_fold.latest_answers(study.project.layout, study.dataset)
    except InputError as error:
        raise InputError(
            text("Places are judged by the answers of a cross-validation, and there is none of this data that fits."),
            text("Run the cross-validation first: `ftstudio cross-validate`."),
            field="answers",
        ) from error


def _rows(study: Study[Any], found: OutOfFold) -> list[dict[str, Any]]:
    """Return the rows of the folds with their texts and cells."""
    view = study.dataset.view
    at = pa.array(np.searchsorted(view.index, found.table["place"].to_numpy()))
    names = [name for name in ("text", "text_pair", "label") if name in view.table.column_names]
    cells = view.table.select(names).take(at).to_pylist()
    stored = found.table.drop_columns(["label"]).to_pylist()
    return [{**one, **cell} for one, cell in zip(stored, cells, strict=True)]


def _logits(rows: list[dict[str, Any]], width: int) -> NDArray[np.object_]:
    return by_row([np.asarray(row["logits"], dtype=np.float64).reshape(-1, width) for row in rows])


def _of_tags(study: Study[Any], rows: list[dict[str, Any]], found: OutOfFold) -> Doubted:
    logits = _logits(rows, len(found.labels))
    _tell(study, rows, logits, found.labels)
    return place_errors.of_tags(list(logits), [np.asarray(row["truth"], dtype=np.int64) for row in rows])


def _of_answers(study: Study[Any], rows: list[dict[str, Any]], found: OutOfFold) -> Doubted:
    logits = _logits(rows, 2)
    _tell(study, rows, logits, found.labels)
    items = [items_of(row["text_pair"] or "", answers.read(row["label"] or "")) for row in rows]
    return place_errors.of_answers(list(logits), np.array(items, dtype=np.int64).reshape(-1, 2))


def _tell(study: Study[Any], rows: list[dict[str, Any]], logits: NDArray[np.object_], names: list[str]) -> None:
    """Put into each row what it has and what the folds found, in words."""
    passage = study.task.SPEC.answer.passage.value
    said = study.task.decode(logits, [row[passage] or "" for row in rows], names)
    for row, one in zip(rows, said, strict=True):
        row["suggested"] = one.label
        row["given"] = _given(row, study.task.SPEC.answer)


def _given(row: dict[str, Any], answer: Answer) -> str:
    if answer is Answer.SPANS:
        passage = row["text"] or ""
        return spans.sentence(passage, spans.fitting(spans.read(row["label"] or ""), len(passage)))
    return next((one.text for one in answers.read(row["label"] or "")), "")


def _ranked(study: Study[Any], rows: list[dict[str, Any]], doubted: Doubted) -> pa.Table:
    order = doubted.order
    ranked = [rows[at] for at in order]
    columns: dict[str, Any] = {name: [row[name] for row in ranked] for name in ("place", "row", "split", "text")}
    return pa.table(
        {
            **columns,
            "label": [row["given"] for row in ranked],
            "suggested": [row["suggested"] for row in ranked],
            "given": doubted.given[order],
            "believed": doubted.believed[order],
            "probable": doubted.probable[order],
        }
    )


def _advice(rows: int, probable: int) -> Advice:
    about = text("Judged by the answers of the latest cross-validation to rows that its folds had not learned from.")
    if not probable:
        return Advice(
            code="labels_fit",
            mood="good",
            sentence=text("No marked place or answer of the {rows} rows looks wrong.", rows=rows),
            evidence=(about,),
        )
    sentence = text_plural(
        "In {count} of {rows} rows a marked place or answer is probably wrong or missing ({share} %).",
        "In {count} of {rows} rows a marked place or answer is probably wrong or missing ({share} %).",
        count=probable,
        rows=rows,
        share=round(100 * probable / rows, 1),
    )
    doubt = text("A doubt is not a proof: rare or hard rows are doubted too. Look before you fix.")
    mend = text("Mend them in the file they came from, and import it again.")
    return Advice(code="labels_doubted", mood="warning", sentence=sentence, evidence=(about, doubt, mend))


def _first_rows(table: pa.Table) -> Table:
    lines: list[tuple[Cell, ...]] = [
        (one["row"], one["label"] or "–", one["suggested"] or "–", one["believed"], _snippet(one["text"] or ""))
        for one in table.slice(0, MOST_LISTED).to_pylist()
    ]
    columns = (text("row"), text("is marked"), text("should be"), text("believed"), text("content"))
    return Table(title=text("The most doubtful rows"), columns=columns, rows=tuple(lines))


def _snippet(content: str) -> str:
    whole = " ".join(content.split())
    return whole if len(whole) <= SNIPPET else f"{whole[: SNIPPET - 1]}…"
