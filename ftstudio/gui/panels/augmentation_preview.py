"""The project's own pictures beside what training will make of them: a strip below the field that decides it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ftstudio.core.messages import Request
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.specs import Answer
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.operations import Operation, Operations
from ftstudio.gui.samples.small_picture import SmallPicture
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.labels import caption

KEYS = ("augmentation", "mirroring", "colour_changes", "mixup", "cutmix", "seed")
ROWS = 2
VARIANTS, SIDE = 4, 72
BOXED_VARIANTS, BOXED_SIDE = 3, 96  # boxes need larger pictures, of which fewer have room
WAIT_MS = 400


class AugmentationPreview(QWidget):
    """Follows the settings of the open project; hidden while no picture is changed."""

    def __init__(self, session: Session, operations: Operations, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._operations = session, operations
        self._operation: Operation | None = None
        self._shown: object = None
        self._again = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT_MS)
        self._timer.timeout.connect(self._ask)
        self.state = caption("", wrap=True)
        self.others = button(tr("Other changes"), "link", clicked=self.show_others)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.M, 0, 0, theme.S)
        column.setSpacing(theme.XS)
        self._grid = QGridLayout()
        self._grid.setSpacing(theme.XS)
        row = QHBoxLayout()
        row.addLayout(self._grid)
        row.addStretch(1)
        column.addLayout(row)
        below = QHBoxLayout()
        below.addWidget(self.state, 1)
        below.addWidget(self.others)
        column.addLayout(below)
        session.settings_changed.connect(self.refresh)
        session.data_changed.connect(self._forget)
        self.refresh()

    def refresh(self) -> None:
        """Ask for new pictures if the settings that change them have changed."""
        settings = self._settings()
        self.setVisible(settings is not None)
        if settings is None or not self.isVisible():
            return
        wanted = {key: getattr(settings, key) for key in KEYS}
        if self._again:
            wanted["seed"] = wanted["seed"] + self._again
        if wanted != self._shown:
            self._shown = wanted
            self.state.setText(tr("Changing some of your pictures…"))
            self._timer.start()

    def show_others(self) -> None:
        """Show other chance changes of other pictures."""
        self._again += 1
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while hidden."""
        super().showEvent(event)
        self.refresh()

    def _forget(self) -> None:
        self._shown = None
        self.refresh()

    def _settings(self) -> TrainingSettings | None:
        session = self._session
        if session.resolved is None or session.dataset is None or session.task is None:
            return None
        settings = session.resolved.settings
        changed = settings.augmentation != "none" or settings.mixup > 0 or settings.cutmix > 0
        return settings if changed and session.task.modality == "image" else None

    @property
    def _boxed(self) -> bool:
        """Whether the pictures have boxes."""
        task = self._session.task
        return task is not None and task.answer is Answer.BOXES

    def _ask(self) -> None:
        project = self._session.project
        if project is None or self._shown is None:
            return
        if self._operation is not None:
            self._operation.cancel()
        variants = BOXED_VARIANTS if self._boxed else VARIANTS
        options = {"settings": self._shown, "rows": ROWS, "variants": variants}
        asked = self._shown
        operation = self._operations.run_job(
            Request(job="preview_augmentation", project=project.layout.root, options=options),
            title=tr("Preview of changed pictures"),
            on_success=lambda document: self._show(document) if asked == self._shown else None,
            on_failure=lambda error: self.state.setText(str(getattr(error, "message", error))),
        )
        self._operation = operation
        operation.ended.connect(lambda: self._end(operation))

    def _end(self, operation: Operation) -> None:
        if self._operation is operation:
            self._operation = None

    def _show(self, document: dict[str, Any]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for row, picture in enumerate(document["pictures"]):
            label = picture["label"] or tr("nothing marked")
            self._put(row, 0, picture["original"], picture, tr("{label}, as it is").format(label=label))
            for number, variant in enumerate(picture["variants"], start=1):
                words = tr("{label}, changed").format(label=label)
                if variant["mixed"]:
                    words = tr("{label} with {other}").format(label=label, other=variant["mixed"])
                self._put(row, number, variant["path"], variant, words)
        told = tr("Left: as it is. Right: as training sees it.")
        self.state.setText(f"{told} {tr('Boxes move along.')}" if self._boxed else told)

    def _put(self, row: int, place: int, path: str, shown: dict[str, Any], words: str) -> None:
        picture = SmallPicture(path, BOXED_SIDE if self._boxed else SIDE, shown.get("boxes", []))
        picture.setToolTip(words)
        picture.setAccessibleName(words)
        self._grid.addWidget(picture, row, place + (1 if place else 0))
        self._grid.setColumnMinimumWidth(1, theme.S)
