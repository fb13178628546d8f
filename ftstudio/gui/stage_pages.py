"""Finds the pages by walking `gui.pages` and builds each when it is first shown."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from ftstudio.core.translation import tr
from ftstudio.gui import pages


@dataclass(frozen=True)
class Stage:
    """One page of the window, as its class says."""

    key: str
    title: str
    icon: str
    order: int
    page: type[QWidget]

    @property
    def shown_title(self) -> str:
        """The title in the language in use."""
        return tr(self.title)


def find() -> list[Stage]:
    """Return all stages in their order."""
    found = []
    for info in pkgutil.iter_modules(pages.__path__):
        module = importlib.import_module(f"{pages.__name__}.{info.name}")
        found.extend(_stages_of(module))
    return sorted(found, key=lambda stage: stage.order)


def _stages_of(module: object) -> list[Stage]:
    classes = [value for value in vars(module).values() if inspect.isclass(value) and issubclass(value, QWidget)]
    return [
        Stage(page.key, page.title, page.icon, page.order, page)  # type: ignore[attr-defined]  # a page's own attributes
        for page in classes
        if page.__module__ == module.__name__ and hasattr(page, "order")  # type: ignore[attr-defined]  # it is a module
    ]
