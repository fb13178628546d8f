"""What the cards on the home page say about recent projects, read from disk without opening them for writing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ftstudio.core import catalog
from ftstudio.core.errors import StudioError
from ftstudio.core.messages import Measured
from ftstudio.core.translation import tr

LONGEST_CURVE = 60


@dataclass(frozen=True)
class Glance:
    """One recent project at a glance. `score` is its best value written out, `curve` the validation values."""

    root: Path
    name: str
    task: str
    model: str
    when: datetime
    metric: str = ""
    score: str = ""
    curve: tuple[float, ...] = ()
    interrupted: bool = False


def glances(at_most: int = 12) -> list[Glance]:
    """Return what can be said about the recent projects; those that are gone or damaged are left out."""
    from ftstudio.project import recents

    found = []
    for root in recents.recents()[:at_most]:
        try:
            found.append(_glance(root))
        except (StudioError, OSError):
            continue
    return found


def _glance(root: Path) -> Glance:
    from ftstudio.project.layout import ProjectLayout
    from ftstudio.project.runs import list_runs
    from ftstudio.project.schema import read_project_file

    layout = ProjectLayout(root)
    file, _ = read_project_file(layout.file)
    runs = list_runs(layout)
    spec = catalog.tasks().spec(file.task)
    shown = next((run for run in runs if run.status.best is not None), None)
    folders = [run.layout.root for run in runs]
    about = Glance(
        root=root,
        name=file.name,
        task=tr(spec.title),
        model=file.model.name if file.model else "",
        when=datetime.fromtimestamp(max(path.stat().st_mtime for path in (layout.file, *folders))),
        interrupted=bool(runs) and runs[0].status.state.value == "interrupted",
    )
    if shown is None or shown.status.best is None:
        return about
    best = shown.status.best
    metric = spec.metric(best.metric) if best.metric in {known.key for known in spec.metrics} else None
    return Glance(
        **{
            **vars(about),
            "metric": tr(metric.title) if metric else best.metric,
            "score": metric.show(best.value) if metric else f"{best.value:.3f}",
            "curve": _curve(shown.layout.metrics, best.metric),
        }
    )


def _curve(journal: Path, metric: str) -> tuple[float, ...]:
    from ftstudio.project.journal import read_events

    values = [
        event.values[metric]
        for event in read_events(journal)
        if isinstance(event, Measured) and event.split == "validation" and metric in event.values
    ]
    step = max(1, len(values) // LONGEST_CURVE)
    return tuple(values[::step])


def when_in_words(when: datetime, now: datetime | None = None) -> str:
    """Write a moment as a person would: `today 10:42`, `yesterday`, `3 days ago`, a date."""
    days = ((now or datetime.now()).date() - when.date()).days
    if days <= 0:
        return tr("today {time}").format(time=f"{when:%H:%M}")
    if days == 1:
        return tr("yesterday")
    return tr("{count} days ago").format(count=days) if days < 14 else f"{when:%Y-%m-%d}"
