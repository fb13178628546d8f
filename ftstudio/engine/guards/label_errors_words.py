"""What the search for wrong labels says: how many, of which labels, and the first rows to look at."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa

from ftstudio.core.advice import Advice, Cell, Remedy, Table
from ftstudio.core.text import Text, text, text_plural
from ftstudio.engine.guards.studies import Told

MOST_RANKED = 1_000  # rows in the verb's document; the file beside the report has them all
MOST_LISTED = 20
SNIPPET = 100
MANY = 0.2


def tell(table: pa.Table, rows: pa.Table, names: list[str], by: Text) -> Told:
    """Return numbers, advice and tables.

    Args:
        table: the ranking as `planning.doubts` stores it.
        rows: the ranked rows themselves, in the same order.
        names: the labels.
        by: whose answers the labels were judged by.
    """
    wrong = table.filter(table["probable"])
    by_label = [_of_label(name, table, wrong) for name in names]
    numbers: dict[str, Any] = {
        "labels": names,
        "rows": table.num_rows,
        "probable": wrong.num_rows,
        "by_label": by_label,
        "ranked": table.slice(0, MOST_RANKED).drop_columns(["beliefs", "place"]).to_pylist(),
    }
    return Told(numbers, _advice(table.num_rows, wrong.num_rows, by), [], [_label_table(by_label), *_rows(wrong, rows)])


def _of_label(name: str, table: pa.Table, wrong: pa.Table) -> dict[str, Any]:
    instead = Counter(
        suggested
        for label, suggested in zip(wrong["label"].to_pylist(), wrong["suggested"].to_pylist(), strict=True)
        if label == name
    )
    rows = sum(label == name for label in table["label"].to_pylist())
    return {
        "label": name,
        "rows": rows,
        "probable": instead.total(),
        "mostly": instead.most_common(1)[0][0] if instead else None,
    }


def _advice(rows: int, probable: int, by: Text) -> list[Advice]:
    about = text("Judged by the answers of {by} to rows they had not learned from.", by=by)
    if not probable:
        words = text("No label of the {rows} rows looks wrong.", rows=rows)
        return [Advice(code="labels_fit", mood="good", sentence=words, evidence=(about,))]
    sentence = text_plural(
        "{count} of {rows} labels is probably wrong ({share} %).",
        "{count} of {rows} labels are probably wrong ({share} %).",
        count=probable,
        rows=rows,
        share=round(100 * probable / rows, 1),
    )
    evidence = [about, text("A doubt is not a proof: rare or hard rows are doubted too. Look before you fix.")]
    if probable > MANY * rows:
        evidence.append(
            text("So many doubts say more about the model than about the labels: it cannot tell these labels apart.")
        )
    look = Remedy(label=text("Look at them one at a time"), action="look", values={"view": "label_doctor"})
    return [
        Advice(code="labels_doubted", mood="warning", sentence=sentence, evidence=tuple(evidence), remedies=(look,))
    ]


def _label_table(by_label: list[dict[str, Any]]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (one["label"], one["rows"], one["probable"], one["mostly"] or "–") for one in by_label
    ]
    return Table(
        title=text("By label"),
        columns=(text("label"), text("rows"), text("probably wrong"), text("mostly taken for")),
        rows=tuple(rows),
    )


def _rows(wrong: pa.Table, rows: pa.Table) -> list[Table]:
    if not wrong.num_rows:
        return []
    shown = wrong.slice(0, MOST_LISTED).to_pylist()
    contents = [_content(row) for row in rows.slice(0, len(shown)).to_pylist()]
    lines: list[tuple[Cell, ...]] = [
        (one["row"], one["label"], one["suggested"], one["believed"], content)
        for one, content in zip(shown, contents, strict=True)
    ]
    columns = (text("row"), text("label"), text("should be"), text("believed"), text("content"))
    return [Table(title=text("The most doubtful rows"), columns=columns, rows=tuple(lines))]


def _content(row: dict[str, Any]) -> str:
    whole = " ".join(str(row.get("text") or row.get("source") or row.get("image") or "").split())
    return whole if len(whole) <= SNIPPET else f"{whole[: SNIPPET - 1]}…"
