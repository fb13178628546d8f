"""The rehearsal as a study: the settings as they are, then those that need less, and what to make of the figures."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from typing import Any

from ftstudio.core.advice import Advice, Cell, Remedy, Table
from ftstudio.core.errors import InputError
from ftstudio.core.quantities import byte_size, duration
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.text import Text, text
from ftstudio.engine import peak_memory
from ftstudio.engine.guards.rehearsal import STEPS, Rehearsed, rehearse
from ftstudio.engine.guards.smaller_settings import Smaller, candidates
from ftstudio.engine.guards.studies import Study, finish

REHEARSING = text("Rehearsing: {steps} steps on the longest rows", steps=STEPS)
UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "mib": 2**20, "gib": 2**30}
TIGHT = 0.85


@dataclass(frozen=True)
class Room:
    """What there is, in bytes."""

    memory: int
    disk: int


@dataclass(frozen=True)
class Tried:
    """Other settings and what they were measured to need."""

    smaller: Smaller
    found: Rehearsed


def carry_out(study: Study[Any]) -> dict[str, Any]:
    """Rehearse, look for settings that fit if it does not, store the report, and return the verb's document."""
    given = study.options.memory_limit
    memory = read_bytes(given) if given.strip() else peak_memory.there_is(study.hardware.device)
    room = Room(memory, shutil.disk_usage(study.project.layout.root).free)
    study.tell(REHEARSING, 0, 1)
    asked = rehearse(study, study.settings, room.memory)
    fits = asked.fits(room.memory, room.disk)
    tried = [] if fits or not study.options.alternatives else _try_others(study, asked, room)
    study.tell(REHEARSING, 1, 1)
    numbers = {**_numbers(asked, room), "alternatives": [_alternative(one, room) for one in tried]}
    return finish(study, numbers, [_advice(asked, room, tried)], tables=_tables(asked, room, tried))


def read_bytes(written: str) -> int:
    """Read an amount of memory such as `800MB`, `2 GB` or `1500000000`; raises `InputError`."""
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)\s*", written.lower())
    if found is None or found[2] not in UNITS or float(found[1]) == 0:
        raise InputError(
            text("“{written}” is not an amount of memory.", written=written),
            text("Give a number with a unit, such as 2GB or 800MB, or a plain number of bytes."),
            field="memory_limit",
        )
    return int(float(found[1]) * UNITS[found[2]])


def _try_others(study: Study[Any], asked: Rehearsed, room: Room) -> list[Tried]:
    """Measure the nearest settings of each kind until one of that kind fits."""
    tried: list[Tried] = []
    device = study.hardware.device
    first = peak_memory.held(device)
    for smaller in candidates(study.settings, asked, study.task.SPEC.modality):
        if any(one.smaller.kind == smaller.kind and one.found.fits(room.memory, room.disk) for one in tried):
            continue
        study.tell(smaller.label, len(tried), 0)
        extra = max(0, peak_memory.held(device) - first)
        settings = TrainingSettings.model_validate(study.settings.model_dump() | smaller.values)
        tried.append(Tried(smaller, rehearse(study, settings, room.memory, extra)))
    return tried


def _numbers(one: Rehearsed, room: Room) -> dict[str, Any]:
    return {
        "fits": one.fits(room.memory, room.disk),
        "fits_memory": one.fits(room.memory, one.disk_bytes),
        "fits_disk": one.disk_bytes <= room.disk,
        "peak_memory_bytes": one.peak_bytes,
        "memory_limit_bytes": room.memory,
        "seconds_per_step": one.step_seconds,
        "total_seconds": one.total_seconds,
        "steps": one.steps,
        "checkpoint_seconds": one.checkpoint_seconds,
        "disk_bytes": one.disk_bytes,
        "disk_free_bytes": room.disk,
        "rows_at_once": one.rows_at_once,
        "longest_row": one.longest,
        "problem": one.problem.render() if one.problem else None,
    }


def _alternative(one: Tried, room: Room) -> dict[str, Any]:
    return {"settings": one.smaller.values, "label": one.smaller.label.render(), **_numbers(one.found, room)}


def _advice(asked: Rehearsed, room: Room, tried: list[Tried]) -> Advice:
    fitting = [one for one in tried if one.found.fits(room.memory, room.disk)]
    return Advice(
        code="rehearsal",
        mood="good" if asked.fits(room.memory, room.disk) else "warning",
        sentence=_sentence(asked, room, tried, fitting),
        evidence=tuple(_evidence(asked, room)),
        remedies=tuple(
            Remedy(label=one.smaller.label, action="settings", values=one.smaller.values) for one in fitting
        ),
    )


def _sentence(asked: Rehearsed, room: Room, tried: list[Tried], fitting: list[Tried]) -> Text:
    needed, there = byte_size(asked.peak_bytes), byte_size(room.memory)
    if asked.fits(room.memory, room.disk):
        if asked.peak_bytes > TIGHT * room.memory:
            return text(
                "It just fits: at most {needed} of the {there} of memory. Close other programs.",
                needed=needed,
                there=there,
            )
        return text(
            "It fits: at most {needed} of the {there} of memory, and about {time} if all steps are needed.",
            needed=needed,
            there=there,
            time=duration(asked.total_seconds),
        )
    if asked.disk_bytes > room.disk:
        return text(
            "The disk has too little room: {needed} are needed and {there} are free. Free some, or move the project.",
            needed=byte_size(asked.disk_bytes),
            there=byte_size(room.disk),
        )
    if fitting:
        return text("It does not fit into {there} of memory as it is set; the settings below do.", there=there)
    if tried:
        return text(
            "It does not fit into {there} of memory, nor does anything near it. Choose a smaller model.", there=there
        )
    return text("It does not fit into {there} of memory as it is set.", there=there)


def _evidence(asked: Rehearsed, room: Room) -> list[Text]:
    if asked.problem is not None:
        return [asked.problem]
    found = [
        text(
            "{steps} steps on the longest rows took {needed} of memory at most; {there} are there.",
            steps=STEPS,
            needed=byte_size(asked.peak_bytes),
            there=byte_size(room.memory),
        ),
        text(
            "A step on the largest batch takes {step}; {count} steps with checks about {total}.",
            step=duration(asked.step_seconds),
            count=asked.steps,
            total=duration(asked.total_seconds),
        ),
        text(
            "A checkpoint is written and read in {seconds}; the run needs {needed} of the {there} free on the disk.",
            seconds=duration(asked.checkpoint_seconds),
            needed=byte_size(asked.disk_bytes),
            there=byte_size(room.disk),
        ),
    ]
    if asked.halvings:
        found.append(text("Memory ran out; it went on with {rows} rows at once.", rows=asked.rows_at_once))
    return found


def _tables(asked: Rehearsed, room: Room, tried: list[Tried]) -> list[Table]:
    if not tried:
        return []
    names = [text("As it is set"), *(one.smaller.label for one in tried)]
    rows = [_row(name, one, room) for name, one in zip(names, [asked, *(one.found for one in tried)], strict=True)]
    columns = (text("Settings"), text("Memory"), text("Step"), text("Whole run"), text("Fits"))
    return [Table(title=text("What was measured"), columns=columns, rows=tuple(rows), unit="plain")]


def _row(name: Text, one: Rehearsed, room: Room) -> tuple[Cell, ...]:
    fits = text("yes") if one.fits(room.memory, room.disk) else text("no")
    if one.problem is not None:
        return (name, None, None, None, fits)
    return (name, byte_size(one.peak_bytes), duration(one.step_seconds), duration(one.total_seconds), fits)
