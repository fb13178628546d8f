"""What `ftstudio --help` prints: the ways to start, and every verb with its summary."""

from __future__ import annotations

from ftstudio import __version__
from ftstudio.cli.tables import pairs
from ftstudio.core import catalog
from ftstudio.core.translation import tr


def version() -> str:
    """Return the line that `--version` prints."""
    return f"ftstudio {__version__}"


def overview() -> list[str]:
    """Return the lines of the general help."""
    starts = [
        ("ftstudio [DIR]", tr("open the window, on a project if one is given")),
        ("ftstudio --sample NAME [--train]", tr("open the window on a fresh sample project, and train it")),
        (tr("ftstudio VERB …"), tr("do one thing without a window; “ftstudio VERB --help” says how")),
    ]
    verbs = [(spec.key, tr(spec.summary)) for spec in catalog.verbs()]
    return [
        tr("Fine-Tuning Studio: fine-tune pretrained models on your own computer, offline."),
        "",
        *pairs(starts),
        "",
        tr("Verbs:"),
        *(f"  {line}" for line in pairs(verbs)),
        "",
        tr("Every verb takes --json and ends with 0 (done), 1 (failed while working) or 2 (wrong use or bad input)."),
    ]
