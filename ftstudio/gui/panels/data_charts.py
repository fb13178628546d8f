"""The two pictures of a data set: how many rows each label has, and how long the texts are for the model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ftstudio.core.row_words import name_rows
from ftstudio.core.specs import Answer, ColumnRole, Modality
from ftstudio.core.states import Split
from ftstudio.core.translation import N_, number, tr
from ftstudio.datasets import box_shapes, lengths
from ftstudio.datasets.store import Dataset
from ftstudio.gui import theme
from ftstudio.gui.charts.bar_chart import BarChart
from ftstudio.gui.charts.histogram import Histogram
from ftstudio.gui.tables.dataset_rows import SPLIT_TITLES

SAMPLED = 20_000
BINS = 40
ROOM_FOR_READING, ROOM_FOR_THREE = 320, 540
FAR_BEYOND = 1.6
WIDEST = 5.0  # times as wide as high: what is wider stands in the last bar
TOKENS, WORDS = N_("tokens"), N_("words")


@dataclass(frozen=True)
class Lengths:
    """Lengths of (a sample of) the texts, in `unit`."""

    values: npt.NDArray[np.int64]
    unit: str


class DataCharts(QWidget):
    """Label distribution and, for texts, lengths with what the model will not read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.L)
        self.labels = BarChart(tr("Rows per label"))
        self.numbers = Histogram(tr("Numbers"))
        self.lengths = Histogram(tr("Length of the texts"))
        self.sides = Histogram(tr("Box sizes"), tr("% of the picture's side"))
        self.shapes = Histogram(tr("Box shapes"), tr("width / height"))
        for chart in (self.labels, self.numbers, self.lengths, self.sides, self.shapes):
            chart.setMinimumWidth(140)
        row.addWidget(self.labels, 1)
        row.addWidget(self.numbers, 1)
        row.addWidget(self.lengths, 1)
        row.addWidget(self.sides, 1)
        row.addWidget(self.shapes, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the reading beside a chart's title where there is no room for it."""
        super().resizeEvent(event)
        self.labels.reading.hide()
        for chart in (self.numbers, self.sides, self.shapes):
            chart.reading.hide()
        self.lengths.reading.setVisible(self.lengths.width() >= ROOM_FOR_READING)
        self.shapes.setHidden(self.sides.isHidden() or event.size().width() < ROOM_FOR_THREE)

    def show_dataset(self, dataset: Dataset) -> None:
        """Show the labels at once; the lengths come when they have been measured."""
        counts = {split: dataset.label_counts(split) for split in Split}
        totals = dataset.label_counts(None)
        ranked = sorted(totals, key=lambda label: -totals[label])
        bars = {label: [float(counts[split].get(label, 0)) for split in Split] for label in ranked}
        of_kinds = dataset.answer in (Answer.SPANS, Answer.BOXES)
        self.labels.set_title(name_rows(tr("Rows per kind") if of_kinds else tr("Rows per label")))
        self.labels.show_bars([tr(SPLIT_TITLES[split]) for split in Split], bars)
        self._show_numbers(dataset)
        self.labels.setVisible(dataset.answer.has_named_labels)
        self._show_boxes(dataset)
        self.lengths.setVisible(dataset.manifest.modality is Modality.TEXT)

    def _show_numbers(self, dataset: Dataset) -> None:
        self.numbers.setVisible(dataset.answer is Answer.NUMBER)
        if dataset.answer is Answer.NUMBER:
            numbers = dataset.view.numbers[dataset.view.in_split(None)]
            self.numbers.show_values(numbers[~np.isnan(numbers)].tolist())

    def _show_boxes(self, dataset: Dataset) -> None:
        """Show how large the boxes are beside their pictures, and how wide for their height."""
        is_of_boxes = dataset.answer is Answer.BOXES
        for chart in (self.sides, self.shapes):
            chart.setVisible(is_of_boxes and (chart is self.sides or self.width() >= ROOM_FOR_THREE))
        if is_of_boxes:
            sides, shapes = box_shapes.measure(dataset)
            self.sides.show_values((100 * sides).tolist(), bins=BINS)
            self.shapes.show_values(np.minimum(shapes, WIDEST).tolist(), bins=BINS)

    def show_lengths(self, lengths: Lengths, limit: int | None) -> None:
        """Show how long the texts are; `limit` is what the model reads of each, in tokens."""
        self.lengths.set_title(tr("Length in {unit}").format(unit=tr(lengths.unit)))
        if not len(lengths.values):
            return
        top = float(np.percentile(lengths.values, 99.5)) + 1
        cut = float(limit) if limit and lengths.unit == TOKENS else None
        clipped = np.minimum(lengths.values, top)
        edges = np.linspace(0, max(top, 1.0), min(BINS, int(top) + 1) + 1)
        heights, edges = np.histogram(clipped, bins=edges)
        if cut is not None and cut > FAR_BEYOND * top:  # far to the right it would only squeeze the bars
            self.lengths.show_counts(heights.tolist(), edges.tolist())
            self.lengths.reading.setText(tr("all are read whole (limit {limit})").format(limit=number(limit or 0)))
        else:
            self.lengths.show_counts(heights.tolist(), edges.tolist(), cut=cut)


def measure(dataset: Dataset, tokenizer: Path | None) -> Lengths:
    """Measure the texts of a data set: in tokens with the model's `tokenizer.json`, else in words.

    Of very many rows an even sample is measured.
    """
    view = dataset.view
    if not view.has(ColumnRole.TEXT):
        return Lengths(np.zeros(0, np.int64), WORDS)
    texts = lengths.read_texts(view)
    if len(texts) > SAMPLED:
        texts = texts.take(np.linspace(0, len(texts) - 1, SAMPLED).astype(np.int64))
    texts = lengths.without_forms(view, pc.fill_null(texts, ""))
    if tokenizer is not None and tokenizer.is_file():
        return Lengths(_tokens(texts.to_pylist(), tokenizer), TOKENS)
    counted = pc.list_value_length(pc.utf8_split_whitespace(pc.utf8_trim_whitespace(texts)))
    return Lengths(counted.to_numpy().astype(np.int64), WORDS)


def _tokens(texts: list[str], tokenizer: Path) -> npt.NDArray[np.int64]:
    from tokenizers import Tokenizer

    reader = Tokenizer.from_file(str(tokenizer))
    reader.no_truncation()
    reader.no_padding()
    return np.array([len(one.ids) for one in reader.encode_batch_fast(texts)], np.int64)
