"""The right side of the settings page: what will happen, the schedule as a curve, what learns as a bar, the cost."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ftstudio.core.presets import Facts
from ftstudio.core.quantities import byte_size, parameter_count, percent
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.specs import Modality
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.panels.estimate import Estimate
from ftstudio.gui.panels.outline_bar import OutlineBar, learning_parts
from ftstudio.gui.panels.plan_words import sentences
from ftstudio.gui.panels.preset_cards import about, rounded_bytes
from ftstudio.gui.panels.schedule_curve import ScheduleCurve
from ftstudio.gui.widgets.card import Card, empty
from ftstudio.gui.widgets.labels import NumberLabel, caption, label, line
from ftstudio.models.records import ModelRecord

WIDEST_TEXT = 620


class SettingsPlan(Card):
    """Tells the plan of a run and follows every change of the settings."""

    def __init__(self) -> None:
        super().__init__(tr("What will happen"))
        words = QWidget()
        words.setMaximumWidth(WIDEST_TEXT)
        self._words = QVBoxLayout(words)
        self._words.setContentsMargins(0, 0, 0, 0)
        self._words.setSpacing(theme.S)
        self.body.addWidget(words)
        self.curve = ScheduleCurve()
        self.bar = OutlineBar()
        self.share = caption("", wrap=True)
        self.time, self.memory = NumberLabel(tr("Time")), NumberLabel(tr("Memory"))
        self.basis = caption("", wrap=True)
        self.add(line(), self.time, self.memory, self.basis, line())
        self.add(label(tr("Learning rate"), "strong"), self.curve)
        self.add(label(tr("What learns"), "strong"), self.bar, self.share)
        self.body.addStretch(1)

    def show_plan(
        self,
        settings: TrainingSettings,
        facts: Facts,
        modality: Modality,
        model: ModelRecord | None,
        cost: Estimate | None,
        measured: bool,
    ) -> None:
        """Show the plan of a run; without a model the bar and the cost stay open."""
        self._tell(sentences(settings, facts, modality))
        self.curve.show_settings(settings, cost.steps if cost else 0)
        self._show_share(settings, model)
        self.time.show_value(tr("about {time}").format(time=about(cost.seconds)) if cost else "–")
        self.memory.show_value(
            tr("about {size}").format(size=byte_size(rounded_bytes(cost.memory_bytes))) if cost else "–"
        )
        words = (
            tr("Reckoned from the model and this computer.") if cost else tr("Known once data and model are chosen.")
        )
        self.basis.setText(tr("From the speed of an earlier run.") if measured else words)

    def _tell(self, told: list[str]) -> None:
        empty(self._words)
        for words in told:
            self._words.addWidget(label(words.replace(" %", "\u00a0%"), wrap=True))

    def _show_share(self, settings: TrainingSettings, model: ModelRecord | None) -> None:
        parts = model.outline if model is not None else ()
        learning = learning_parts(parts, settings.tuning_method, settings.top_layers)
        self.bar.show_parts(parts, learning)
        self.bar.setVisible(bool(parts))
        count = sum(part.parameters for part in parts if part.name in learning)
        total = sum(part.parameters for part in parts)
        words = tr("Shown once a model is chosen.") if model is None else tr("Shown once the model is prepared.")
        if total:
            words = tr("{count} of {total} parameters, {share}, and a new head").format(
                count=parameter_count(count), total=parameter_count(total), share=percent(count / total)
            )
        if total and settings.tuning_method == "head":
            words = tr("Only the new head; all {total} pretrained parameters rest.").format(
                total=parameter_count(total)
            )
        self.share.setText(words)
