"""The layer map by real keys and clicks: what learns is chosen, stored as one step to undo, and counted at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from ftstudio.core.presets import Facts
from ftstudio.gui.operations import Operations
from ftstudio.gui.pages.settings import SettingsPage
from ftstudio.gui.panels.layer_model import NAME, NODE, PARAMETERS, STATE
from ftstudio.gui.panels.layer_nodes import Node
from ftstudio.gui.panels.layer_view import LayerView
from ftstudio.gui.session import Session
from ftstudio.models.library import resolve
from tests.gui.pages.conftest import unnamed

OpenProject = Callable[[str], Session]
FACTS = Facts(
    rows=620, classes=12, smallest_class=20, median_length=14, long_length=40,
    parameters=22_713_216, blocks=6, hidden_size=384, model_max_length=512,
)  # fmt: skip
LEFT = Qt.MouseButton.LeftButton
BLOCKS = [f"encoder.layer.{at}" for at in range(6)]
ALL = ["embeddings", *BLOCKS, "top", "head"]


@pytest.fixture
def page(new_project: OpenProject, operations: Operations, qtbot: QtBot) -> SettingsPage:
    session = new_project("text-classification")
    made = SettingsPage(session, operations)
    qtbot.addWidget(made)
    made.resize(1200, 720)
    made.show()
    session.model = resolve("starter:minilm")
    session._take_facts(session.project, FACTS)
    qtbot.waitUntil(lambda: not operations.running)
    session._take_facts(session.project, FACTS)
    qtbot.mouseClick(next(button for button in made.views.findChildren(QPushButton) if button.text() == "Layers"), LEFT)
    made.layers.view.setFocus()
    return made


def view_of(page: SettingsPage) -> LayerView:
    return page.layers.view


def row(page: SettingsPage, name: str) -> QModelIndex:
    return next(index for index in page.layers.model.part_rows() if index.data(NODE).name == name)


def click(
    page: SettingsPage, qtbot: QtBot, name: str, column: int = NAME, keys: Qt.KeyboardModifier | None = None
) -> None:
    view, index = view_of(page), row(page, name).siblingAtColumn(column)
    view.scrollTo(index)
    modifiers = keys if keys is not None else Qt.KeyboardModifier.NoModifier
    qtbot.mouseClick(view.viewport(), LEFT, modifiers, view.visualRect(index).center())


def stored(page: SettingsPage) -> dict[str, object]:
    assert page._session.file is not None
    return dict(page._session.file.settings.values)


def learning(page: SettingsPage) -> list[str]:
    return list(reversed(view_of(page).learning_parts()))


def custom(*names: str) -> dict[str, object]:
    return {"tuning_method": "custom", "custom_layers": ", ".join(names)}


def test_the_real_model_is_shown_from_output_to_input(page: SettingsPage) -> None:
    assert view_of(page).isVisible() and not page.presets.isVisible()
    assert view_of(page).all_parts() == ALL[::-1]
    nodes: list[Node] = page.layers.model.nodes()
    assert sum(node.parameters for node in nodes) == resolve("starter:minilm").parameters + 385 * 12
    block = row(page, "encoder.layer.3")
    assert block.siblingAtColumn(PARAMETERS).data() == "1.8 M"
    inside = [block.model().index(at, NAME, block).data() for at in range(block.model().rowCount(block))]
    assert inside == ["attention", "intermediate", "output"]
    assert learning(page) == ALL


def test_a_click_on_the_state_freezes_and_undo_brings_it_back(page: SettingsPage, qtbot: QtBot) -> None:
    click(page, qtbot, "embeddings", STATE)

    assert stored(page) == custom(*ALL[1:])
    assert row(page, "embeddings").siblingAtColumn(STATE).data() == "frozen"
    assert page.form.rows["tuning_method"].editor.value() == "custom"
    assert page.layers.method.value() == "custom"
    page._session.undo_stack.undo()
    assert stored(page) == {} and learning(page) == ALL
    page._session.undo_stack.redo()
    click(page, qtbot, "embeddings", STATE)
    assert stored(page) == custom(*ALL)


def test_a_click_elsewhere_only_selects(page: SettingsPage, qtbot: QtBot) -> None:
    click(page, qtbot, "encoder.layer.3")

    assert stored(page) == {}
    assert view_of(page).selected_parts() == ["encoder.layer.3"]


def test_space_changes_a_range_made_with_shift_and_arrows_in_one_step(page: SettingsPage, qtbot: QtBot) -> None:
    click(page, qtbot, "encoder.layer.2")
    for _ in range(3):
        qtbot.keyClick(view_of(page), Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(view_of(page), Qt.Key.Key_Space)

    assert learning(page) == [*BLOCKS[3:], "top", "head"]
    assert page._session.undo_stack.count() == 1
    assert len(view_of(page).selected_parts()) == 4, "the selection stays, so that it can be changed back"
    qtbot.keyClick(view_of(page), Qt.Key.Key_Space)
    assert learning(page) == ALL


def test_shift_and_click_take_a_range_with_the_mouse(page: SettingsPage, qtbot: QtBot) -> None:
    click(page, qtbot, "encoder.layer.4", STATE)
    assert "encoder.layer.4" not in learning(page)
    click(page, qtbot, "encoder.layer.1", STATE, Qt.KeyboardModifier.ShiftModifier)

    assert learning(page) == ALL, "one of the range rested, so all of it learns"
    click(page, qtbot, "encoder.layer.4")
    click(page, qtbot, "encoder.layer.1", keys=Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(view_of(page), Qt.Key.Key_Space)
    assert learning(page) == ["embeddings", "encoder.layer.0", "encoder.layer.5", "top", "head"]


def test_select_all_and_a_choice_of_nothing_is_refused(page: SettingsPage, qtbot: QtBot) -> None:
    qtbot.keyClick(view_of(page), Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(view_of(page).selected_parts()) == len(ALL)
    qtbot.keyClick(view_of(page), Qt.Key.Key_Space)

    assert stored(page) == {} and learning(page) == ALL
    assert page.layers.warning.isVisible()
    click(page, qtbot, "embeddings", STATE)
    assert not page.layers.warning.isVisible()


def entry(menu: QMenu | None, words: str) -> Callable[[], None]:
    assert menu is not None
    return next(action.trigger for action in menu.actions() if action.text().startswith(words))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("This and all above", [*BLOCKS[4:], "top", "head"]),
        ("Freeze this and all below", [*BLOCKS[5:], "top", "head"]),
        ("Let it rest", [part for part in ALL if part != "encoder.layer.4"]),
    ],
)
def test_the_context_menu(page: SettingsPage, qtbot: QtBot, words: str, expected: list[str]) -> None:
    click(page, qtbot, "encoder.layer.4")
    entry(view_of(page).make_menu(), words)()

    assert learning(page) == expected
    click(page, qtbot, "encoder.layer.4")
    entry(view_of(page).make_menu(), "Everything learns")()
    assert learning(page) == ALL


def test_the_menu_key_opens_the_menu(page: SettingsPage, qtbot: QtBot) -> None:
    click(page, qtbot, "encoder.layer.4")
    opened: list[list[str]] = []

    def look() -> None:
        menu = QApplication.activePopupWidget()
        if isinstance(menu, QMenu):
            opened.append([action.text() for action in menu.actions()])
            menu.close()

    watch = QTimer()
    watch.timeout.connect(look)
    watch.start(20)
    by_key = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5))
    QApplication.sendEvent(view_of(page).viewport(), by_key)  # returns once the menu is closed
    watch.stop()

    assert "Everything learns" in opened[0]


def test_the_total_and_the_cost_follow(page: SettingsPage, qtbot: QtBot) -> None:
    before = page.layers.total.text(), page.layers.cost.text()
    assert before[0].startswith("22.7 M of 22.7 M") and before[1].startswith("about ")
    click(page, qtbot, "encoder.layer.0")
    entry(view_of(page).make_menu(), "Freeze this and all below")()

    assert page.layers.total.text().startswith("9.0 M of 22.7 M parameters learn")
    assert page.layers.cost.text() != before[1]
    assert page.plan.share.text() == page.layers.total.text()


def test_other_methods_show_what_they_choose(page: SettingsPage, qtbot: QtBot) -> None:
    page.layers.method.show_value("lora")
    page.layers.method.committed.emit()
    assert stored(page) == {"tuning_method": "lora"}
    assert row(page, "embeddings").siblingAtColumn(STATE).data() == "frozen"
    assert row(page, "encoder.layer.5").siblingAtColumn(STATE).data() == "adapter 110.6 k"
    assert row(page, "head").siblingAtColumn(STATE).data() == "trainable"

    page.layers.method.show_value("gradual")
    page.layers.method.committed.emit()
    states = [row(page, name).siblingAtColumn(STATE).data() for name in ("head", "encoder.layer.5", "encoder.layer.0")]
    assert states[0] == "trainable" and all(state.startswith("from epoch") for state in states[1:])

    page.layers.method.show_value("head")
    page.layers.method.committed.emit()
    page.layers.method.show_value("custom")
    page.layers.method.committed.emit()
    assert stored(page) == custom("head"), "a choice of one's own begins with what learned before"


def test_custom_chosen_in_the_form_begins_with_what_learned(page: SettingsPage, qtbot: QtBot) -> None:
    editor = page.form.rows["tuning_method"].editor
    editor.show_value("custom")
    page.form._committed("tuning_method")

    assert stored(page) == custom(*ALL)
    assert not page.form.rows["custom_layers"].isHidden()


def test_the_form_explains_the_method_and_says_when_layers_do_not_fit(page: SettingsPage, qtbot: QtBot) -> None:
    page.show_view("settings")
    told = page.form.rows["tuning_method"].explanation
    assert told.isVisible() and told.text().startswith("Every layer learns") and "Here: about" in told.text()
    page._session.set_overrides(page._session.file.settings.model_copy(update={"values": custom("nonsense")}))  # type: ignore[union-attr]

    problem = page.form.rows["custom_layers"].problem
    assert problem.isVisible() and "nonsense" in problem.text() and "encoder.layer.0" in problem.text()
    assert "does not fit" in page.status.accessibleName()


def test_a_project_that_may_only_be_looked_at_keeps_its_layers(
    page: SettingsPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(page._session), "only_looking", True)
    click(page, qtbot, "embeddings", STATE)

    assert stored(page) == {} and learning(page) == ALL
    assert page.layers.warning.isVisible() and page.layers.warning.accessibleName()


def test_everything_has_a_name_and_rows_are_told(page: SettingsPage) -> None:
    assert unnamed(page) == []
    told = row(page, "encoder.layer.5").data(Qt.ItemDataRole.AccessibleTextRole)
    assert told.startswith("encoder.layer.5: 1,774,464 parameters") and told.endswith("trainable")


def test_without_a_prepared_model_the_map_says_so(
    new_project: OpenProject, operations: Operations, qtbot: QtBot
) -> None:
    page = SettingsPage(new_project("image-classification"), operations)
    qtbot.addWidget(page)
    page.resize(1200, 720)
    page.show()
    page.show_view("layers")

    assert not page.layers.view.isVisible()
    assert "prepared" in page.layers.nothing.accessibleName()
    asked: list[str] = []
    page.layers._session.stage_requested.connect(asked.append)
    page.layers.nothing.findChildren(QPushButton)[0].click()
    assert asked == ["model"]


def test_stages_of_a_network_hold_their_blocks() -> None:
    from ftstudio.core.module_tree import outline, with_new_head
    from ftstudio.core.settings import build
    from ftstudio.gui.panels.layer_nodes import build_nodes

    shapes = {"conv1.weight": (8, 3, 3, 3), "fc.weight": (10, 16), "fc.bias": (10,)}
    shapes |= {f"layer{stage}.{at}.conv1.weight": (8, 8, 3, 3) for stage in (1, 2) for at in (0, 1)}
    parts = with_new_head(outline(shapes), 16, 4)
    nodes = build_nodes(parts, build({"tuning_method": "custom", "custom_layers": "head, layer2.1"}))

    assert [(node.name, node.kind, node.state) for node in nodes] == [
        ("head", "head", "learning"),
        ("layer2", "stage", "mixed"),
        ("layer1", "stage", "frozen"),
        ("embeddings", "embeddings", "frozen"),
    ]
    assert [child.name for child in nodes[1].children] == ["layer2.1", "layer2.0"]
    assert nodes[1].parts == ("layer2.1", "layer2.0")
    assert nodes[0].parameters == 17 * 4
