"""`python -m tests.benchmarks.doctor`: what the doctor says of real runs, sick ones and sound ones.

Each run is recorded once (`--record`) as measured numbers without any data, a small file of its own; the table replays
the recordings, so that a change of the rules is judged in a second. The ordinary tests replay them, too.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ftstudio.core.messages import Event, Measured, Request
from ftstudio.engine.run import execute
from tests.benchmarks import ours
from tests.doctor import recordings
from tests.support import real_data
from tests.support.real_data import Row

TEXT, IMAGE = "text-classification", "image-classification"
MODELS = {TEXT: "starter:minilm", IMAGE: "starter:efficientnet-lite0"}
TEST_ROWS = {TEXT: 100, IMAGE: 40}


def _movies(rows: int, seed: int, folder: Path) -> list[Row]:
    return _some(real_data.movie_reviews(), rows + TEST_ROWS[TEXT], seed)


def _mails(rows: int, seed: int, folder: Path) -> list[Row]:
    return _some(real_data.mails(), rows + TEST_ROWS[TEXT], seed)


def _topics(rows: int, seed: int, folder: Path) -> list[Row]:
    return _some(real_data.topics(), rows + TEST_ROWS[TEXT], seed)


def _textures(rows: int, seed: int, folder: Path) -> list[Row]:
    return _some(real_data.textures(folder / "textures"), rows + TEST_ROWS[IMAGE], seed)


def _fashion(rows: int, seed: int, folder: Path) -> list[Row]:
    train, test = real_data.fashion(folder / f"fashion-{seed}", rows // 10, TEST_ROWS[IMAGE], seed)
    return _some(train, rows, seed) + test


SETS: dict[str, tuple[str, Callable[[int, int, Path], list[Row]]]] = {
    "movies": (TEXT, _movies),
    "mails": (TEXT, _mails),
    "topics": (TEXT, _topics),
    "textures": (IMAGE, _textures),
    "fashion": (IMAGE, _fashion),
}


def _some(rows: list[Row], count: int, seed: int) -> list[Row]:
    rows = list(rows)
    random.Random(seed).shuffle(rows)
    return rows[:count]


@dataclass(frozen=True)
class Scenario:
    """One run: `rows` to divide into training and validation rows, and what the doctor should say of it."""

    data: str
    rows: int
    expected: str
    seed: int = 1
    validation: float | None = None
    shuffled: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    name: str = ""

    @property
    def key(self) -> str:
        """Return the name of the recording."""
        return "-".join(part for part in (self.expected, self.data, str(self.rows), self.name, f"s{self.seed}") if part)


LONG = {"tuning_method": "full", "epochs": 30.0, "early_stopping": False}
TOO_HIGH = {"tuning_method": "full", "learning_rate": 1e-2, "epochs": 6.0}
TOO_LOW = {"tuning_method": "full", "learning_rate": 1e-7, "epochs": 4.0}
BY_HEART = {"tuning_method": "full", "epochs": 20.0, "early_stopping": False}
TOP = {"tuning_method": "top_layers", "epochs": 6.0}
QUICK = {"preset": "quick"}
BRIEF = {"epochs": 6.0, "learning_rate": 1e-4}  # pictures take long here
# Statistics of small batches, as was the preset's way with pictures once: they spoil a network at any rate.
SPOILT = {"batch_norm": "learn", "learning_rate": 1e-3, "patience": 3}
PICTURES = (("textures", 90), ("fashion", 100))

SICK = [
    *(Scenario("movies", 120, "overfitting", seed, 2 / 3, settings=LONG) for seed in (1, 2, 3)),
    *(Scenario("movies", 40, "overfitting", seed, settings=LONG) for seed in (1, 2)),
    Scenario("topics", 40, "overfitting", settings=LONG),
    Scenario("topics", 120, "overfitting", 1, 2 / 3, settings=LONG),
    Scenario("mails", 120, "overfitting", 1, 2 / 3, settings={**LONG, "max_length": 64}),
    Scenario("fashion", 100, "overfitting", 1, 0.6, settings={**SPOILT, **LONG}),
    *(Scenario("movies", 200, "rate_too_high", seed, 0.3, settings=TOO_HIGH) for seed in (1, 2)),
    Scenario("topics", 200, "rate_too_high", 1, 0.3, settings=TOO_HIGH),
    Scenario("mails", 150, "rate_too_high", 1, 0.3, settings={**TOO_HIGH, "max_length": 64}),
    *(Scenario(data, rows, "rate_too_high", 1, 0.3, settings={**SPOILT, **TOO_HIGH}) for data, rows in PICTURES),
    *(Scenario(data, rows, "rate_too_high", 2, 0.3, settings=TOO_HIGH, name="kept") for data, rows in PICTURES),
    Scenario("textures", 90, "getting_worse", 1, 0.4, settings={**SPOILT, "epochs": 8.0}, name="balanced"),
    Scenario("textures", 90, "getting_worse", 1, 0.4, settings={**SPOILT, **BRIEF}),
    *(
        Scenario("textures", 90, "getting_worse", seed, 0.4, settings={**SPOILT, **TOP}, name="top-layers")
        for seed in (1, 2)
    ),
    Scenario("fashion", 120, "getting_worse", 1, 0.35, settings={**SPOILT, **BRIEF}),
    Scenario("fashion", 120, "getting_worse", 2, 0.35, settings={**SPOILT, **TOP}, name="top-layers"),
    Scenario("fashion", 100, "getting_worse", 1, 0.3, settings={**SPOILT, **TOO_LOW}, name="still"),
    *(Scenario("movies", 160, "learning_by_heart", seed, 0.4, shuffled=True, settings=BY_HEART) for seed in (1, 2)),
    Scenario("movies", 160, "learning_by_heart", 1, 0.4, shuffled=True, name="stopped-early"),
    Scenario("topics", 160, "learning_by_heart", 1, 0.4, shuffled=True, settings=BY_HEART),
    Scenario("mails", 120, "learning_by_heart", 1, 0.4, shuffled=True, settings={**BY_HEART, "max_length": 64}),
    Scenario("movies", 160, "learning_by_heart", 3, 0.4, shuffled=True, name="stopped-early"),
    *(Scenario("movies", 200, "underfitting", seed, 0.3, settings=TOO_LOW) for seed in (1, 2)),
    Scenario("topics", 200, "underfitting", 1, 0.3, settings=TOO_LOW),
    Scenario("mails", 150, "underfitting", 1, 0.3, settings={**TOO_LOW, "max_length": 64}),
    Scenario("movies", 200, "underfitting", 1, 0.3, settings={**TOO_LOW, "probe_first": False}, name="no-probe"),
    Scenario("movies", 200, "rate_too_low", 1, 0.3, settings={**TOO_LOW, "learning_rate": 3e-6}),
    *(Scenario("movies", 60, "validation_too_small", seed, settings=QUICK, name="quick") for seed in (1, 2)),
]
SOUND = [
    *(Scenario("movies", 200, "healthy", seed, 0.3) for seed in (1, 2, 3)),
    Scenario("movies", 300, "healthy", 1, 0.3),
    *(Scenario("movies", 300, "healthy", seed, 0.3, settings=QUICK, name="quick") for seed in (1, 2)),
    *(Scenario("topics", 250, "healthy", seed, 0.3) for seed in (1, 2, 3)),
    *(Scenario("topics", 300, "healthy", seed, 0.3, settings=QUICK, name="quick") for seed in (1, 2)),
    *(Scenario("mails", 180, "healthy", seed, 0.35, settings={"max_length": 64}) for seed in (1, 2, 3)),
    Scenario("mails", 250, "healthy", 1, 0.35, settings={**QUICK, "max_length": 64}, name="quick"),
    Scenario("movies", 250, "healthy", 4, 0.3, settings={"tuning_method": "top_layers"}, name="top-layers"),
    Scenario("topics", 250, "healthy", 4, 0.3, settings={"tuning_method": "top_layers"}, name="top-layers"),
    *(Scenario("textures", 100, "healthy", seed, 0.4, settings=QUICK, name="quick") for seed in (1, 2, 3)),
    *(Scenario("fashion", 150, "healthy", seed, 0.4, settings=QUICK, name="quick") for seed in (1, 2, 3)),
    *(Scenario("textures", 100, "healthy", seed, 0.4, name="balanced") for seed in (1, 2)),
    *(Scenario("fashion", 150, "healthy", seed, 0.4, name="balanced") for seed in (1, 2)),
]
# The thresholds were settled on the runs above; these were recorded afterwards, those with the highest seeds last.
FRESH = [
    *(Scenario("movies", 200, "healthy", seed, 0.3) for seed in (7, 8)),
    Scenario("topics", 250, "healthy", 7, 0.3),
    Scenario("mails", 180, "healthy", 7, 0.35, settings={"max_length": 64}),
    *(Scenario(data, 250, "healthy", 7, 0.3, settings=QUICK, name="quick") for data in ("movies", "topics")),
    Scenario("movies", 40, "overfitting", 7, settings=LONG),
    Scenario("movies", 160, "learning_by_heart", 7, 0.4, shuffled=True, name="stopped-early"),
    Scenario("mails", 150, "rate_too_high", 7, 0.3, settings={**TOO_HIGH, "max_length": 64}),
    Scenario("movies", 120, "overfitting", 5, 2 / 3, settings=LONG),
    Scenario("topics", 40, "overfitting", 5, settings=LONG),
    Scenario("movies", 200, "rate_too_high", 5, 0.3, settings=TOO_HIGH),
    Scenario("movies", 160, "learning_by_heart", 5, 0.4, shuffled=True, name="stopped-early"),
    Scenario("topics", 200, "underfitting", 5, 0.3, settings=TOO_LOW),
    *(Scenario("movies", 200, "healthy", seed, 0.3) for seed in (5, 6)),
    *(Scenario("topics", 250, "healthy", seed, 0.3) for seed in (5, 6)),
    Scenario("mails", 180, "healthy", 5, 0.35, settings={"max_length": 64}),
    Scenario("movies", 250, "healthy", 5, 0.3, settings={"tuning_method": "top_layers"}, name="top-layers"),
    Scenario("mails", 180, "healthy", 6, 0.35, settings={"tuning_method": "top_layers"}, name="top-layers"),
    *(Scenario(data, 250, "healthy", 5, 0.3, settings=QUICK, name="quick") for data in ("movies", "topics")),
    *(Scenario(data, 100, "healthy", 5, 0.4, settings=QUICK, name="quick") for data in ("textures", "fashion")),
]
ALL = {scenario.key: scenario for scenario in (*SICK, *SOUND, *FRESH)}


def record(scenario: Scenario, target: Path) -> None:
    """Train as the scenario says and store what was measured; a run that breaks off is stored as far as it came."""
    task, rows_of = SETS[scenario.data]
    heard: list[Event] = []
    with tempfile.TemporaryDirectory() as folder:
        rows = rows_of(scenario.rows, scenario.seed, Path(folder))
        train, test = rows[: scenario.rows], rows[scenario.rows :]
        if scenario.shuffled:
            labels = [label for _, label in train]
            random.Random(98 + scenario.seed).shuffle(labels)
            train = [(one, label) for (one, _), label in zip(train, labels, strict=True)]
        known = {label for _, label in train}
        root = Path(folder) / "project"
        test = [row for row in test if row[1] in known]
        ours.make_project(root, task, MODELS[task], train, test, validation=scenario.validation)
        values = {"seed": scenario.seed, **scenario.settings}
        options = {"settings": {"preset": values.pop("preset", "balanced"), "values": values}}
        document = execute(Request(job="train", project=root, options=options), heard.append)
    recordings.write(target, document, [event for event in heard if isinstance(event, Measured)])


def table(folder: Path) -> str:
    """Return what the doctor says of every recording, and how often it is right, as Markdown."""
    lines = ["| run | steps | said (at step) | at the end |", "|---|---|---|---|"]
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    alarms = []
    for path in sorted(folder.glob("*.jsonl.gz")):
        run = recordings.read(path)
        told = recordings.heard(run)
        said = ", ".join(f"{one.advice[0].code} ({one.step})" for one in told)
        last = told[-1].advice[0].code if told else "-"
        total[run.expected] += 1
        right[run.expected] += last == run.expected
        if run.expected == "healthy" and any(one.advice[0].code in recordings.ALARMS for one in told):
            alarms.append(run.name)
        lines.append(f"| {run.name} | {run.case.total_steps} | {said} | {last} |")
    lines += ["", *(f"{key}: {right[key]} of {total[key]}" for key in sorted(total))]
    return "\n".join([*lines, f"false alarms: {len(alarms)} in {total['healthy']} sound runs {alarms or ''}".rstrip()])


def main() -> None:
    """Record what is missing, if asked to, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=recordings.FOLDER)
    parser.add_argument(
        "--record", nargs="*", metavar="KEY", help="record these runs (none given: all that are missing)"
    )
    arguments = parser.parse_args()
    os.environ.setdefault("FTSTUDIO_HOME", str(Path(tempfile.gettempdir()) / "ftstudio-benchmark"))
    if arguments.record is not None:
        for key in arguments.record or ALL:
            target = arguments.folder / f"{key}.jsonl.gz"
            if target.exists() and not arguments.record:
                continue
            began = time.perf_counter()
            record(ALL[key], target)
            print(f"{key}: {time.perf_counter() - began:.0f} s", flush=True)
    print(table(arguments.folder))


if __name__ == "__main__":
    main()
