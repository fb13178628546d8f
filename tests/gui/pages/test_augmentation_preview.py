"""The strip of changed pictures on the settings page: there when pictures are changed, asked for anew on changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ftstudio.core.messages import Request
from ftstudio.core.presets import Facts
from ftstudio.core.settings import Overrides
from ftstudio.core.specs import Answer
from ftstudio.gui import theme
from ftstudio.gui.operations import Operation, Operations
from ftstudio.gui.pages.settings import SettingsPage
from ftstudio.gui.panels.augmentation_preview import BOXED_SIDE, AugmentationPreview
from ftstudio.gui.samples.small_picture import SmallPicture
from ftstudio.gui.session import Session

OpenProject = Callable[[str], Session]


class Asked:
    """Stands for the worker: notes the requests and answers them with plain pictures."""

    def __init__(self, operations: Operations, folder: Path) -> None:
        self.operations, self.folder = operations, folder
        self.settings: list[dict[str, Any]] = []
        self.cancelled = 0

    def run_job(self, request: Request, *, title: str, on_success: Any, on_failure: Any) -> Operation:
        self.settings.append(request.options["settings"])
        operation = Operation(title, self.operations)
        operation.succeeded.connect(on_success)
        operation.failed.connect(on_failure)
        operation._end({"pictures": [self._picture(at) for at in range(2)]}, None)
        return operation

    def _picture(self, at: int) -> dict[str, Any]:
        path = self.folder / f"{at}.png"
        Image.new("RGB", (32, 32), (at * 90, 10, 10)).save(path)
        variants = [{"path": str(path), "mixed": "grass 30%" if number == 1 else ""} for number in range(4)]
        return {"label": f"class {at}", "original": str(path), "variants": variants}


@pytest.fixture
def asked(operations: Operations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    made = Asked(operations, tmp_path)
    monkeypatch.setattr(operations, "run_job", made.run_job)
    return made


def opened(kind: str, new_project: OpenProject, operations: Operations, qtbot: QtBot) -> SettingsPage:
    session = new_project(kind)
    page = SettingsPage(session, operations)
    qtbot.addWidget(page)
    page.resize(1100, 720)
    page.show()
    session.dataset = SimpleNamespace(answer=Answer.LABEL)  # type: ignore[assignment]  # the strip asks no more
    session._take_facts(session.project, Facts(rows=100, classes=2))
    return page


def choose(page: SettingsPage, **values: Any) -> None:
    page._session.set_overrides(Overrides(values=values), "test")


@pytest.fixture
def page(new_project: OpenProject, operations: Operations, asked: Asked, qtbot: QtBot) -> SettingsPage:
    return opened("image-classification", new_project, operations, qtbot)


def strip(page: SettingsPage) -> Any:
    found: Any = page.findChild(AugmentationPreview)
    return found


def test_it_is_there_only_while_pictures_are_changed(page: SettingsPage, asked: Asked, qtbot: QtBot) -> None:
    assert not strip(page).isVisible()
    assert asked.settings == []

    choose(page, augmentation="light")
    qtbot.waitUntil(lambda: len(asked.settings) == 1)
    assert strip(page).isVisible()
    assert asked.settings[0]["augmentation"] == "light"
    choose(page)
    assert not strip(page).isVisible()


def test_pictures_stand_below_their_field_with_names(page: SettingsPage, asked: Asked, qtbot: QtBot) -> None:
    choose(page, cutmix=1.0)
    qtbot.waitUntil(lambda: len(asked.settings) == 1)
    pictures = [one for one in strip(page).findChildren(QLabel) if not one.pixmap().isNull()]

    assert len(pictures) == 2 * 5
    names = [one.accessibleName() for one in pictures]
    assert names[0] == "class 0, as it is"
    assert "class 0 with grass 30%" in names
    row = page.form.rows["augmentation"]
    assert strip(page).geometry().top() >= row.geometry().bottom()


def test_it_asks_again_only_when_what_it_shows_changes(page: SettingsPage, asked: Asked, qtbot: QtBot) -> None:
    choose(page, augmentation="light")
    qtbot.waitUntil(lambda: len(asked.settings) == 1)
    choose(page, augmentation="light", epochs=7.0)
    assert not strip(page)._timer.isActive()

    choose(page, augmentation="randaugment", epochs=7.0)
    choose(page, augmentation="randaugment", mixup=0.4)
    qtbot.waitUntil(lambda: len(asked.settings) == 2)
    assert (asked.settings[1]["augmentation"], asked.settings[1]["mixup"]) == ("randaugment", 0.4)
    strip(page).others.click()
    qtbot.waitUntil(lambda: len(asked.settings) == 3)
    assert asked.settings[2]["seed"] != asked.settings[1]["seed"]


def test_texts_have_no_strip(new_project: OpenProject, operations: Operations, asked: Asked, qtbot: QtBot) -> None:
    page = opened("text-classification", new_project, operations, qtbot)

    assert strip(page) is None


def test_boxes_are_drawn_on_larger_pictures(
    new_project: OpenProject, operations: Operations, asked: Asked, tmp_path: Path, qtbot: QtBot
) -> None:
    page = opened("object-detection", new_project, operations, qtbot)
    path = tmp_path / "grey.png"
    Image.new("RGB", (160, 160), (90, 90, 90)).save(path)
    boxed = {"path": str(path), "mixed": "", "boxes": [["coin", 0.25, 0.25, 0.75, 0.5]]}
    empty = {"path": str(path), "mixed": "", "boxes": []}
    choose(page, augmentation="light")
    qtbot.waitUntil(lambda: len(asked.settings) == 1)

    first = {"label": "1 coin", "original": str(path), "boxes": boxed["boxes"], "variants": [boxed, empty]}
    strip(page)._show({"pictures": [first, {**first, "label": "", "boxes": []}]})

    shown = strip(page).findChildren(SmallPicture)[-6:]
    assert {one.width() for one in shown} == {BOXED_SIDE}
    assert [one.accessibleName() for one in shown][::3] == ["1 coin, as it is", "nothing marked, as it is"]
    image = shown[1].grab().toImage()
    accent, inner = theme.current().color("accent"), round(BOXED_SIDE * 0.25)
    edge = [image.pixelColor(at, round(BOXED_SIDE * 0.4)) for at in range(inner - 2, inner + 3)]
    assert any(abs(one.blue() - accent.blue()) < 40 and one.blue() > one.red() + 60 for one in edge)
    assert image.pixelColor(BOXED_SIDE // 2, 5).red() == 90
    assert "Boxes move along" in strip(page).state.text()
