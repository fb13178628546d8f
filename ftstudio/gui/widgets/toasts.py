"""Messages on the screen: a short stack at the lower right, and a drawer with everything said so far."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.notifications import Notification, Notifications
from ftstudio.gui.widgets.buttons import button, icon_button
from ftstudio.gui.widgets.card import empty
from ftstudio.gui.widgets.feedback import Banner
from ftstudio.gui.widgets.labels import caption, section
from ftstudio.gui.widgets.page import scrolled

SHOWN_MS = {"note": 6000, "success": 8000, "warning": 15000, "danger": 0}
AT_MOST = 4
WIDTH = 420


class NotificationBridge(QObject):
    """Brings messages, posted on any thread, to the window's thread."""

    posted = Signal(object)

    def __init__(self, source: Notifications, parent: QObject) -> None:
        super().__init__(parent)
        source.subscribe(self._pass_on)
        self.destroyed.connect(lambda: source.unsubscribe(self._pass_on))

    def _pass_on(self, message: Notification) -> None:
        self.posted.emit(message)


def banner_of(message: Notification, *, closable: bool = True) -> Banner:
    """Return a message as a banner with its buttons; one with details can be opened and copied."""
    made = Banner(message.message, message.severity, message.hint, closable=closable, narrow=True)
    for words, act in message.actions:
        made.add_button(words, _then_hide(made, act) if closable else act)
    if message.details:
        made.add_button(tr("Copy report"), lambda: QApplication.clipboard().setText(message.report()), "quiet")
    return made


def _then_hide(banner: Banner, act: Callable[[], object]) -> Callable[[], object]:
    def acted() -> None:
        banner.hide()
        act()

    return acted


class Toasts(QWidget):
    """Lies over the window's content; takes the mouse only where a message is."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.S)
        host.installEventFilter(self)
        self.hide()

    def show_message(self, message: Notification) -> None:
        """Show a message; errors stay until dismissed."""
        banner = banner_of(message)
        banner.setFixedWidth(WIDTH)
        self._column.addWidget(banner)
        while self._column.count() > AT_MOST:
            item = self._column.takeAt(0)
            oldest = item.widget() if item is not None else None
            if oldest is not None:
                oldest.deleteLater()
        banner.installEventFilter(self)
        if SHOWN_MS[message.severity]:
            QTimer.singleShot(SHOWN_MS[message.severity], banner, banner.hide)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the lower right; drop a message that was hidden."""
        if event.type() is QEvent.Type.Resize and watched is self._host:
            self._place()
        elif event.type() is QEvent.Type.Hide and isinstance(watched, Banner) and not watched.isVisibleTo(self):
            self._column.removeWidget(watched)
            watched.deleteLater()
            QTimer.singleShot(0, self, self._place)
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        if not self._column.count():
            self.hide()
            return
        height = min(self._column.totalHeightForWidth(WIDTH), self._host.height() - 2 * theme.L)
        height = max(height, self._column.totalMinimumHeightForWidth(WIDTH))
        self.setGeometry(self._host.width() - WIDTH - theme.L, self._host.height() - height - theme.L, WIDTH, height)
        self.show()
        self.raise_()


class MessageDrawer(QWidget):
    """Everything said since the start, newest first, each with its report."""

    def __init__(self, source: Notifications) -> None:
        super().__init__()
        self._source = source
        self.setProperty("role", "drawer")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(360)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
        head = QHBoxLayout()
        head.addWidget(section(tr("Messages")), 1)
        head.addWidget(icon_button("close", tr("Close messages"), clicked=self.hide))
        column.addLayout(head)
        holder = QWidget()
        self._list = QVBoxLayout(holder)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(theme.S)
        column.addWidget(scrolled(holder), 1)

    def hear(self, _: Notification) -> None:
        """Keep up with what is said while the drawer is open."""
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """List the messages as they are now."""
        empty(self._list)
        if not self._source.record:
            self._list.addWidget(caption(tr("Nothing has been said yet.")))
        for message in reversed(self._source.record):
            self._list.addWidget(caption(f"{message.time:%H:%M}"))
            self._list.addWidget(banner_of(message, closable=False))
            if message.details:
                self._list.addWidget(self._details(message))
        self._list.addStretch(1)

    def _details(self, message: Notification) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        view = QPlainTextEdit(message.report())
        view.setReadOnly(True)
        view.setAccessibleName(tr("Report"))
        view.setFixedHeight(140)
        view.hide()
        column.addWidget(button(tr("Details"), "link", clicked=lambda: view.setVisible(view.isHidden())))
        column.addWidget(view)
        return holder
