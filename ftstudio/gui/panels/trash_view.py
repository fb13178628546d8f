"""The deleted runs: restored one by one, or removed for good all at once, which is asked."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from ftstudio.core.errors import StudioError
from ftstudio.core.quantities import byte_size
from ftstudio.core.text import text_plural
from ftstudio.core.translation import tr
from ftstudio.gui import notifications, theme
from ftstudio.gui.looking import needs_writing
from ftstudio.gui.recent_projects import when_in_words
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.labels import muted, section


class TrashView(QWidget):
    """Lists the trash of the open project; `left` asks to go back to the runs."""

    left = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        head = QHBoxLayout()
        head.setSpacing(theme.S)
        self.heading, self.taken = section(), muted("", wrap=False)
        self.restore_button = button(tr("Restore"), "primary", icon="undo", clicked=self.restore)
        self.empty_button = button(tr("Empty the trash…"), "danger", clicked=self.empty)
        needs_writing(session, self.restore_button, self.empty_button)
        head.addWidget(button(tr("Back to the runs"), "quiet", icon="chevron-left", clicked=self.left.emit))
        head.addWidget(self.heading)
        head.addWidget(self.taken, 1)
        head.addWidget(self.restore_button)
        head.addWidget(self.empty_button)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Deleted runs"))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.itemActivated.connect(lambda _: self.restore())
        column.addLayout(head)
        column.addWidget(self.list, 1)

    def refresh(self) -> None:
        """List what is in the trash now."""
        from ftstudio.project import trash

        project = self._session.project
        found = trash.list_trash(project.layout) if project is not None else []
        self.list.clear()
        for one in found:
            when = when_in_words(one.deleted.astimezone().replace(tzinfo=None))
            item = QListWidgetItem(tr("{name}, deleted {when}").format(name=one.name, when=when))
            item.setData(Qt.ItemDataRole.UserRole, one.id)
            item.setToolTip(one.id)
            item.setSizeHint(QSize(0, theme.ROW))
            self.list.addItem(item)
        if found:
            self.list.setCurrentRow(0)
        self.heading.setText(text_plural("{count} deleted run", "{count} deleted runs", len(found)).render())
        self.taken.setText(byte_size(trash.size_of(found)) if found else "")
        for one_button in (self.restore_button, self.empty_button):
            one_button.setEnabled(bool(found))

    def restore(self) -> None:
        """Put the chosen runs back."""
        from ftstudio.project.trash import restore_run

        project = self._session.project
        if project is None or not self._session.can_write:
            return
        for item in self.list.selectedItems():
            try:
                restore_run(project.layout, item.data(Qt.ItemDataRole.UserRole))
            except StudioError as error:
                notifications.centre().error(error)
        self._session.refresh_runs()
        self.refresh()

    def empty(self) -> None:
        """Remove everything for good, if the user means it."""
        from ftstudio.project.trash import empty_trash

        project = self._session.project
        if project is None or not self._session.can_write or not confirmed(self, self.list.count()):
            return
        try:
            empty_trash(project.layout)
        except StudioError as error:
            notifications.centre().error(error)
        self._session.refresh_runs()
        self.refresh()


def confirmed(parent: QWidget, count: int) -> bool:
    """Ask whether `count` runs are to be removed for good."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle(tr("Empty the trash?"))
    box.setText(text_plural("{count} deleted run will be gone for good.", "{count} deleted runs will be gone for good.",
                            count).render())  # fmt: skip
    box.setInformativeText(tr("Their models, results and notes cannot be brought back. Exports are not touched."))
    remove = box.addButton(tr("Remove for good"), QMessageBox.ButtonRole.DestructiveRole)
    keep = box.addButton(tr("Keep them"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    box.exec()
    return box.clickedButton() is remove
