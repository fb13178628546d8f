"""The rail of stages on the left: icon, name and state of each; folds to icons."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ftstudio.core.quantities import percent
from ftstudio.core.states import StageState
from ftstudio.core.translation import N_, tr
from ftstudio.gui import icons, theme
from ftstudio.gui.widgets.buttons import icon_button

STATE_ICONS = {
    StageState.EMPTY: ("empty", "muted"),
    StageState.READY: ("ready", "muted"),
    StageState.WARNING: ("warning", "warning"),
    StageState.DONE: ("done", "success"),
    StageState.ACTIVE: ("active", "accent"),
}
STATE_WORDS = {
    StageState.EMPTY: N_("empty"),
    StageState.READY: N_("ready"),
    StageState.WARNING: N_("needs a look"),
    StageState.DONE: N_("done"),
    StageState.ACTIVE: N_("at work"),
}


class StageButton(QToolButton):
    """One stage: its icon, its name, and right of it how it stands (or the per cent while at work)."""

    def __init__(self, key: str, title: str, icon: str) -> None:
        super().__init__()
        self.key, self._title, self._icon = key, title, icon
        self.state, self.share, self.folded = StageState.READY, 0.0, False
        self.shows_state = key != "home"
        self.setProperty("kind", "stage")
        self.setCheckable(True)
        self.setFixedHeight(40)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.show_state(StageState.READY)

    def show_state(self, state: StageState, share: float = 0.0) -> None:
        """Change how the stage stands; `share` is how far it is while at work."""
        self.state, self.share = state, share
        words = f"{self._title}: {tr(STATE_WORDS[state])}" if self.shows_state else self._title
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size in the rail."""
        return QSize(40 if self.folded else theme.RAIL - 2 * theme.M, 40)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw icon, name and state over the button's background."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = (self.height() - icons.SIZE) // 2
        chosen = self.isChecked()
        left = (self.width() - icons.SIZE) // 2 if self.folded else 10
        icons.icon(self._icon, "accent" if chosen else "muted").paint(
            painter, QRect(left, middle, icons.SIZE, icons.SIZE)
        )
        if self.folded:
            self._paint_badge(painter)
        else:
            self._paint_words(painter, chosen)
        painter.end()

    def _paint_words(self, painter: QPainter, chosen: bool) -> None:
        now = theme.current()
        weight = painter.font().Weight.DemiBold if chosen else painter.font().Weight.Normal
        painter.setFont(theme.font(theme.BODY, weight))
        painter.setPen(now.color("text" if chosen or self.underMouse() else "muted"))
        painter.drawText(QRect(40, 0, self.width() - 68, self.height()), Qt.AlignmentFlag.AlignVCenter, self._title)
        if not self.shows_state:
            return
        if self.state is StageState.ACTIVE and self.share:
            painter.setFont(theme.font(theme.SMALL))
            painter.setPen(now.color("accent"))
            area = QRect(self.width() - 58, 0, 48, self.height())
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, percent(self.share))
            return
        name, role = STATE_ICONS[self.state]
        icons.icon(name, role).paint(painter, QRect(self.width() - 26, (self.height() - 16) // 2, 16, 16))

    def _paint_badge(self, painter: QPainter) -> None:
        if self.shows_state and self.state is not StageState.READY and self.state is not StageState.EMPTY:
            name, role = STATE_ICONS[self.state]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.current().color("sunken"))
            painter.drawEllipse(self.width() - 17, self.height() - 17, 14, 14)
            icons.icon(name, role).paint(painter, QRect(self.width() - 16, self.height() - 16, 12, 12))


class Rail(QWidget):
    """All stages below each other; `chosen` carries the key of the one pressed."""

    chosen = Signal(str)
    fold_asked = Signal()

    def __init__(self, stages: list[tuple[str, str, str]]) -> None:
        super().__init__()
        self.setProperty("role", "rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(tr("Stages"))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.S, theme.M, theme.S, theme.S)
        column.setSpacing(2)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, StageButton] = {}
        for key, title, icon in stages:
            self.buttons[key] = made = StageButton(key, title, icon)
            made.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
            self._group.addButton(made)
            column.addWidget(made)
        column.addStretch(1)
        self._fold = icon_button("sidebar", tr("Fold the rail (Ctrl+B)"), clicked=self.fold_asked.emit)
        column.addWidget(self._fold)
        self.set_folded(False)

    def choose(self, key: str) -> None:
        """Mark the stage that is shown; where the keyboard is in the rail it goes along."""
        if key in self.buttons:
            self.buttons[key].setChecked(True)
            if any(made.hasFocus() for made in self.buttons.values()):
                self.buttons[key].setFocus()

    def set_folded(self, folded: bool) -> None:
        """Show only icons, or icons and names."""
        self.setFixedWidth(theme.RAIL_FOLDED if folded else theme.RAIL)
        for made in self.buttons.values():
            made.folded = folded
            made.update()

    def refresh(self, state_of: Callable[[str], StageState], share: float) -> None:
        """Ask how each stage stands."""
        for key, made in self.buttons.items():
            made.show_state(state_of(key), share)
