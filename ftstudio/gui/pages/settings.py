"""How the model is trained: a preset, what the user changes of it, and what will happen, side by side."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ftstudio.core.errors import InputError
from ftstudio.core.layer_names import naming_problem
from ftstudio.core.presets import Facts, Recommendation, propose, resolve
from ftstudio.core.problems import Problem
from ftstudio.core.settings import PRESETS, Overrides
from ftstudio.core.specs import TaskSpec
from ftstudio.core.states import Split
from ftstudio.core.translation import N_, tr, tr_plural
from ftstudio.gui import theme
from ftstudio.gui.forms.settings_form import SettingsForm
from ftstudio.gui.looking import needs_writing
from ftstudio.gui.operations import Operations
from ftstudio.gui.panels.augmentation_preview import AugmentationPreview
from ftstudio.gui.panels.cost import cost_with, known_speed, model_parts
from ftstudio.gui.panels.estimate import Estimate
from ftstudio.gui.panels.layer_map import LayerMap, begun
from ftstudio.gui.panels.plan_words import method_in_words
from ftstudio.gui.panels.preset_cards import TITLES, PresetCards
from ftstudio.gui.panels.settings_plan import SettingsPlan
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import Segmented, button
from ftstudio.gui.widgets.labels import StatusDot
from ftstudio.gui.widgets.page import PageFrame, column, scrolled

WIDE_ENOUGH = 1000
CARDS_WIDTH, FORM_WIDEST, MAP_WIDEST = 208, 820, 1100


class SettingsPage(PageFrame):
    """Choose a preset, change what should differ, read what will happen."""

    key = "settings"
    title = N_("Settings")
    icon = "settings"
    order = 30

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__(tr(self.title))
        self._session, self._operations = session, operations
        self._task_key = ""
        self.presets, self.plan = PresetCards(), SettingsPlan()
        self.form, self.layers = SettingsForm(), LayerMap(session)
        self.views = Segmented({"settings": tr("Settings"), "layers": tr("Layers")}, "settings", tr("View"))
        self.views.changed.connect(self.show_view)
        self.status = StatusDot()
        self.reset_button = button(tr("Reset to preset"), "quiet", icon="undo", clicked=self._reset)
        self.train_button = button(
            tr("Go to training"), "primary", clicked=lambda: session.stage_requested.emit("train")
        )
        self.header.insertSpacing(1, theme.M)
        self.header.insertWidget(2, self.views)
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
        self._stack = QStackedWidget()
        self._stack.addWidget(self._sheet)
        self._stack.addWidget(self.layers)
        self._stack.setMaximumWidth(FORM_WIDEST)
        lower.addWidget(self._stack, 3)
        self._plan_area = scrolled(column(self.plan))
        self._plan_area.setMinimumWidth(268)
        lower.addWidget(self._plan_area, 2)
        self._outer.addLayout(lower, 1)
        self.body.addLayout(self._outer, 1)

    def _listen_to_form(self) -> None:
        self.form.changed.connect(self._take)
        self.form.problems_changed.connect(self._show_problems)

    def _take(self, overrides: Overrides, title: str) -> None:
        """Store what was changed in the form; a choice of one's own begins with what learned until now."""
        resolved = self._session.resolved
        if resolved is not None:
            overrides = begun(overrides, model_parts(self._session), resolved.settings)
        self._session.set_overrides(overrides, title)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the presets on top where the window is narrow."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE_ENOUGH
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._outer.setDirection(direction)
        self.presets.lay_out(upright=wide)
        self.presets.setFixedWidth(CARDS_WIDTH) if wide else self.presets.setMaximumWidth(16_777_215)
        self.presets.setMinimumWidth(CARDS_WIDTH if wide else 0)
        self._make_room()

    def show_view(self, key: str) -> None:
        """Show the form (`settings`) or the layer map (`layers`); presets go with the form."""
        self.views.choose(key)
        self._stack.setCurrentWidget(self.layers if key == "layers" else self._sheet)
        self._stack.setMaximumWidth(MAP_WIDEST if key == "layers" else FORM_WIDEST)
        self._make_room()

    def _make_room(self) -> None:
        """Show the presets with the form alone, and the plan beside the layer map only where there is room."""
        shows_layers = self.views.value() == "layers"
        self.presets.setVisible(not shows_layers)
        self._plan_area.setVisible(not shows_layers or self.width() >= WIDE_ENOUGH)

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
        self.form.show_settings(proposal.values, proposal.reasons, file.settings, task.modality, task.answer)
        self.reset_button.setEnabled(bool(file.settings.values))
        self.train_button.setEnabled(session.can_train())
        self._show_plan(task, facts, proposal, file.settings)

    def _follow_task(self, task: TaskSpec) -> None:
        """Make the form anew when another kind of project is open: its choices are the task's."""
        if task.key == self._task_key:
            return
        self._task_key = task.key
        monitored = {metric.key: metric.title for metric in task.metrics if metric.at_checks}
        before, self.form = self.form, SettingsForm({"monitor": monitored})
        self._form_place.replaceWidget(before, self.form)
        if task.modality == "image":
            self.form.put_below("augmentation", AugmentationPreview(self._session, self._operations))
        before.hide()
        before.deleteLater()
        self._listen_to_form()

    def _show_plan(self, task: TaskSpec, facts: Facts, proposal: Recommendation, overrides: Overrides) -> None:
        try:
            settings = resolve(proposal, overrides).settings
        except InputError:
            return
        known = self._session.facts is not None
        cost = cost_with(self._session, settings) if known else None
        measured = known and known_speed(self._session, settings) is not None
        parts = model_parts(self._session)
        self.plan.show_plan(settings, facts, task, parts, cost, measured)
        self.layers.show_layers(parts, settings, cost)
        self._show_layer_problem(naming_problem(parts, settings, loaded=False) if parts else None)
        self.form.rows["tuning_method"].explain(method_in_words(settings.tuning_method, cost))

    def _show_layer_problem(self, problem: Problem | None) -> None:
        """Say beside its field that named layers are not in the model; the form itself does not know the model."""
        if problem is not None and problem.where.field in self.form.rows:
            self.form.rows[problem.where.field].show_problem(problem)
            self.status.show_state(tr("The choice of layers does not fit the model"), "danger")

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
            found[preset] = cost_with(self._session, settings)
        return found

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
