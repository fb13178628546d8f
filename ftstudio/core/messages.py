"""The wire between window and worker: typed JSON lines, commands one way, events the other.

The same events are what the console prints and what `metrics.jsonl` records. A line that does not parse is
noise for the log, never an error (`parse_event` returns None).
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_serializer, field_validator

from ftstudio.core.advice import Advice
from ftstudio.core.errors import ErrorDocument
from ftstudio.core.states import RunState
from ftstudio.core.text import Text

LONGEST_LINE = 4_000_000


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def line(self) -> str:
        """Return the message as one JSON line without its line end."""
        return self.model_dump_json()


class Request(_Message):
    """What a worker is asked to do: a job of the catalogue, the project it works on, and the job's options."""

    kind: Literal["request"] = "request"
    job: str
    project: Path | None = None
    options: dict[str, Any] = {}


class Stop(_Message):
    """Finish the current step, write the last checkpoint, keep the best model, end."""

    kind: Literal["stop"] = "stop"


class Pause(_Message):
    """Hold after the current step until `Resume` or `Stop`."""

    kind: Literal["pause"] = "pause"


class Resume(_Message):
    """Go on after `Pause`."""

    kind: Literal["resume"] = "resume"


class Ask(_Message):
    """A question to a warm worker; it is answered by an `Answer` with the same `number`."""

    kind: Literal["ask"] = "ask"
    number: int
    question: dict[str, Any]


class Took(_Message):
    """The user has taken a remedy that the doctor offered; `done` is its name (`Remedy.name`), for the run's record."""

    kind: Literal["took"] = "took"
    done: str


Command = Request | Stop | Pause | Resume | Ask | Took


class Started(_Message):
    """The job has begun. `run` is the run's id for a training job; `device` and `precision` are what is used."""

    kind: Literal["started"] = "started"
    job: str
    pid: int
    run: str | None = None
    device: str = ""
    precision: str = ""
    total_steps: int | None = None
    steps_per_epoch: int | None = None


class Progress(_Message):
    """How far a phase has come; `total` None means that nobody knows."""

    kind: Literal["progress"] = "progress"
    phase: Text
    done: int = 0
    total: int | None = None


class Measured(_Message):
    """Numbers at one optimiser step: a point on the curves.

    `values` are keyed by metric (`loss`, `learning_rate`, `samples_per_second`, `memory_bytes`, `macro_f1`…).
    `epoch` is fractional; `seconds` counts training time since the run began, pauses and stops left out.
    """

    kind: Literal["measured"] = "measured"
    split: Literal["train", "validation", "test"]
    step: int
    epoch: float
    seconds: float
    values: dict[str, float]

    @field_serializer("values")
    def _finite_or_text(self, values: dict[str, float]) -> dict[str, float | str]:
        return {key: value if math.isfinite(value) else str(value) for key, value in values.items()}

    @field_validator("values", mode="before")
    @classmethod
    def _from_text(cls, values: Any) -> Any:
        if isinstance(values, dict):
            return {key: float(value) if isinstance(value, str) else value for key, value in values.items()}
        return values


class Remark(_Message):
    """A sentence about the run that belongs on the screen and into the record."""

    kind: Literal["remark"] = "remark"
    severity: Literal["note", "warning", "error"] = "note"
    code: str
    text: Text
    step: int | None = None


class Kept(_Message):
    """A checkpoint was written and is complete on disk."""

    kind: Literal["kept"] = "kept"
    which: Literal["best", "last"]
    step: int
    metric: str = ""
    value: float | None = None


class Changed(_Message):
    """The run changed its state."""

    kind: Literal["changed"] = "changed"
    state: RunState
    step: int = 0


class Diagnosed(_Message):
    """What the doctor thinks of the run as it stands at `step`; an empty `advice` takes back what it said before.

    `done` names a remedy the user has taken, so that the record shows what was said and what was done.
    """

    kind: Literal["diagnosed"] = "diagnosed"
    step: int
    advice: tuple[Advice, ...] = ()
    done: str = ""


class Wrote(_Message):
    """What a model that learns to write wrote at `step` (0: before training), a line a prompt: `prompt → text`."""

    kind: Literal["wrote"] = "wrote"
    step: int
    lines: tuple[str, ...]


class Log(_Message):
    """A line for the log: library output, technical detail."""

    kind: Literal["log"] = "log"
    line_text: str


class Heartbeat(_Message):
    """Sent every second or so while the worker lives; `network_attempts` counts connections tried and refused."""

    kind: Literal["heartbeat"] = "heartbeat"
    memory_bytes: int
    accelerator_bytes: int = 0
    network_attempts: int = 0


class Answer(_Message):
    """The reply to an `Ask`."""

    kind: Literal["answer"] = "answer"
    number: int
    document: dict[str, Any]


class Writing(_Message):
    """What a run's model has written so far in answer to the `Ask` with this `number`; the `Answer` has all of it."""

    kind: Literal["writing"] = "writing"
    number: int
    run: str
    words: str


class Finished(_Message):
    """The job is done; `document` is the JSON document that the verb of the same name prints."""

    kind: Literal["finished"] = "finished"
    document: dict[str, Any]


class Failed(_Message):
    """The job ended with an error; nothing half-written was left behind."""

    kind: Literal["failed"] = "failed"
    error: ErrorDocument


Recorded = Measured | Remark | Kept | Changed | Diagnosed | Wrote
Event = Started | Progress | Recorded | Log | Heartbeat | Writing | Answer | Finished | Failed


_EVENTS: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])
_COMMANDS: TypeAdapter[Command] = TypeAdapter(Annotated[Command, Field(discriminator="kind")])


def parse_event(line: str | bytes) -> Event | None:
    """Read one line from a worker; None for anything that is not an event."""
    if len(line) > LONGEST_LINE or not line.strip():
        return None
    try:
        return _EVENTS.validate_json(line)
    except ValidationError:
        return None


def parse_command(line: str | bytes) -> Command | None:
    """Read one line from the window; None for anything that is not a command."""
    if len(line) > LONGEST_LINE or not line.strip():
        return None
    try:
        return _COMMANDS.validate_json(line)
    except ValidationError:
        return None
