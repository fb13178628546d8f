"""`ftstudio doctor`: whether this computer has what the program needs, and what to do where it has not."""

from __future__ import annotations

import argparse
from typing import Any

from ftstudio import __version__
from ftstudio.cli.checkup import accelerator, display, machine, packages, starters
from ftstudio.cli.checkup.findings import Finding
from ftstudio.core.specs import VerbSpec
from ftstudio.core.translation import N_, number, tr

SPEC = VerbSpec(key="doctor", summary=N_("check this computer: packages, graphics card, memory, folders, screen"))

MARKS = {"ok": "✓", "warning": "!", "error": "✗"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Take no arguments of its own."""


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Look at everything and return the findings; `ok` is false when the main job could not be done here."""
    findings: list[Finding] = [
        packages.python(),
        *packages.packages(),
        *accelerator.accelerator(),
        machine.memory(),
        machine.disk(),
        *machine.folders(),
        display.screen(),
        starters.starters(),
    ]
    return {
        "version": __version__,
        "ok": all(finding.state != "error" for finding in findings),
        "checks": [finding.as_json() for finding in findings],
    }


def show(document: dict[str, Any]) -> list[str]:
    """Return one line a check, with what to do below each that is not well."""
    checks = _folded(document["checks"])
    size = max(len(check["title"]) for check in checks)
    lines = []
    for check in checks:
        lines.append(f"{MARKS[check['state']]} {check['title']:<{size}}  {check['found']}")
        lines += [f"  {'':<{size}}  → {check['hint']}"] * bool(check["hint"])
    verdict = tr("All is well.") if document["ok"] else tr("Something is missing: do what the arrows (→) say.")
    return [*lines, "", verdict]


def exit_code(document: dict[str, Any]) -> int:
    """Return 1 when something that the main job needs is missing."""
    return 0 if document["ok"] else 1


def _folded(checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the checks with all packages that are well as one, in the place of the first."""
    well = [check for check in checks if check["check"].startswith("package.") and check["state"] == "ok"]
    if not well:
        return checks
    found = tr("{count} as needed").format(count=number(len(well)))
    together = {**well[0], "check": "packages", "title": tr("Packages"), "found": found}
    return [together if check is well[0] else check for check in checks if check is well[0] or check not in well]
