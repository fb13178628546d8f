"""The layer map: the real model as a tree in which one chooses what learns, before anything is loaded.

Every change is one undoable edit of the project's settings and makes the tuning method `custom`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from PySide6.QtWidgets import QHBoxLayout

from ftstudio.core.effort import part_efforts
from ftstudio.core.module_tree import HEAD, Part
from ftstudio.core.quantities import byte_size
from ftstudio.core.settings import Overrides, TrainingSettings, fields
from ftstudio.core.translation import tr
from ftstudio.core.tuning_methods import METHODS
from ftstudio.gui import theme
from ftstudio.gui.forms.editors import ChoiceEditor
from ftstudio.gui.looking import WHY, needs_writing
from ftstudio.gui.panels.estimate import Estimate
from ftstudio.gui.panels.layer_model import LayerModel
from ftstudio.gui.panels.layer_nodes import build_nodes
from ftstudio.gui.panels.layer_view import LayerView
from ftstudio.gui.panels.preset_cards import about, rounded_bytes
from ftstudio.gui.panels.settings_plan import learning_in_words
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.feedback import EmptyState
from ftstudio.gui.widgets.labels import StatusDot, caption, label, muted

METHOD, CUSTOM, LAYERS, METHOD_WIDEST = "tuning_method", "custom", "custom_layers", 220


class LayerMap(Card):
    """Shows what learns under the settings in force, and lets the user choose it."""

    def __init__(self, session: Session) -> None:
        super().__init__(margin=theme.M)
        self._session = session
        self._parts: Sequence[Part] = ()
        self.model = LayerModel(self)
        self.view = LayerView(self.model)
        field = next(field for field in fields() if field.key == METHOD)
        self.method = ChoiceEditor(field)
        self.method.setAccessibleName(tr(field.title))
        self.method.setMaximumWidth(METHOD_WIDEST)
        self.hint = caption(
            tr("Click a state or press Space to change it; a choice of your own becomes the method “Custom”."),
            wrap=True,
        )
        words = tr("The layers are shown once a model is chosen and prepared (a first training run prepares it).")
        go = button(tr("Browse models"), clicked=lambda: session.stage_requested.emit("model"))
        self.nothing = EmptyState("model", tr("Layers"), words, go)
        self.total, self.cost = label("", wrap=True), muted("", wrap=False)
        self.warning = StatusDot("", "warning")
        self.warning.hide()
        foot = QHBoxLayout()
        foot.setSpacing(theme.L)
        foot.addWidget(self.total, 1)
        foot.addWidget(self.cost)
        head = QHBoxLayout()
        head.setSpacing(theme.M)
        head.addWidget(muted(tr(field.title), wrap=False))
        head.addWidget(self.method, 1)
        head.addStretch(1)
        self.body.addLayout(head)
        self.add(self.hint)
        self.body.addWidget(self.view, 1)
        self.body.addWidget(self.nothing, 1)
        self.add(self.warning)
        self.body.addLayout(foot)
        needs_writing(session, self.method)
        self.method.committed.connect(self._use_method)
        self.view.toggled.connect(self._toggle)
        self.view.chosen.connect(self._choose)

    def show_layers(self, parts: Sequence[Part], settings: TrainingSettings, cost: Estimate | None) -> None:
        """Show the parts of a model (empty while they are not known) and what learns of them."""
        self._parts = parts
        self.model.show_nodes(build_nodes(parts, settings))
        for widget in (self.view, self.hint):
            widget.setVisible(bool(parts))
        self.nothing.setVisible(not parts)
        self.warning.hide()
        self.method.show_value(settings.tuning_method)
        self.total.setText(learning_in_words(part_efforts(parts, settings)) if parts else "")
        self.cost.setText(self._priced(cost) if parts and cost is not None else "")

    def _priced(self, cost: Estimate) -> str:
        words = tr("about {time}, {memory}")
        return words.format(time=about(cost.seconds), memory=byte_size(rounded_bytes(cost.memory_bytes)))

    def _use_method(self) -> None:
        """Take a method that chooses by itself; “custom” begins with what learns now."""
        if self.method.value() == CUSTOM:
            self._choose(self.view.learning_parts())
        else:
            self._set({METHOD: self.method.value()})

    def _toggle(self, names: list[str], learn: bool) -> None:
        now = set(self.view.learning_parts())
        self._choose(now | set(names) if learn else now - set(names))

    def _choose(self, names: Collection[str]) -> None:
        """Make `names` what learns: one step to undo. A choice of nothing is refused with a sentence."""
        chosen = [part.name for part in self._parts if part.name in names]
        if not chosen:
            self._warn(tr("At least one part must learn; nothing was changed."))
            return
        self._set({METHOD: CUSTOM, LAYERS: ", ".join(chosen)})

    def _set(self, values: dict[str, Any]) -> None:
        file = self._session.file
        if self._session.only_looking:
            self._warn(tr(WHY))
        elif file is not None:
            overrides = Overrides(preset=file.settings.preset, values={**file.settings.values, **values})
            self._session.set_overrides(overrides, tr("choose layers"))

    def _warn(self, words: str) -> None:
        self.warning.show_state(words, "warning")
        self.warning.show()


def begun(overrides: Overrides, parts: Sequence[Part], before: TrainingSettings) -> Overrides:
    """Return `overrides` with the parts that learned `before`, where “custom” was chosen and no part named yet."""
    values = overrides.values
    if values.get(METHOD) != CUSTOM or values.get(LAYERS):
        return overrides
    learned = METHODS[before.tuning_method].learning(parts, before)
    names = [part.name for part in parts if part.name in learned] or [HEAD]
    return Overrides(preset=overrides.preset, values={**values, LAYERS: ", ".join(names)})
