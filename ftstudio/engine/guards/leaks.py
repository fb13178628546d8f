"""The leak audit as a study: what was found, in words, with the rows side by side and the score without them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.advice import Cell, Table
from ftstudio.core.errors import InputError
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text
from ftstudio.datasets import leaks
from ftstudio.datasets.leaks import Leaks
from ftstudio.datasets.matches import nothing
from ftstudio.datasets.splits import CODES, NAMES
from ftstudio.engine.guards import leak_words
from ftstudio.engine.guards.studies import Study, finish
from ftstudio.engine.probes import alike_features
from ftstudio.engine.probes.alike_features import Alike
from ftstudio.planning.answers import Answers, read_answers
from ftstudio.project.runs import RunSummary, list_runs

PAIRS = "pairs.csv"
LOOKING = text("Looking for rows that occur again")


def audit(study: Study[Any]) -> dict[str, Any]:
    """Carry out the study (see `studies.audit_leaks`) and return its document."""
    view, folder = study.dataset.view, study.dataset.folder
    found = leaks.find(view, folder, study.options.alike, lambda done, total: study.tell(LOOKING, done, total))
    asks_model = study.options.embeddings and not study.task.SPEC.answer.has_places  # such models know words, not rows
    alike = alike_features.find(study, found.view, study.options.max_rows) if asks_model else None
    found = with_similar(found, alike)
    scores = scored_again(study, found)
    counts = counted(found)
    numbers = {
        "rows": study.dataset.counts(),
        "found": counts,
        "similar_from": alike.threshold if alike else None,
        "compared": alike.compared if alike else {},
        "scores": [{"run": run.name, "split": split.value, **values} for run, split, values in scores],
    }
    return finish(
        study,
        numbers,
        leak_words.advise(found, alike),
        tables=[*([leak_words.count_table(counts)] if counts else []), *_score_tables(study, scores)],
        pairs=leak_words.pairs(found),
        fill=lambda place: write_pairs(place / PAIRS, found),
    )


def with_similar(found: Leaks, alike: Alike | None) -> Leaks:
    """Add what is alike to the model, less the rows that were found to leak anyway."""
    if alike is None:
        return Leaks(found.view, {**found.matches, "similar": nothing()})
    known = np.zeros(len(found.view), dtype=bool)
    for kind in ("exact", "near"):
        known[found.matches[kind].right] = True
    return Leaks(found.view, {**found.matches, "similar": alike.matches.only(~known[alike.matches.right])})


def counted(found: Leaks) -> list[dict[str, Any]]:
    """Return one entry for each kind and two parts that share rows: pairs and distinct rows on both sides."""
    entries = []
    for kind in leaks.KINDS:
        for earlier, later in leaks.ORDER:
            pairs = found.between(kind, earlier, later)
            if len(pairs):
                entry = {"kind": kind, "earlier": earlier.value, "later": later.value, "pairs": len(pairs)}
                entry["earlier_rows"], entry["later_rows"] = len(set(pairs.left)), len(set(pairs.right))
                entries.append(entry)
    return entries


def scored_again(study: Study[Any], found: Leaks) -> list[tuple[RunSummary, Split, dict[str, Any]]]:
    """Return the score of the latest run on this data as it was, without the rows that leak, and on those alone."""
    run = _run_on_this_data(study)
    answers = _answers(study, run) if run is not None else None
    if run is None or answers is None:
        return []
    result = []
    for split in (Split.TEST, Split.VALIDATION):
        rows = np.flatnonzero(found.view.split == CODES[split])
        leaking = np.isin(rows, found.rows(leaks.LEAKING, split, later=True))
        mine = answers.of(split)
        if leaking.any() and np.count_nonzero(mine) == len(rows):
            scores = _scores(study, answers.logits[mine].astype(np.float32), answers.label[mine], leaking)
            result.append((run, split, scores))
    return result


def _scores(
    study: Study[Any], logits: NDArray[np.float32], labels: NDArray[np.int64], leaking: NDArray[np.bool_]
) -> dict[str, Any]:
    chosen = {"all": np.ones(len(labels), bool), "without": ~leaking, "only": leaking}
    scored: dict[str, Any] = {}
    for name, mask in chosen.items():
        metrics = study.task.score(logits[mask], labels[mask]) if mask.any() else {}
        scored[name] = {"rows": int(mask.sum()), "metrics": metrics}
    return scored


def _run_on_this_data(study: Study[Any]) -> RunSummary | None:
    for run in list_runs(study.project.layout):
        same = run.request is not None and run.request.data_fingerprint == study.asked.data_fingerprint
        if same and run.status.state.has_result and run.head is not None:
            return run
    return None


def _answers(study: Study[Any], run: RunSummary) -> Answers | None:
    """Return what the run answered; None where that is gone or damaged, which is no fault of the data looked at."""
    try:
        return read_answers(run.layout, study.dataset)
    except InputError:
        return None


WHICH = {
    "all": text("all rows"),
    "without": text("without the rows that leak"),
    "only": text("only the rows that leak"),
}


def _score_tables(study: Study[Any], scores: list[tuple[RunSummary, Split, dict[str, Any]]]) -> list[Table]:
    metrics = study.task.SPEC.metrics
    tables = []
    for run, split, values in scores:
        rows: list[tuple[Cell, ...]] = [
            (WHICH[name], one["rows"], *(one["metrics"].get(metric.key) for metric in metrics))
            for name, one in values.items()
        ]
        columns = (text("scored on"), text("rows"), *(text(metric.title) for metric in metrics))
        title = text("The run “{run}” on the {split} rows", run=run.name, split=Text(template=split.value))
        test_of = run.id if split is Split.TEST else None
        tables.append(Table(title=title, columns=columns, rows=tuple(rows), test_of=test_of))
    return tables


def write_pairs(path: Path, found: Leaks) -> None:
    """Write all pairs as a table: kind, similarity, and part and row number of both."""
    view = found.view
    name: Callable[[int], str] = lambda row: NAMES[int(view.split[row])].value  # noqa: E731
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("kind", "similarity", "earlier_part", "earlier_row", "later_part", "later_row"))
        for kind, matches in found.matches.items():
            for left, right, alike in zip(matches.left, matches.right, matches.similarity, strict=True):
                writer.writerow(
                    (kind, round(float(alike), 4), name(left), view.row[left], name(right), view.row[right])
                )
