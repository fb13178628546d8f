"""Small sources and imports for the tests of data sets."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ftstudio.core import catalog
from ftstudio.core.problems import Problem
from ftstudio.core.specs import ColumnRole, TaskSpec
from ftstudio.datasets.checks import run_checks
from ftstudio.datasets.importing import ImportPlan, ReadOptions, Shares, import_data
from ftstudio.datasets.store import Dataset

Rows = Sequence[Mapping[str, str]]


def text_task() -> TaskSpec:
    task: TaskSpec = catalog.tasks().spec("text-classification")
    return task


def image_task() -> TaskSpec:
    task: TaskSpec = catalog.tasks().spec("image-classification")
    return task


def span_task() -> TaskSpec:
    task: TaskSpec = catalog.tasks().spec("token-classification")
    return task


def reviews(count: int = 40) -> list[dict[str, str]]:
    """Different texts with two labels in turn; some hold commas, quotes, line breaks and letters beyond ASCII."""
    odd = [
        'it was "great", really',
        "two\nlines, one cell",
        "café — naïve £5",
        "日本語 тест",
        "plain words",
        "  spaced  ",
    ]
    return [
        {"text": f"{odd[number % len(odd)]} {number}", "label": ("good", "bad")[number % 2]} for number in range(count)
    ]


def write_csv(path: Path, rows: Rows, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_jsonl(path: Path, rows: Rows) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def write_json(path: Path, rows: Rows) -> Path:
    path.write_text(json.dumps(list(rows), indent=2, ensure_ascii=False), encoding="utf-8")
    return path


def write_parquet(path: Path, rows: Rows) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), path)
    return path


def write_xlsx(path: Path, rows: Rows) -> Path:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [list(rows[0]), *[list(row.values()) for row in rows]]:
        sheet.append(row)
    book.save(path)
    return path


def write_xls(path: Path, rows: Rows) -> Path:
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("rows")
    for number, row in enumerate([list(rows[0]), *[list(row.values()) for row in rows]]):
        for place, cell in enumerate(row):
            sheet.write(number, place, cell)
    book.save(str(path))
    return path


def write_ods(path: Path, rows: Rows) -> Path:
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    book = OpenDocumentSpreadsheet()
    table = Table(name="rows")
    for row in [list(rows[0]), *[list(row.values()) for row in rows]]:
        line = TableRow()
        for cell in row:
            box = TableCell(valuetype="string")
            for part in cell.split("\n"):
                box.addElement(P(text=part))
            line.addElement(box)
        table.addElement(line)
    book.spreadsheet.addElement(table)
    book.save(str(path))
    return path


def write_text_folder(path: Path, rows: Rows) -> Path:
    for number, row in enumerate(rows):
        folder = path / row["label"]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:04d}.txt").write_text(row["text"], encoding="utf-8", newline="")
    return path


def picture(path: Path, number: int, size: tuple[int, int] = (12, 10), **options: Any) -> Path:
    """Write a small picture that no other number gives."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", size, (number * 37 % 256, number % 256, number // 256 % 256))
    image.putpixel((number % size[0], number % size[1]), (255, 255, 255))
    image.save(path, **options)
    return path


def write_image_folder(path: Path, count: int = 24, labels: Sequence[str] = ("cat", "dog")) -> Path:
    for number in range(count):
        picture(path / labels[number % len(labels)] / f"{number:03d}.png", number)
    return path


WRITERS: dict[str, tuple[str, Callable[[Path, Rows], Path]]] = {
    "csv": ("rows.csv", write_csv),
    "jsonl": ("rows.jsonl", write_jsonl),
    "json": ("rows.json", write_json),
    "parquet": ("rows.parquet", write_parquet),
    "spreadsheet": ("rows.xlsx", write_xlsx),
    "text-folder": ("rows", write_text_folder),
}


def imported(
    source: Path,
    data: Path,
    task: TaskSpec | None = None,
    test: Path | None = None,
    roles: Mapping[ColumnRole, str] | None = None,
    options: ReadOptions | None = None,
    shares: Shares | None = None,
    seed: int = 0,
) -> Dataset:
    """Import a source and open the result."""
    plan = ImportPlan(
        (source,), (test,) if test else (), roles or {}, options or ReadOptions(), shares or Shares(), seed
    )
    import_data(data, task or text_task(), plan)
    return Dataset.open(data)


def found(dataset: Dataset, task: TaskSpec | None = None) -> dict[str, Problem]:
    """Return what the checks find, by code."""
    return {problem.code: problem for problem in run_checks(dataset, task or text_task())}
