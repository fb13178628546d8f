"""Samples of a run that draws boxes: each picture with what is right, wrong, badly placed or missed at a threshold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ftstudio.core.states import Split
from ftstudio.core.translation import N_, number, tr, tr_plural
from ftstudio.datasets.store import Dataset
from ftstudio.gui import theme
from ftstudio.gui.operations import Operations
from ftstudio.gui.results.marked_places import JudgedSample, MarkedPlacesView
from ftstudio.gui.samples.boxed_picture import BoxedContent
from ftstudio.gui.samples.threshold_slider import ThresholdSlider
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.labels import caption
from ftstudio.planning.box_answers import EXTRA, MISPLACED, MISSED, RIGHT, WRONG_KIND, BoxAnswer, read_box_answers
from ftstudio.project.decisions import read_decision
from ftstudio.project.layout import RunLayout

PAUSE_MS = 150  # after the slider was moved, the whole list is judged anew


class FoundBoxesView(MarkedPlacesView):
    """The pictures left, the chosen one with its boxes large at the right, below it from when on boxes are drawn."""

    key = "samples"
    title = N_("Samples")
    order = 20
    answers = "boxes"

    def __init__(self, session: Session, operations: Operations) -> None:
        self.boxed, self.threshold, self.summary = BoxedContent(), ThresholdSlider(), caption("", wrap=True)
        super().__init__(session, operations)
        self.list.setAccessibleName(tr("Pictures"))
        self.kind.setAccessibleName(tr("Kind of thing"))
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._judge_all)
        self.threshold.moved.connect(self._slide)
        self.threshold.saved.connect(self._save)

    def read(self, run: RunLayout, dataset: Dataset, split: Split) -> Sequence[BoxAnswer]:
        """Return the answers to the pictures of a split; raises `InputError`."""
        return read_box_answers(run, dataset, split)

    def count(self, samples: int) -> str:
        """Return how many pictures there are, and `{wrong}` for how many of them have mistakes."""
        return tr_plural("One picture, {wrong} with mistakes", "{count} pictures, {wrong} with mistakes", samples)

    def shown_in(self) -> QWidget:
        """Return where a picture is shown."""
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        self.correct_button = button(tr("Correct the boxes…"), icon="image", clicked=self._correct)
        row = QHBoxLayout()
        row.addWidget(self.summary, 1)
        row.addWidget(self.correct_button)
        column.addWidget(self.boxed, 1)
        column.addWidget(self.threshold)
        column.addLayout(row)
        return holder

    def show_sample(self, sample: JudgedSample | None) -> None:
        """Show a picture and what was drawn in it; None takes it away."""
        found = sample if isinstance(sample, BoxAnswer) else None
        self.boxed.show_judged(found.picture if found else None, found.judged if found else [])

    def _take(self, shown: tuple[str, ...], found: Sequence[JudgedSample]) -> None:
        super()._take(shown, found)
        if shown == self._shown:
            first = next((one for one in found if isinstance(one, BoxAnswer)), None)
            may_choose = self.session.can_write and shown[2] != Split.TEST.value
            self.threshold.show_threshold(first.threshold if first else 0.5, may_choose=may_choose)
            self._say_summary()

    def _slide(self, threshold: float) -> None:
        """Draw the picture on show anew at once, and judge all others a little later."""
        at = self.list.currentRow()
        if 0 <= at < len(self.chosen):
            now = self.chosen[at]
            self.show_sample(now.at(threshold) if isinstance(now, BoxAnswer) else now)
        self._pause.start()

    def _judge_all(self) -> None:
        at, threshold = self.list.currentRow(), self.threshold.value
        shown = self.chosen[at].row if 0 <= at < len(self.chosen) else None
        self._all = [one.at(threshold) if isinstance(one, BoxAnswer) else one for one in self._all]
        self._choose()
        rows = [one.row for one in self.chosen]
        if shown in rows:
            self.list.setCurrentRow(rows.index(shown))
        self._say_summary()

    def _say_summary(self) -> None:
        answers = [one for one in self._all if isinstance(one, BoxAnswer)]
        counts = Counter(state for one in answers for state, _ in one.judged)
        parts = (
            (tr("{count} right"), RIGHT),
            (tr("{count} of another kind"), WRONG_KIND),
            (tr("{count} badly placed"), MISPLACED),
            (tr("{count} extra"), EXTRA),
            (tr("{count} missed"), MISSED),
        )
        said = " · ".join(words.format(count=number(counts[state])) for words, state in parts)
        self.summary.setText(tr("All pictures: {counts}").format(counts=said))

    def _save(self, threshold: float) -> None:
        run = self.session.run()
        if run is not None:
            decision = read_decision(run.layout).model_copy(update={"threshold": threshold})
            self.session.set_decision(run, decision, tr("choose a threshold"))

    def _correct(self) -> None:
        """Go to the pictures of the list on the Data page, the one on show first."""
        answers = [one for one in self.chosen if isinstance(one, BoxAnswer)]
        at = max(0, self.list.currentRow())
        places = [one.place for one in (*answers[at:], *answers[:at])]
        if places:
            self.session.stage_requested.emit("data")
            self.session.command_requested.emit("correct_boxes", " ".join(map(str, places)))
