"""Finds the pages by walking `gui.pages` and builds each when it is first shown.

What the rail needs (key, title, icon, order) is read from the source of a page without importing it, because a
page may need libraries that take as long to load as the window itself. Where there is no source, it is imported.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from dataclasses import dataclass
from importlib.abc import InspectLoader
from importlib.util import find_spec
from typing import Any

from PySide6.QtWidgets import QWidget

from ftstudio.core.translation import tr
from ftstudio.gui import pages
from ftstudio.gui.operations import Operations
from ftstudio.gui.session import Session

_ATTRIBUTES = ("key", "title", "icon", "order")


@dataclass(frozen=True)
class Stage:
    """One page of the window, as its class says."""

    key: str
    title: str
    icon: str
    order: int
    module: str
    name: str

    @property
    def shown_title(self) -> str:
        """The title in the language in use."""
        return tr(self.title)

    def build(self, session: Session, operations: Operations) -> QWidget:
        """Import and build the page."""
        page: QWidget = getattr(importlib.import_module(self.module), self.name)(session, operations)
        return page


def find() -> list[Stage]:
    """Return all stages in their order."""
    modules = [f"{pages.__name__}.{info.name}" for info in pkgutil.iter_modules(pages.__path__)]
    return sorted((stage for module in modules for stage in _stages_of(module)), key=lambda stage: stage.order)


def _stages_of(module: str) -> list[Stage]:
    spec = find_spec(module)
    source = spec.loader.get_source(module) if spec and isinstance(spec.loader, InspectLoader) else None
    classes = _written(source) if source else _imported(module)
    return [Stage(module=module, name=name, **values) for name, values in classes.items() if len(values) == 4]


def _written(source: str) -> dict[str, dict[str, Any]]:
    """Return the literal class attributes of each class; `N_("…")` counts as its text."""
    found: dict[str, dict[str, Any]] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            found[node.name] = dict(pair for line in node.body if (pair := _attribute(line)))
    return found


def _attribute(line: ast.stmt) -> tuple[str, Any] | None:
    if not isinstance(line, ast.Assign) or not isinstance(line.targets[0], ast.Name):
        return None
    value = line.value.args[0] if isinstance(line.value, ast.Call) and line.value.args else line.value
    if line.targets[0].id not in _ATTRIBUTES or not isinstance(value, ast.Constant):
        return None
    return line.targets[0].id, value.value


def _imported(module: str) -> dict[str, dict[str, Any]]:
    classes = vars(importlib.import_module(module))
    return {
        name: {key: getattr(value, key) for key in _ATTRIBUTES}
        for name, value in classes.items()
        if inspect.isclass(value) and value.__module__ == module and all(hasattr(value, key) for key in _ATTRIBUTES)
    }
