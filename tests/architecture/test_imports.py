"""Who may import whom, proved on the source (import-linter) and in fresh processes."""

from __future__ import annotations

import json
import os
import pkgutil
import subprocess
import sys

import pytest

import ftstudio.gui
from tests.architecture.source import ROOT

HEAVY = ["torch", "torchvision", "transformers", "timm", "accelerate", "peft", "sklearn", "scipy"]
QT = ["PySide6", "pyqtgraph"]

WINDOW_MODULES = sorted(
    info.name
    for info in pkgutil.walk_packages(ftstudio.gui.__path__, "ftstudio.gui.")
    if not info.name.endswith("__main__")
)


def test_import_contracts_hold() -> None:
    from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


def test_no_module_of_the_window_reaches_torch_or_the_engine() -> None:
    loaded = loaded_by("import importlib", *(f"importlib.import_module({name!r})" for name in WINDOW_MODULES))

    assert [name for name in loaded if name.split(".")[0] in HEAVY] == []
    assert [name for name in loaded if name.startswith("ftstudio.engine")] == []


def test_a_window_that_opens_loads_neither_the_engine_nor_arrow() -> None:
    loaded = loaded_by(
        "from ftstudio.gui import app",
        "from ftstudio.gui.main_window import MainWindow",
        "from ftstudio.gui.preferences import Preferences",
        "app.make_application(Preferences())",
        "window = MainWindow(Preferences())",
        "window.operations.cancel_all()",
    )

    assert "ftstudio.gui.main_window" in loaded
    assert [name for name in loaded if name.split(".")[0] in [*HEAVY, "pyarrow"]] == []
    assert [name for name in loaded if name.startswith("ftstudio.engine")] == []


def test_what_can_be_measured_is_listed_without_loading_what_measures() -> None:
    loaded = loaded_by("from ftstudio.core import catalog", "assert catalog.studies().keys()")

    assert [name for name in loaded if name.split(".")[0] in [*HEAVY, "pyarrow", "numpy"]] == []
    assert [name for name in loaded if name.startswith("ftstudio.engine")] == []


def test_the_window_module_exists() -> None:
    assert "ftstudio.gui.app" in WINDOW_MODULES


@pytest.mark.parametrize(
    "words",
    [["--help"], ["--version"], ["tasks", "--json"], ["runs", "/nowhere"], ["nonsense"], ["train", "--help"]],
    ids=" ".join,
)
def test_light_commands_load_neither_torch_nor_qt_nor_arrow(words: list[str]) -> None:
    loaded = loaded_by("from ftstudio.__main__ import main", f"main({words!r})")

    assert [name for name in loaded if name.split(".")[0] in [*HEAVY, *QT, "pyarrow", "PIL"]] == []


def test_what_a_light_command_loads_can_be_told() -> None:
    """The listing itself works: without it the tests above could not fail."""
    assert "pyarrow" in loaded_by("import pyarrow")


def loaded_by(*statements: str) -> list[str]:
    """Return the modules a fresh process has loaded after `statements`."""
    program = "\n".join(
        [
            "import json, sys",
            "try:",
            *(f"    {statement}" for statement in statements),
            "except SystemExit: pass",
            "print('\\n' + json.dumps(sorted(sys.modules)))",
        ]
    )
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    child = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        timeout=120,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    loaded: list[str] = json.loads(child.stdout.splitlines()[-1])
    return loaded
