"""Turns what a worker writes into events: whole lines, never more memory than one message needs, noise to the log."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO

from ftstudio.core.messages import LONGEST_LINE, Event, Log, parse_event

_CHUNK = 262_144
_MOST_SHOWN = 2_000


def events(stream: IO[bytes] | None) -> Iterator[Event]:
    """Yield what a worker sends, until it closes its end. What is no event becomes a `Log`."""
    for line in lines(stream):
        event = parse_event(line)
        if event is not None:
            yield event
        elif line.strip():
            yield Log(line_text=readable(line))


def lines(stream: IO[bytes] | None) -> Iterator[bytes]:
    """Yield lines without their ends, until the end of file. A line beyond all measure is cut to its beginning."""
    held = bytearray()
    while chunk := _read(stream):
        *complete, rest = chunk.split(b"\n")
        for part in complete:
            held += part
            yield bytes(held)
            held.clear()
        if len(held) <= LONGEST_LINE:
            held += rest
    if held:
        yield bytes(held)


def readable(line: bytes) -> str:
    """Return any bytes as a line for the log."""
    written = line.decode("utf-8", errors="replace").rstrip("\r")
    written = "".join(
        character if character.isprintable() or character == "\t" else "·" for character in written[:_MOST_SHOWN]
    )
    return written if len(line) <= _MOST_SHOWN else f"{written}… ({len(line)} bytes)"


def _read(stream: IO[bytes] | None) -> bytes:
    try:
        return os.read(stream.fileno(), _CHUNK) if stream is not None else b""
    except (OSError, ValueError):
        return b""
