"""How the model is trained: a preset, what the user changes of it, and what will happen, side by side."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ftstudio.core.errors import InputError
from ftstudio.core.presets import Facts, Recommendation, propose, resolve
from ftstudio.core.problems import Problem
from ftstudio.core.settings import PRESETS, Overrides, TrainingSettings
from ftstudio.core.specs import TaskSpec
from ftstudio.core.states import Split
from ftstudio.core.translation import N_, tr, tr_plural
from ftstudio.gui import theme
from ftstudio.gui.forms.settings_form import SettingsForm
from ftstudio.gui.looking import needs_writing
from ftstudio.gui.operations import Operations
from ftstudio.gui.panels.cost import known_speed
from ftstudio.gui.panels.estimate import Estimate, estimate
from ftstudio.gui.panels.outline_bar import learning_share
from ftstudio.gui.panels.preset_cards import TITLES, PresetCards
from ftstudio.gui.panels.settings_plan import SettingsPlan
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.labels import StatusDot
from ftstudio.gui.widgets.page import PageFrame, column, scrolled

WIDE_ENOUGH = 1000
CARDS_WIDTH, FORM_WIDEST = 208, 820


class SettingsPage(PageFrame):
    """Choose a preset, change what should differ, read what will happen."""

    key = "settings"
    title = N_("Settings")
    icon = "settings"
    order = 30

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(tr(self.title))
        self._session = session
        self._task_key = ""
        self.presets, self.plan = PresetCards(), SettingsPlan()
        self.form = SettingsForm()
        self.status = StatusDot()
        self.reset_button = button(tr("Reset to preset"), "quiet", icon="undo", clicked=self._reset)
        self.train_button = button(
            tr("Go to training"), "primary", clicked=lambda: session.stage_requested.emit("train")
        )
        self.header.addWidget(self.status)
        self.header.addWidget(self.reset_button)
        self.header.addWidget(self.train_button)
        self._build()
        self._listen_to_form()
        self.presets.chosen.connect(self._choose_preset)
        for signal in (session.project_changed, session.settings_changed, session.model_changed, session.runs_changed):
            signal.connect(self.refresh)
        needs_writing(session, self.presets, self._fields, self.reset_button)
        self.refresh()

    def _build(self) -> None:
        self._outer = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._outer.setSpacing(theme.L)
        self._outer.addWidget(self.presets)
        lower = QHBoxLayout()
        lower.setSpacing(theme.L)
        self._sheet = QFrame()
        self._sheet.setProperty("role", "card")
        sheet = QVBoxLayout(self._sheet)
        sheet.setContentsMargins(theme.S, theme.S, theme.XS, theme.S)
        self._fields = QWidget()
        self._form_place = QVBoxLayout(self._fields)
        self._form_place.setContentsMargins(theme.S, theme.S, theme.M, theme.S)
        self._form_place.addWidget(self.form)
        sheet.addWidget(scrolled(self._fields))
        self._sheet.setMaximumWidth(FORM_WIDEST)
        lower.addWidget(self._sheet, 3)
        plan = scrolled(column(self.plan))
        plan.setMinimumWidth(268)
        lower.addWidget(plan, 2)
        self._outer.addLayout(lower, 1)
        self.body.addLayout(self._outer, 1)

    def _listen_to_form(self) -> None:
        self.form.changed.connect(self._session.set_overrides)
        self.form.problems_changed.connect(self._show_problems)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the presets on top where the window is narrow."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE_ENOUGH
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._outer.setDirection(direction)
        self.presets.lay_out(upright=wide)
        self.presets.setFixedWidth(CARDS_WIDTH) if wide else self.presets.setMaximumWidth(16_777_215)
        self.presets.setMinimumWidth(CARDS_WIDTH if wide else 0)

    def refresh(self) -> None:
        """Show the project's settings."""
        session = self._session
        task, file = session.task, session.file
        self.setEnabled(task is not None)
        if task is None or file is None:
            return
        self._follow_task(task)
        facts = session.facts or Facts(rows=session.dataset.count(Split.TRAIN) if session.dataset is not None else 0)
        proposal = propose(task.recommend, facts, file.settings)
        self.presets.show_estimates(self._estimates(task, facts))
        self.presets.show_choice(file.settings.preset)
        self.form.show_settings(proposal.values, proposal.reasons, file.settings, task.modality)
        self.reset_button.setEnabled(bool(file.settings.values))
        self.train_button.setEnabled(session.can_train())
        self._show_plan(task, facts, proposal, file.settings)

    def _follow_task(self, task: TaskSpec) -> None:
        """Make the form anew when another kind of project is open: its choices are the task's."""
        if task.key == self._task_key:
            return
        self._task_key = task.key
        before, self.form = self.form, SettingsForm({"monitor": {metric.key: metric.title for metric in task.metrics}})
        self._form_place.replaceWidget(before, self.form)
        before.hide()
        before.deleteLater()
        self._listen_to_form()

    def _show_plan(self, task: TaskSpec, facts: Facts, proposal: Recommendation, overrides: Overrides) -> None:
        try:
            settings = resolve(proposal, overrides).settings
        except InputError:
            return
        known = self._session.facts is not None
        cost = self._cost(settings, facts) if known else None
        measured = known and known_speed(self._session, settings.tuning_method) is not None
        self.plan.show_plan(settings, facts, task.modality, self._session.model, cost, measured)

    def _estimates(self, task: TaskSpec, facts: Facts) -> dict[str, Estimate]:
        if self._session.facts is None:
            return {}
        values = self._session.file.settings.values if self._session.file else {}
        found: dict[str, Estimate] = {}
        for preset in PRESETS:
            try:
                overrides = Overrides(preset=preset, values=values)
                settings = resolve(propose(task.recommend, facts, overrides), overrides).settings
            except InputError:
                continue
            found[preset] = self._cost(settings, facts)
        return found

    def _cost(self, settings: TrainingSettings, facts: Facts) -> Estimate:
        speed = known_speed(self._session, settings.tuning_method)
        return estimate(settings, facts, learning_share(settings, self._session.model), speed)

    def _choose_preset(self, preset: Any) -> None:
        file = self._session.file
        if file is not None and preset != file.settings.preset:
            title = tr("Preset {name}").format(name=tr(TITLES[preset]))
            self._session.set_overrides(Overrides(preset=preset, values=file.settings.values), title)

    def _reset(self) -> None:
        self.form.reset_all()

    def _show_problems(self, problems: list[Problem]) -> None:
        count = len(problems)
        if count:
            words = tr_plural(
                "{count} value cannot be used; the old one stays in force",
                "{count} values cannot be used; the old ones stay in force",
                count,
            )
            self.status.show_state(words.format(count=count), "danger")
        else:
            self.status.show_state(tr("All values can be used"), "success")
