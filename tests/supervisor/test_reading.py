"""What a worker writes is cut into lines in bounded memory; noise becomes log."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import pytest

from ftstudio.core.messages import LONGEST_LINE, Heartbeat, Log
from ftstudio.supervisor import reading

BEAT = Heartbeat(memory_bytes=5)


def through_a_pipe(write: Callable[[int], None]) -> list[object]:
    incoming, outgoing = os.pipe()

    def writer() -> None:
        write(outgoing)
        os.close(outgoing)

    thread = threading.Thread(target=writer)
    thread.start()
    with os.fdopen(incoming, "rb", buffering=0) as stream:
        found: list[object] = list(reading.events(stream))
    thread.join()
    return found


def write_all(data: bytes) -> Callable[[int], None]:
    def write(descriptor: int) -> None:
        rest = data
        while rest:
            rest = rest[os.write(descriptor, rest) :]

    return write


def test_events_and_noise_in_order() -> None:
    line = BEAT.line().encode()
    data = b"hello\n" + line + b"\n\xff\xfe\x00\n\n" + line + b'\r\n{"kind":"nope"}\n' + line
    found = through_a_pipe(write_all(data))
    assert found == [
        Log(line_text="hello"),
        BEAT,
        Log(line_text="\ufffd\ufffd·"),
        BEAT,
        Log(line_text='{"kind":"nope"}'),
        BEAT,
    ]


def test_byte_by_byte() -> None:
    def write(descriptor: int) -> None:
        for byte in BEAT.line().encode() + b"\n":
            os.write(descriptor, bytes([byte]))

    assert through_a_pipe(write) == [BEAT]


@pytest.mark.parametrize("ended", [True, False])
def test_line_beyond_measure_is_cut_and_the_next_is_read(ended: bool) -> None:
    data = b"x" * 10_000_000 + (b"\n" + BEAT.line().encode() + b"\n" if ended else b"")
    found = through_a_pipe(write_all(data))
    assert isinstance(found[0], Log)
    assert len(found[0].line_text) < 3000
    assert found[1:] == ([BEAT] if ended else [])


def test_memory_is_bounded() -> None:
    incoming, outgoing = os.pipe()
    thread = threading.Thread(target=lambda: (write_all(b"x" * 3 * LONGEST_LINE)(outgoing), os.close(outgoing)))
    thread.start()
    with os.fdopen(incoming, "rb", buffering=0) as stream:
        lengths = [len(line) for line in reading.lines(stream)]
    thread.join()
    assert lengths[0] <= LONGEST_LINE + 300_000


def test_closed_stream_ends_quietly() -> None:
    assert list(reading.events(None)) == []
