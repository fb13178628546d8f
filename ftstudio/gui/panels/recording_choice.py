"""The question which pictures are of one recording: answered by example, nobody writes a pattern."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ftstudio.core.translation import number, tr, tr_plural
from ftstudio.datasets.recordings import TITLES, Grouped, Way, offered
from ftstudio.gui import theme
from ftstudio.gui.forms.editors import QuietCombo
from ftstudio.gui.widgets.labels import caption


class RecordingChoice(QWidget):
    """Choices for pictures whose names can tell recordings; hidden for all others."""

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[Way, Grouped] = {}
        self.choice = QuietCombo()
        self.choice.setAccessibleName(tr("Which pictures belong together?"))
        self.choice.activated.connect(lambda _: self._tell())
        self._words = caption("", wrap=True)
        row = QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(caption(tr("Which pictures belong together?")))
        row.addWidget(self.choice)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addLayout(row)
        column.addWidget(self._words)
        self.hide()

    def show_names(self, names: Sequence[str | None], labels: Sequence[str | None], proposed: Way) -> None:
        """Offer the ways that make several recordings of these names; the proposed one is chosen."""
        self._found = offered(names, labels)
        self.choice.clear()
        for way in (Way.ALONE, *self._found):
            self.choice.addItem(tr(TITLES[way]), way)
        self.choice.setCurrentIndex(max(0, self.choice.findData(proposed)))
        self._tell()

    def offer(self, offered: bool) -> None:
        """Show the question unless a column answers it, or the names tell nothing."""
        self.setVisible(offered and bool(self._found))

    def value(self) -> Way | None:
        """Return the way chosen; None where nothing is asked."""
        return None if self.isHidden() else Way(self.choice.currentData())

    def _tell(self) -> None:
        found = self._found.get(Way(self.choice.currentData()))
        if found is None:
            self._words.setText(
                tr("For frames of videos or slices of scans choose how their names tell what belongs together.")
            )
            return
        counted = tr_plural("{count} recording", "{count} recordings", found.count).format(count=number(found.count))
        listed = ", ".join(
            tr_plural("{name} ({count} picture)", "{name} ({count} pictures)", count).format(
                name=name, count=number(count)
            )
            for name, count in found.examples
        )
        self._words.setText(
            tr("{recordings} in the first rows, for example {examples}. Each stays whole in one split.").format(
                recordings=counted, examples=listed
            )
        )
