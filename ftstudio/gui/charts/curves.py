"""The curves of one run, built from its events: the same for a run at work and for one read from its journal."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ftstudio.core.messages import Diagnosed, Event, Kept, Measured, Remark, Wrote
from ftstudio.gui.charts.series import Series

SPLITS = ("train", "validation")


class RunCurves:
    """All series of a run by split and metric. `revision` grows with each event, so that charts know to repaint."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.revision = 0
        self.best: Kept | None = None
        self.diagnosed: Diagnosed | None = None
        self.stopped: Remark | None = None
        self.written: dict[int, Wrote] = {}
        self._series: dict[tuple[str, str], Series] = {}

    @classmethod
    def of(cls, events: Iterable[Event], name: str = "") -> RunCurves:
        """Return the curves of events already known."""
        made = cls(name)
        for event in events:
            made.feed(event)
        return made

    @classmethod
    def read(cls, journal: Path, name: str = "") -> RunCurves:
        """Return the curves of a run's `metrics.jsonl`."""
        from ftstudio.project.journal import read_events

        return cls.of(read_events(journal), name)

    def feed(self, event: Event) -> None:
        """Add one event; only measurements, kept checkpoints, verdicts, written texts and an early end count.

        A run at work writes its journal before its events arrive, so what was read from there may come again: a step
        that a series has reached is not added twice.
        """
        if isinstance(event, Measured):
            if self.stopped is not None and event.step > (self.stopped.step or 0):
                self.stopped = None  # the run was resumed
            for metric, value in event.values.items():
                series = self.series(event.split, metric)
                if not len(series) or event.step > series.x("step")[-1]:
                    series.append(event.step, event.epoch, event.seconds, value)
        elif isinstance(event, Kept) and event.which == "best":
            self.best = event
        elif isinstance(event, Diagnosed):
            self.diagnosed = event
        elif isinstance(event, Wrote):
            self.written[event.step] = event
        elif isinstance(event, Remark) and event.code.startswith("stopped_"):
            self.stopped = event
        else:
            return
        self.revision += 1

    def series(self, split: str, metric: str) -> Series:
        """Return one series, empty if nothing was measured."""
        return self._series.setdefault((split, metric), Series())

    def has(self, metric: str) -> bool:
        """Whether a metric was measured on any split."""
        return any(key == metric and len(series) for (_, key), series in self._series.items())

    def metrics(self, split: str) -> list[str]:
        """Return the metrics measured on a split, in order of their first appearance."""
        return [key for (of, key), series in self._series.items() if of == split and len(series)]
