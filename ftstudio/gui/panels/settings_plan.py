"""The right side of the settings page: what will happen, the schedule as a curve, what learns as a bar, the cost."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ftstudio.core.effort import PartEffort, part_efforts
from ftstudio.core.module_tree import HEAD, Part
from ftstudio.core.presets import Facts
from ftstudio.core.quantities import byte_size, parameter_count, percent
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.specs import TaskSpec
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.panels.estimate import Estimate
from ftstudio.gui.panels.outline_bar import OutlineBar
from ftstudio.gui.panels.plan_words import sentences
from ftstudio.gui.panels.preset_cards import about, rounded_bytes
from ftstudio.gui.panels.schedule_curve import ScheduleCurve
from ftstudio.gui.widgets.card import Card, empty
from ftstudio.gui.widgets.labels import NumberLabel, caption, label, line

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
        task: TaskSpec,
        parts: Sequence[Part],
        cost: Estimate | None,
        measured: bool,
    ) -> None:
        """Show the plan of a run; without the parts of the model the bar and the cost stay open."""
        self._tell(sentences(settings, facts, task.modality, task.answer))
        self.curve.show_settings(settings, cost.steps if cost else 0)
        self._show_share(settings, parts)
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

    def _show_share(self, settings: TrainingSettings, parts: Sequence[Part]) -> None:
        efforts = part_efforts(parts, settings)
        self.bar.show_parts(parts, {one.part.name for one in efforts if one.state != "frozen"})
        self.bar.setVisible(bool(parts))
        self.share.setText(learning_in_words(efforts))


def learning_in_words(efforts: Sequence[PartEffort]) -> str:
    """Say how much of a model learns: `3.6 M of 22.7 M parameters learn, 16 %`."""
    total = sum(one.part.parameters for one in efforts)
    count = sum(one.learning for one in efforts)
    if not total:
        return tr("Shown once a model is chosen and prepared.")
    words = tr("{count} of {total} parameters learn, {share}.")
    if all(one.part.kind == HEAD for one in efforts if one.state != "frozen"):
        words = tr("Only the new head learns: {count} parameters; {total} in all.")
    elif any(one.state == "adapter" for one in efforts):
        words = tr("{count} parameters learn, in adapters and head, beside {total} that rest.")
    share = percent(count / total) if count >= total / 100 else tr("less than {share}").format(share=percent(0.01))
    return words.format(count=parameter_count(count), total=parameter_count(total), share=share)
