"""Pictures that cannot be used, and why."""

from __future__ import annotations

from collections.abc import Iterator

from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.text import Text, text, text_plural
from ftstudio.datasets.checks import Case
from ftstudio.datasets.checks._show import places
from ftstudio.datasets.pictures import Flaw


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
            message=_message(flaw, count),
            hint=text("They are left out. Replace them and import again, or remove them."),
            count=count,
            fix=Fix(key="drop_left_out", label=text("Remove them")),
            **places(view, here),
        )


def _message(flaw: Flaw, count: int) -> Text:
    match flaw:
        case Flaw.MISSING:
            return text_plural("{count} picture is not there.", "{count} pictures are not there.", count)
        case Flaw.EMPTY:
            return text_plural("{count} picture is an empty file.", "{count} pictures are empty files.", count)
        case Flaw.NOT_A_PICTURE:
            return text_plural(
                "{count} file is named like a picture but is none.",
                "{count} files are named like pictures but are none.",
                count,
            )
        case Flaw.DAMAGED:
            return text_plural(
                "{count} picture is cut off or damaged.", "{count} pictures are cut off or damaged.", count
            )
        case Flaw.HUGE:
            return text_plural(
                "{count} picture is too large to be opened safely.",
                "{count} pictures are too large to be opened safely.",
                count,
            )
        case _:
            return text_plural("{count} picture cannot be read.", "{count} pictures cannot be read.", count)
