"""Real runs as they were measured, without their data: what the tests and the benchmark of the doctor replay."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftstudio.core.messages import Diagnosed, Measured
from ftstudio.doctor.case import Case
from ftstudio.doctor.consultation import Consultation

FOLDER = Path(__file__).parent / "recorded"
DIGITS = 5
LEFT_OUT = ("samples_per_second", "memory_bytes")


@dataclass(frozen=True)
class Recording:
    """One run: what was known before, what was measured, and the score on the test rows."""

    name: str
    case: Case
    events: list[Measured]
    test_score: float | None

    @property
    def expected(self) -> str:
        """What the doctor should say at its end."""
        return self.name.partition("-")[0]


def write(path: Path, document: dict[str, Any], events: Iterable[Measured]) -> None:
    """Store a run, its numbers rounded to what matters."""
    case = Case.model_validate(document["diagnosis"]["case"]).model_dump(exclude_defaults=True)
    head = {"case": case, "test": document.get("metrics", {}).get("test", {}).get("accuracy")}
    lines = [head, *(_short(event) for event in events)]
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def read(path: Path) -> Recording:
    """Return a stored run."""
    head, *lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
    events = [Measured(split=one["s"], step=one["n"], epoch=one["e"], seconds=0.0, values=one["v"]) for one in lines]
    return Recording(path.name.removesuffix(".jsonl.gz"), Case.model_validate(head["case"]), events, head["test"])


ALARMS = {"rate_too_high", "learning_by_heart", "getting_worse", "overfitting", "underfitting", "rate_too_low"}


def heard(recording: Recording) -> list[Diagnosed]:
    """Return everything the doctor says during a run and at its end."""
    consultation = Consultation(recording.case)
    told = [consultation.hear(event) for event in recording.events] + [consultation.conclude()]
    return [one for one in told if one is not None]


def every() -> list[Recording]:
    """Return all stored runs."""
    return [read(path) for path in sorted(FOLDER.glob("*.jsonl.gz"))]


def _short(event: Measured) -> dict[str, Any]:
    values = {key: float(f"{value:.{DIGITS}g}") for key, value in event.values.items() if key not in LEFT_OUT}
    return {"s": event.split, "n": event.step, "e": round(event.epoch, 4), "v": values}
