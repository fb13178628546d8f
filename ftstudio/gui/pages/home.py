"""Home: recent projects, a new one, samples. A first start shows one sentence and the samples, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ftstudio.core.translation import N_, tr
from ftstudio.gui import recent_projects, sample_projects, theme
from ftstudio.gui.operations import Operations
from ftstudio.gui.panels.project_cards import ProjectCard, SampleCard
from ftstudio.gui.recent_projects import Glance
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.card import empty
from ftstudio.gui.widgets.feedback import EmptyState
from ftstudio.gui.widgets.flow import FlowGrid
from ftstudio.gui.widgets.labels import label, muted, section, title
from ftstudio.gui.widgets.page import column, scrolled

if TYPE_CHECKING:
    from ftstudio.gui.panels.new_project import NewProjectPanel

SIDE_WIDTH = 320


class HomePage(QStackedWidget):
    """Where a session begins."""

    key = "home"
    title = N_("Home")
    icon = "home"
    order = 0

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__()
        self._session, self._operations = session, operations
        self._glances: list[Glance] = []
        self._known = False
        self.overview = QWidget()
        self.overview.setProperty("role", "page")
        self._rows = QHBoxLayout(self.overview)
        self._rows.setContentsMargins(theme.XL, theme.L, theme.XL, theme.XL)
        self._rows.setSpacing(theme.XL)
        self.addWidget(self.overview)
        self._panel: NewProjectPanel | None = None
        session.command_requested.connect(self._obey)
        session.project_changed.connect(self.refresh)
        session.runs_changed.connect(self._refresh_if_seen)

    def showEvent(self, event: QShowEvent) -> None:
        """Read the recent projects again whenever the page is shown."""
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Look at the recent projects, in the background."""
        if not self.isVisible():
            return
        self._operations.run(
            recent_projects.glances, title=tr("Looking at recent projects"), on_success=self._show_glances
        )

    def _refresh_if_seen(self) -> None:
        if self.isVisible():
            self.refresh()

    @property
    def new_project(self) -> NewProjectPanel:
        """The panel that begins a project, built when it is first asked for."""
        if self._panel is None:
            from ftstudio.gui.panels.new_project import NewProjectPanel

            self._panel = NewProjectPanel(self._session)
            self._panel.closed.connect(lambda: self.setCurrentWidget(self.overview))
            self.addWidget(self._panel)
        return self._panel

    def _obey(self, command: str, argument: str) -> None:
        if command == "new_project":
            self.new_project.begin(argument)
        elif command == "new_project_from":
            self.new_project.begin_from(argument)
        else:
            return
        self.setCurrentWidget(self.new_project)

    def _show_glances(self, glances: list[Glance]) -> None:
        if self._known and glances == self._glances:
            return
        self._glances, self._known = glances, True
        empty(self._rows)
        if glances:
            self._rows.addWidget(self._recent(), 1)
            self._rows.addWidget(self._side())
        else:
            self._rows.addWidget(self._first_start())

    def _recent(self) -> QWidget:
        holder = QWidget()
        whole = QVBoxLayout(holder)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme.L)
        whole.addWidget(title(tr("Recent projects")))
        grid = FlowGrid(least_width=280)
        for glance in self._glances:
            card = ProjectCard(glance)
            card.clicked.connect(lambda glance=glance: self._open(glance))
            grid.add(card)
        whole.addWidget(scrolled(grid), 1)
        return holder

    def _open(self, glance: Glance) -> None:
        if self._session.project is not None and self._session.project.layout.root == glance.root:
            self._session.stage_requested.emit(self._session.next_stage())
        else:
            self._session.command_requested.emit("open_project", str(glance.root))

    def _side(self) -> QWidget:
        new = button(tr("New project"), "primary", icon="plus", clicked=lambda: self._obey("new_project", ""))
        new.setToolTip("Ctrl+N")
        other = button(
            tr("Open…"), icon="open", clicked=lambda: self._session.command_requested.emit("open_project", "")
        )
        other.setToolTip("Ctrl+O")
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addWidget(new)
        row.addWidget(other)
        row.addStretch(1)
        holder = column(buttons, section(tr("Samples")), *self._sample_cards(), spacing=theme.M)
        area = scrolled(holder)
        area.setFixedWidth(SIDE_WIDTH)
        return area

    def _first_start(self) -> QWidget:
        holder = QWidget()
        whole = QVBoxLayout(holder)
        whole.setSpacing(theme.M)
        whole.addStretch(2)
        whole.addWidget(title(tr("Teach a pretrained model your own labels.")))
        sentence = label(
            tr("Everything happens on this computer. Try a sample: it trains a real model in a minute or two."),
            wrap=True,
        )
        whole.addWidget(sentence)
        whole.addSpacing(theme.L)
        row = QHBoxLayout()
        row.setSpacing(theme.L)
        cards = self._sample_cards()
        for card in cards:
            card.setFixedWidth(320)
            row.addWidget(card)
        row.addStretch(1)
        whole.addLayout(row)
        if not cards:
            whole.addWidget(self._no_samples())
        whole.addSpacing(theme.XL)
        whole.addWidget(muted(tr("Or begin with data of your own:")))
        own = QHBoxLayout()
        own.setSpacing(theme.S)
        own.addWidget(button(tr("New project"), icon="plus", clicked=lambda: self._obey("new_project", "")))
        own.addWidget(
            button(tr("Open…"), icon="open", clicked=lambda: self._session.command_requested.emit("open_project", ""))
        )
        own.addStretch(1)
        whole.addLayout(own)
        whole.addStretch(3)
        return holder

    def _no_samples(self) -> QWidget:
        return EmptyState("data", tr("No samples are installed."), tr("Begin with a new project and your own data."))

    def _sample_cards(self) -> list[QWidget]:
        cards: list[QWidget] = []
        for spec in sample_projects.specs():
            card = SampleCard(spec)
            card.clicked.connect(lambda spec=spec: self._make_sample(card_of=spec))
            cards.append(card)
        return cards

    def _make_sample(self, card_of: Any) -> None:
        self._session.create_sample(card_of.key)
