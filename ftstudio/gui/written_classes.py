"""What the classes of a package say of themselves, read from their source without importing them.

The window lists its pages and views by walking packages; importing each would take as long as the window itself.
Where there is no source (a frozen application), a module is imported.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.abc import InspectLoader
from importlib.util import find_spec
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class WrittenClass:
    """A class by its module and name, with the values of the attributes asked for."""

    module: str
    name: str
    values: dict[str, Any]

    def load(self) -> Any:
        """Import the class."""
        return getattr(importlib.import_module(self.module), self.name)


def find(package: ModuleType, attributes: tuple[str, ...]) -> Iterator[WrittenClass]:
    """Yield the classes in the modules of a package that give all `attributes` as literals; `N_("…")` counts as one."""
    for info in pkgutil.iter_modules(package.__path__):
        module = f"{package.__name__}.{info.name}"
        spec = find_spec(module)
        source = spec.loader.get_source(module) if spec and isinstance(spec.loader, InspectLoader) else None
        classes = _written(source, attributes) if source else _imported(module, attributes)
        for name, values in classes.items():
            if len(values) == len(attributes):
                yield WrittenClass(module, name, values)


def _written(source: str, attributes: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            pairs = (pair for line in node.body if (pair := _attribute(line)))
            found[node.name] = {name: value for name, value in pairs if name in attributes}
    return found


def _attribute(line: ast.stmt) -> tuple[str, Any] | None:
    if not isinstance(line, ast.Assign) or not isinstance(line.targets[0], ast.Name):
        return None
    value = line.value.args[0] if isinstance(line.value, ast.Call) and line.value.args else line.value
    return (line.targets[0].id, value.value) if isinstance(value, ast.Constant) else None


def _imported(module: str, attributes: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    classes = vars(importlib.import_module(module))
    return {
        name: {key: getattr(value, key) for key in attributes}
        for name, value in classes.items()
        if inspect.isclass(value) and value.__module__ == module and all(hasattr(value, key) for key in attributes)
    }
