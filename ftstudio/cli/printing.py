"""A report as PDF from a verb: a process of its own draws it, because only the window knows Qt. It needs no screen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ftstudio.core.errors import StudioError
from ftstudio.core.text import text
from ftstudio.planning.reporting import document
from ftstudio.project import atomic, disk_errors
from ftstudio.project.store import Project
from ftstudio.supervisor import launch

PATIENCE = 120.0


def write_pdf(project: Project, run: str | None, target: Path, samples: int) -> None:
    """Write the report of a run as PDF, whole or not at all; raises `StudioError` when that fails."""
    paper = document.paper(project, run, samples)
    with tempfile.TemporaryDirectory(prefix="ftstudio-report-") as folder:
        source, made = Path(folder) / "report.json", Path(folder) / "report.pdf"
        source.write_text(json.dumps({"page": paper.page, "charts": paper.charts}), encoding="utf-8")
        _print(source, made)
        try:
            with atomic.room_for(target):
                atomic.write_bytes(target, made.read_bytes())
        except OSError as error:
            raise disk_errors.refuse(error, target) from error


def _print(source: Path, made: Path) -> None:
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "ftstudio"]
    environment = launch.environment({**os.environ, "QT_QPA_PLATFORM": "offscreen"})
    command = [*program, "--print", str(source), str(made)]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failed(str(error)) from error
    if done.returncode or not made.is_file():
        raise _failed(next(iter(reversed(done.stderr.strip().splitlines())), str(done.returncode)))


def _failed(reason: str) -> StudioError:
    return StudioError(
        text("The PDF could not be drawn: {reason}", reason=reason),
        text("Write the report as .html instead; a browser prints it."),
    )
