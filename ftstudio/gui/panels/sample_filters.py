"""Which samples to look at and in which order: one row of choices, and how many fit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ftstudio.core.states import Split
from ftstudio.core.translation import N_, number, tr
from ftstudio.gui import theme
from ftstudio.gui.forms.editors import QuietCombo
from ftstudio.gui.widgets.buttons import Segmented, button
from ftstudio.gui.widgets.feedback import HelpButton
from ftstudio.gui.widgets.labels import caption
from ftstudio.planning.sample_choice import Choice, Length, Order, Texts

ORDERS = {
    Order.WORST: N_("Worst first"),
    Order.CONFIDENT: N_("Sure but wrong"),
    Order.UNCERTAIN: N_("Least sure"),
    Order.RANDOM: N_("By chance"),
}
SEARCH_DELAY_MS = 200


class SampleFilters(QWidget):
    """The choices. `changed` when another set of samples is wanted."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seed = 0
        self.order = Segmented({order.value: tr(title) for order, title in ORDERS.items()}, "worst", tr("Order"))
        self.truth, self.predicted = _combo(tr("True label")), _combo(tr("Answer"))
        self.right, self.length = _combo(tr("Right or wrong")), _combo(tr("Length"))
        for words, value in ((tr("Right and wrong"), None), (tr("Wrong only"), False), (tr("Right only"), True)):
            self.right.addItem(words, value)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search"))
        self.search.setAccessibleName(tr("Search the texts"))
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(150)
        self.reset = button(tr("Show all"), "link", clicked=self.show_all)
        self.counted = caption("")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SEARCH_DELAY_MS)
        self._timer.timeout.connect(self.changed)
        self._arrange()
        self.order.changed.connect(self._order_chosen)
        for combo in (self.truth, self.predicted, self.right, self.length):
            combo.activated.connect(lambda _: self.changed.emit())
        self.search.textChanged.connect(lambda _: self._timer.start())
        QShortcut(QKeySequence("/"), self, self.search.setFocus, context=Qt.ShortcutContext.WindowShortcut)

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        first, second = QHBoxLayout(), QHBoxLayout()
        for row, widgets in (
            (first, (self.order, self.counted, self.reset)),
            (second, (self.truth, self.predicted, self.right, self.length, self.search)),
        ):
            row.setSpacing(theme.S)
            for widget in widgets:
                row.addWidget(widget)
            row.addStretch(1)
            column.addLayout(row)
        keys = tr("J and K, the arrows, Home and End go through the samples. W asks why, / searches the texts.")
        first.addWidget(HelpButton(tr("Keys"), keys))

    def offer(self, labels: Sequence[str], texts: Texts | None) -> None:
        """Offer the labels of a run and thirds by length; what is still there stays chosen."""
        for combo, words in ((self.truth, tr("Any true label")), (self.predicted, tr("Any answer"))):
            chosen = combo.currentData()
            combo.clear()
            combo.addItem(words, "")
            for label in labels:
                combo.addItem(label, label)
            combo.setCurrentIndex(max(0, combo.findData(chosen)))
        self.length.setVisible(texts is not None)
        self.search.setVisible(texts is not None)
        if texts is not None:
            self._offer_lengths(texts)

    def _offer_lengths(self, texts: Texts) -> None:
        chosen = self.length.currentIndex()
        low, high = (number(bound) for bound in texts.bounds)
        self.length.clear()
        self.length.addItem(tr("Any length"), None)
        self.length.addItem(tr("Up to {count} letters").format(count=low), Length.SHORT)
        self.length.addItem(tr("{low} to {high} letters").format(low=low, high=high), Length.MIDDLE)
        self.length.addItem(tr("Over {count} letters").format(count=high), Length.LONG)
        self.length.setCurrentIndex(max(0, chosen))

    def choice(self, split: Split) -> Choice:
        """Return what is wanted of the rows of a split."""
        length = self.length.currentData() if not self.length.isHidden() else None
        return Choice(
            split=split,
            order=Order(self.order.value()),
            truth=self.truth.currentData() or "",
            predicted=self.predicted.currentData() or "",
            right=self.right.currentData(),
            length=Length(length) if length else None,
            contains=self.search.text().strip() if not self.search.isHidden() else "",
            seed=self._seed,
        )

    def look_for(self, truth: str, predicted: str) -> None:
        """Choose a pair of labels (empty: any) and nothing else; tells nobody."""
        self._clear()
        self.truth.setCurrentIndex(max(0, self.truth.findData(truth)))
        self.predicted.setCurrentIndex(max(0, self.predicted.findData(predicted)))

    def show_all(self) -> None:
        """Take all restrictions away; the order stays, unless it is itself one."""
        self._clear()
        self.changed.emit()

    def say_count(self, shown: int, wrong: int, total: int) -> None:
        """Say how many samples fit, and how many of them are wrong."""
        words = tr("{wrong} of {shown} wrong").format(wrong=number(wrong), shown=number(shown))
        if shown != total:
            words = tr("{words}; {total} samples in all").format(words=words, total=number(total))
        self.counted.setText(words)
        self.reset.setVisible(shown != total)

    def _clear(self) -> None:
        for combo in (self.truth, self.predicted, self.right, self.length):
            combo.setCurrentIndex(0)
        if self.order.value() == Order.CONFIDENT:
            self.order.choose(Order.WORST)
        self.search.clear()
        self._timer.stop()

    def _order_chosen(self, order: str) -> None:
        self._seed += order == Order.RANDOM
        self.right.setEnabled(order != Order.CONFIDENT)
        self.changed.emit()


def _combo(name: str) -> QuietCombo:
    made = QuietCombo()
    made.setAccessibleName(name)
    made.setMaximumWidth(190)
    made.setSizeAdjustPolicy(QuietCombo.SizeAdjustPolicy.AdjustToContents)
    return made
