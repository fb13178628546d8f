"""The certificate of an export as a seal with its figures: proof that it answers as the trained model does, or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.metrics import shown_title
from ftstudio.core.quantities import byte_size, percent, score
from ftstudio.core.row_words import name_rows
from ftstudio.core.text import Text
from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.flow import FlowGrid
from ftstudio.gui.widgets.labels import IconLabel, caption, label, muted
from ftstudio.project.certificate_figures import compares_numbers, largest_difference

Figure = tuple[str, str, str]  # what it is, its value, what it is to be compared with
_MOST_FILES = 12


class CertificateCard(Card):
    """Green when the export answers as the model does, red when not, grey when nothing could be compared."""

    def __init__(self, certificate: Mapping[str, Any] | None, files: Sequence[str], task: str = "") -> None:
        super().__init__()
        row = QHBoxLayout()
        row.setSpacing(theme.L)
        role = "muted" if not certificate else "success" if certificate.get("passed") else "danger"
        icon = "seal-failed" if role == "danger" else "seal"
        row.addWidget(IconLabel(icon, role, 40), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(theme.S)
        heading = _heading(certificate)
        words.addWidget(label(heading, "section", wrap=True))
        if certificate:
            words.addWidget(muted(_story(certificate)))
        figures = _figures(certificate or {}, task)
        if figures:
            grid = FlowGrid(least_width=170, most_width=260)
            for figure in figures:
                grid.add(_tile(figure))
            words.addWidget(grid)
        shown = ", ".join(list(files)[:_MOST_FILES]) + ("…" if len(files) > _MOST_FILES else "")
        words.addWidget(caption(tr("Files: {files}").format(files=shown), wrap=True))
        row.addLayout(words, 1)
        self.body.addLayout(row)
        read = "; ".join(f"{name}: {value} {beside}".strip() for name, value, beside in figures)
        self.setAccessibleName(heading)
        self.setAccessibleDescription(read)


def _tile(figure: Figure) -> QWidget:
    name, value, beside = figure
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    shown = label(value, "strong", selectable=True)
    shown.setFont(theme.font())
    for part in (caption(name), shown, caption(beside, wrap=True)):
        column.addWidget(part)
    column.addStretch(1)
    return holder


def _heading(certificate: Mapping[str, Any] | None) -> str:
    if not certificate:
        return name_rows(tr("Nothing to compare: there were no rows to ask about."))
    if certificate.get("passed"):
        return tr("The export answers as the trained model does.")
    return tr("The export failed its check and is not to be used.")


def _story(certificate: Mapping[str, Any]) -> str:
    split = str(certificate.get("split", ""))
    told = name_rows(
        tr("Loaded by its own runtime in a fresh process and asked about {rows} rows of the {split} data.")
    ).format(rows=number(int(certificate.get("rows", 0))), split=tr(split))
    reason = certificate.get("reason")
    return f"{told} {tr('Why:')} {Text.model_validate(reason)}." if reason else told


def _figures(certificate: Mapping[str, Any], task: str) -> list[Figure]:
    """Return the figures there are; an export that could not be asked has none."""
    if "agreeing" not in certificate:
        return []
    times, sizes = certificate["milliseconds_a_row"], certificate["bytes"]
    key, metrics = certificate["metric"], certificate["metrics"]
    largest = number(largest_difference(certificate))
    asked = certificate.get("asked", certificate["rows"])
    of_rows = tr("{count} of {rows}").format(count=number(certificate["agreeing"]), rows=number(asked))
    figures = [
        (tr("Same answers"), percent(certificate["agreement"], 1), of_rows),
        (tr("Largest difference"), largest, _allowed(certificate)),
    ]
    if key in metrics["before"]:
        figures.append((_metric_title(task, key), *_beside(score, metrics["before"][key], metrics["after"][key])))
    figures.append((name_rows(tr("Milliseconds a row")), *_beside(_one_digit, times["before"], times["after"])))
    figures.append((tr("Size"), *_beside(byte_size, sizes["before"], sizes["after"])))
    return figures


def _beside(written: Callable[[float], str], before: float, after: float) -> tuple[str, str]:
    return written(after), tr("trained model: {value}").format(value=written(before))


def _one_digit(value: float) -> str:
    return number(value, 1)


def _allowed(certificate: Mapping[str, Any]) -> str:
    bounds = certificate["bounds"]
    if compares_numbers(certificate):
        return tr("in the unit of your numbers")
    if "least_agreement" not in bounds:
        return tr("in a probability")
    return tr("in a probability; {share} of answers must be the same").format(share=percent(bounds["least_agreement"]))


def _metric_title(task: str, key: str) -> str:
    try:
        return tr(catalog.tasks().spec(task).metric(key).title)
    except (InputError, KeyError):
        return shown_title(key)
