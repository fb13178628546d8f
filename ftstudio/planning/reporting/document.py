"""The report as one file: a page that needs nothing beside itself, or its parts for a printer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from ftstudio import __version__
from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.core.translation import language, tr
from ftstudio.planning.reporting import samples, sections, style
from ftstudio.planning.reporting.markup import Html, join, tag
from ftstudio.planning.reporting.material import Material, gather
from ftstudio.project.store import Project

_CHART = re.compile(r"<svg .*?</svg>", re.DOTALL)
_SHADE = re.compile(r'style="background-color: rgba\(var\(--shade\), ([0-9.]+)\)"')
_PLAIN = (
    (re.compile(r"<(/?)(?:section|figure|header|main|footer)\b"), r"<\1div"),
    (re.compile(r"<(/?)figcaption\b"), r"<\1h4"),
    (re.compile(r"<table>"), '<table width="100%" cellspacing="0" cellpadding="3" style="margin-bottom: 12px">'),
    (re.compile(r'<(t[dh]) class="figure">'), r'<\1 align="right">'),
    (re.compile(r'<(t[dh]) class="cell"'), r'<\1 align="center"'),
)  # texts cannot hold such tags: they are escaped
PICTURE = "chart:{number}"


@dataclass(frozen=True)
class Paper:
    """A report for a printer that knows no SVG within a page: its pictures are named `chart:0`, `chart:1` and so on."""

    page: str
    charts: list[str]


def page(project: Project, run: str | None, count: int = 0) -> str:
    """Return the report of a run as an HTML file; `count` is how many of its worst answers are shown (rows of data!).

    Raises `InputError` when the run has no result, or a damaged one.
    """
    return _whole(gather(project, run), count, style.SHEET)


def paper(project: Project, run: str | None, count: int = 0) -> Paper:
    """Return the same report for a printer."""
    whole = _whole(gather(project, run), count, style.PAPER)
    charts: list[str] = []

    def name(found: re.Match[str]) -> str:
        charts.append(found[0])
        return tag("p", tag("img", src=PICTURE.format(number=len(charts) - 1), width=400))

    drawn = _SHADE.sub(_shade, _CHART.sub(name, whole))
    for pattern, plain in _PLAIN:
        drawn = pattern.sub(plain, drawn)
    return Paper(drawn, charts)


def _whole(material: Material, count: int, sheet: str) -> str:
    try:
        return _written(material, count, sheet)
    except (AttributeError, LookupError, TypeError, ValueError) as error:  # the result may hold anything
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise InputError(
            text("The result of the run “{run}” is damaged: {reason}", run=material.run.name, reason=reason),
            text("Choose another run, or train again."),
            file=str(material.run.layout.report),
        ) from error


def _written(material: Material, count: int, sheet: str) -> str:
    title = f"{material.project}: {material.run.name}"
    parts = [
        sections.result(material),
        sections.doctor(material),
        sections.mistakes(material),
        sections.trust(material),
        samples.worst(material, count),
        sections.curves(material),
        sections.data(material),
        sections.settings(material),
        sections.about(material),
    ]
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy",
            content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"),
        tag("title", title),
        tag("style", Html(sheet)),
    )  # fmt: skip
    body = tag("body", tag("main", _heading(material), join(parts), _foot(material)))
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang=language().replace('_', '-'))}\n"


def _heading(material: Material) -> Html:
    about = [tr(material.task.title), material.run.request.model.name if material.run.request else ""]
    when = (material.run.status.ended or material.run.status.started)[:10]
    words = " · ".join(part for part in (*about, when) if part)
    return tag("header", tag("h1", f"{material.project}: {material.run.name}"), tag("p", words, class_="muted"))


def _foot(material: Material) -> Html:
    made = tr("Made on {date} with Fine-Tuning Studio {version}. Nothing in this file is loaded from elsewhere.")
    return tag(
        "footer",
        tag("p", material.looked.render()),
        tag("p", made.format(date=f"{datetime.now():%Y-%m-%d %H:%M}", version=__version__)),
    )


def _shade(found: re.Match[str]) -> str:
    """Return the colour of a matrix cell without variables, mixed with white."""
    share = float(found[1])
    mixed = [round(255 + (value - 255) * share) for value in (37, 99, 201)]
    return f'bgcolor="#{"".join(f"{value:02x}" for value in mixed)}"'
