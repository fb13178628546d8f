"""Pictures that cannot be used, and why."""

from __future__ import annotations

from collections.abc import Iterator

from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.text import text, text_plural
from ftstudio.core.translation import N_
from ftstudio.datasets.checks import Case
from ftstudio.datasets.checks._show import places
from ftstudio.datasets.pictures import Flaw

_MESSAGES = {
    Flaw.MISSING: (N_("{count} picture is not there."), N_("{count} pictures are not there.")),
    Flaw.EMPTY: (N_("{count} picture is an empty file."), N_("{count} pictures are empty files.")),
    Flaw.NOT_A_PICTURE: (
        N_("{count} file is named like a picture but is none."),
        N_("{count} files are named like pictures but are none."),
    ),
    Flaw.DAMAGED: (N_("{count} picture is cut off or damaged."), N_("{count} pictures are cut off or damaged.")),
    Flaw.HUGE: (
        N_("{count} picture is too large to be opened safely."),
        N_("{count} pictures are too large to be opened safely."),
    ),
    Flaw.UNREADABLE: (N_("{count} picture cannot be read."), N_("{count} pictures cannot be read.")),
}


def find(case: Case) -> Iterator[Problem]:
    """Report flawed pictures, one problem per kind of flaw."""
    view = case.view
    if view.flaw is None:
        return
    for flaw in Flaw:
        here = view.flaw == flaw.value
        if flaw is Flaw.NONE or not here.any():
            continue
        count = int(here.sum())
        yield Problem(
            severity=Severity.WARNING,
            code="broken_images",
            message=text_plural(*_MESSAGES[flaw], count),
            hint=text("They are left out. Replace them and import again, or remove them."),
            count=count,
            fix=Fix(key="drop_left_out", label=text("Remove them")),
            **places(view, here),
        )
