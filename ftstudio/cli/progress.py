"""Shows a job's events on standard error: a bar on a terminal, and the sentences that are worth keeping."""

from __future__ import annotations

import math
import shutil
import sys
import time
from dataclasses import dataclass, field

from ftstudio.cli.tables import width
from ftstudio.core.messages import Diagnosed, Event, Kept, Measured, Progress, Remark, Started
from ftstudio.core.metrics import shown_title
from ftstudio.core.quantities import duration, rate, score
from ftstudio.core.translation import number, tr

REPAINT_SECONDS = 0.1
BAR_CELLS = 24


@dataclass
class _Training:
    """What is known of the run in progress."""

    total: int | None = None
    step: int = 0
    first: tuple[int, float] | None = None
    speed: float = 0.0
    best: str = ""


@dataclass
class ProgressLine:
    """The listener of one job. `lines` also writes sentences (checks, remarks); `bar` repaints one line in place."""

    lines: bool = True
    bar: bool = field(default_factory=lambda: bool(sys.stderr and sys.stderr.isatty()))
    _painted: int = 0
    _last: float = -math.inf
    _training: _Training = field(default_factory=_Training)

    def __call__(self, event: Event) -> None:
        """Show one event; those that say nothing to a person are passed over."""
        if isinstance(event, Started):
            self._training = _Training(total=event.total_steps)
        elif isinstance(event, Progress):
            self._paint(_phase(event), urgent=event.done == event.total)
        elif isinstance(event, Measured):
            self._measured(event)
        elif isinstance(event, Remark):
            self._say(f"{_MARKS[event.severity]} {event.text.render()}")
        elif isinstance(event, Diagnosed) and event.advice and not event.done:
            self._say(f"{_MARKS[event.advice[0].mood]} {event.advice[0].sentence.render()}")
        elif isinstance(event, Kept) and event.which == "best" and event.value is not None:
            self._training.best = f"{shown_title(event.metric or '')} {score(event.value)}"

    def close(self) -> None:
        """Take the bar away, so that what follows starts on a clean line."""
        if self._painted:
            sys.stderr.write("\r" + " " * self._painted + "\r")
            sys.stderr.flush()
            self._painted = 0

    def _measured(self, event: Measured) -> None:
        if event.split == "train":
            state = self._training
            state.step = event.step
            state.first = state.first or (event.step, event.seconds)
            state.speed = event.values.get("samples_per_second", state.speed)
            self._paint(_training(state, event.seconds))
            return
        finite = {key: value for key, value in event.values.items() if math.isfinite(value)}
        values = "  ".join(f"{shown_title(key)} {score(value)}" for key, value in finite.items())
        self._say(f"{tr('step')} {number(event.step)}  {tr(event.split)}  {values}")

    def _say(self, sentence: str) -> None:
        if self.lines:
            self.close()
            print(sentence, file=sys.stderr, flush=True)

    def _paint(self, line: str, urgent: bool = False) -> None:
        moment = time.monotonic()
        if not self.bar or (moment - self._last < REPAINT_SECONDS and not urgent):
            return
        self._last = moment
        room = shutil.get_terminal_size().columns - 1
        line = line[:room]
        sys.stderr.write("\r" + line + " " * max(0, self._painted - width(line)))
        sys.stderr.flush()
        self._painted = width(line)


_MARKS = {"good": "·", "note": "·", "warning": "!", "error": "✗"}


def _phase(event: Progress) -> str:
    if not event.total:
        return f"{event.phase.render()} …" if not event.done else f"{event.phase.render()}  {number(event.done)}"
    counts = f"{number(event.done)}/{number(event.total)}"
    return f"{event.phase.render()}  {_bar(event.done / event.total)}  {counts}"


def _training(state: _Training, seconds: float) -> str:
    parts = [tr("Training")]
    if state.total:
        parts += [_bar(state.step / state.total), f"{number(state.step)}/{number(state.total)}"]
    else:
        parts.append(f"{tr('step')} {number(state.step)}")
    if state.speed:
        parts.append(rate(state.speed))
    left = _seconds_left(state, seconds)
    if left is not None:
        parts.append(tr("{time} left").format(time=duration(left)))
    if state.best:
        parts.append(tr("best {value}").format(value=state.best))
    return "  ".join(parts)


def _seconds_left(state: _Training, seconds: float) -> float | None:
    if not state.total or not state.first or state.step <= state.first[0]:
        return None
    each = (seconds - state.first[1]) / (state.step - state.first[0])
    return max(0.0, each * (state.total - state.step))


def _bar(share: float) -> str:
    filled = round(BAR_CELLS * min(1.0, max(0.0, share)))
    return "━" * filled + "─" * (BAR_CELLS - filled)
