"""Emitting never waits for the reader, keeps the order, and loses only what is superseded."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from ftstudio.core.messages import Finished, Heartbeat, Kept, Log, Measured, Progress, parse_event
from ftstudio.core.text import text
from ftstudio.worker.wire import Wire, lines

LAST_WORD = Finished(document={"done": True})


@pytest.fixture
def pipe() -> Iterator[tuple[int, Wire]]:
    incoming, outgoing = os.pipe()
    wire = Wire(outgoing)
    yield incoming, wire
    os.close(incoming)
    wire.close()
    os.close(outgoing)


def point(step: int) -> Measured:
    return Measured(split="train", step=step, epoch=0, seconds=0, values={"loss": 1.0, "text": 2.0})


def test_order_is_kept(pipe: tuple[int, Wire]) -> None:
    incoming, wire = pipe
    events = [point(1), Kept(which="best", step=1), point(2), LAST_WORD]
    for event in events:
        wire.emit(event)
    reader = lines(incoming)
    assert [parse_event(next(reader)) for _ in events] == events


def test_nobody_reading_holds_nothing_up_and_loses_nothing_that_counts(pipe: tuple[int, Wire]) -> None:
    """Would hang if `emit` waited: the pipe takes 64 kB and nobody reads it yet."""
    incoming, wire = pipe
    for number in range(30_000):
        wire.emit(Progress(phase=text("Counting"), done=number))
        wire.emit(Log(line_text=f"line {number}"))
        wire.emit(Heartbeat(memory_bytes=number))
    wire.emit(Kept(which="last", step=9))
    wire.emit(LAST_WORD)
    wire.close(patience=0.01)
    wire.emit(point(1))
    found = []
    for line in lines(incoming):
        found.append(parse_event(line))
        if found[-1] == LAST_WORD:
            break
    assert found[-2] == Kept(which="last", step=9)
    progress = [event.done for event in found if isinstance(event, Progress)]
    assert progress[-1] == 29_999
    assert progress == sorted(progress)
    logged = [event for event in found if isinstance(event, Log)]
    assert 10_000 <= len(logged) < 30_000


def test_reader_that_is_gone_is_no_error() -> None:
    incoming, outgoing = os.pipe()
    wire = Wire(outgoing)
    os.close(incoming)
    for step in range(1000):
        wire.emit(point(step))
    wire.close()
    os.close(outgoing)


def test_lines_are_cut_and_the_last_needs_no_end() -> None:
    incoming, outgoing = os.pipe()
    os.write(outgoing, b"one\n\ntwo\r\nthree")
    os.close(outgoing)
    assert list(lines(incoming)) == [b"one", b"", b"two\r", b"three"]
    os.close(incoming)
