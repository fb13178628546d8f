"""The cards of the home page: a recent project with its score and tiny curve, and a sample with its picture."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel

from ftstudio.core import catalog, resources
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.charts.sparkline import Sparkline
from ftstudio.gui.recent_projects import Glance, when_in_words
from ftstudio.gui.widgets.card import ClickCard
from ftstudio.gui.widgets.labels import IconLabel, caption, label, muted

PICTURE_HEIGHT = 72


class ProjectCard(ClickCard):
    """A recent project: name, what it does, best score with a tiny curve, when."""

    def __init__(self, glance: Glance) -> None:
        super().__init__(tr("Open the project {name}").format(name=glance.name))
        self.setToolTip(str(glance.root))
        head = QHBoxLayout()
        head.addWidget(Elided(glance.name, "section"), 1)
        head.addWidget(caption(when_in_words(glance.when)))
        self.body.addLayout(head)
        about = " · ".join(part for part in (glance.task, glance.model) if part)
        self.body.addWidget(Elided(about, "muted"))
        foot = QHBoxLayout()
        foot.setSpacing(theme.S)
        if glance.score:
            foot.addWidget(label(glance.score, "big"))
            foot.addWidget(caption(glance.metric), 0, Qt.AlignmentFlag.AlignBottom)
            foot.addWidget(Sparkline(glance.curve), 1, Qt.AlignmentFlag.AlignBottom)
        else:
            foot.addWidget(caption(tr("not trained yet")), 1, Qt.AlignmentFlag.AlignBottom)
        if glance.interrupted:
            foot.addWidget(IconLabel("warning", "warning"))
            foot.addWidget(caption(tr("interrupted")))
        self.body.addStretch(1)
        self.body.addLayout(foot)
        self.setMinimumHeight(136)


class SampleCard(ClickCard):
    """A shipped example: picture, what it teaches."""

    def __init__(self, spec: Any) -> None:
        super().__init__(tr("Make a project from the sample {name}").format(name=tr(spec.title)))
        self.body.setSpacing(theme.XS)
        row = QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(_picture(spec), 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(row)
        words = ClickCardColumn(row)
        words.add(label(tr(spec.title), "strong"), muted(tr(spec.summary)))


class ClickCardColumn:
    """A column of widgets at the right of a row."""

    def __init__(self, row: QHBoxLayout) -> None:
        from PySide6.QtWidgets import QVBoxLayout

        self._column = QVBoxLayout()
        self._column.setSpacing(2)
        row.addLayout(self._column, 1)

    def add(self, *widgets: QLabel) -> None:
        """Add labels, then leave the rest empty."""
        for widget in widgets:
            self._column.addWidget(widget)
        self._column.addStretch(1)


class Elided(QLabel):
    """A one-line label that ends in an ellipsis where it does not fit."""

    def __init__(self, text: str, role: str = "") -> None:
        super().__init__()
        self._whole = text
        self.setProperty("role", role)
        self.setMinimumWidth(40)
        self.setToolTip(text)
        self._fit()

    def resizeEvent(self, event: Any) -> None:
        """Fit the text to the new width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        super().setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, max(40, self.width())))


def _picture(spec: Any) -> QLabel:
    path = resources.path(*str(getattr(spec, "picture", "") or "none").split("/"))
    if path.is_file():
        made = QLabel()
        pixmap = QPixmap(str(path))
        made.setPixmap(pixmap.scaledToHeight(PICTURE_HEIGHT, Qt.TransformationMode.SmoothTransformation))
        return made
    modality = catalog.tasks().spec(spec.task).modality.value if spec.task in catalog.tasks() else "data"
    return IconLabel(modality, "accent", 40)
