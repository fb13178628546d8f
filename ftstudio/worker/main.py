"""The worker process: one request in, events out, then the end. `python -m ftstudio --worker`.

The first line on stdin is the request, the following ones are commands; the end of stdin means that the window is
gone. Exit code 0: done, 1: failed while working, 2: the request could not be carried out as asked.
"""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ftstudio.core import offline
from ftstudio.core.errors import ErrorDocument, InputError, StudioError
from ftstudio.core.messages import Failed, Finished, Log, Remark, Request, Stop, parse_command
from ftstudio.core.network import MOST_TOLD, Guard, in_words
from ftstudio.core.text import text
from ftstudio.worker import lifeline, wire
from ftstudio.worker.wire import Wire

if TYPE_CHECKING:
    from ftstudio.engine.control import Control

_END_PATIENCE = 10.0


def main() -> int:
    """Claim the wire, do what the request says and return the exit code."""
    channel, incoming = wire.claim()
    os.environ.update(offline.VARIABLES)
    faulthandler.enable(sys.stderr)
    if int(os.environ.get("RANK", "0")) > 0:
        channel.close()  # of several processes in one run only the first talks
    code = _serve(channel, wire.lines(incoming))
    channel.close()
    _end_surely(code)
    return code


def _serve(channel: Wire, commands: Iterator[bytes]) -> int:
    guard = Guard(lambda address: _report_attempt(channel, guard.attempts, address))
    guard.install()
    heartbeat = lifeline.start_heartbeat(channel.emit, lambda: guard.attempts)
    try:
        return _work(channel, _request(channel, commands), commands)
    except BaseException as error:
        return _fail(channel, error)
    finally:
        heartbeat.set()


def _request(channel: Wire, commands: Iterator[bytes]) -> Request:
    for line in commands:
        command = parse_command(line)
        if isinstance(command, Request):
            return command
        _log_broken(channel, line)
    raise InputError(text("The worker was started without a request."), text("Start it from the window."))


def _work(channel: Wire, request: Request, commands: Iterator[bytes]) -> int:
    from ftstudio.engine.control import Control
    from ftstudio.engine.run import execute

    control = Control()
    deadline = lifeline.Deadline(lambda: control.obey(Stop()))
    lifeline.obey_signals(deadline)
    listener = threading.Thread(
        target=_listen, args=(channel, commands, control, deadline), name="commands", daemon=True
    )
    listener.start()
    document = execute(request, channel.emit, control)
    channel.emit(Finished(document=document))
    return 0


def _listen(channel: Wire, commands: Iterator[bytes], control: Control, deadline: lifeline.Deadline) -> None:
    for line in commands:
        command = parse_command(line)
        if command is None:
            _log_broken(channel, line)
        else:
            control.obey(command)
    deadline.start()


def _fail(channel: Wire, error: BaseException) -> int:
    details = "" if isinstance(error, InputError) else "".join(traceback.format_exception(error))
    print(details, end="", file=sys.stderr, flush=True)
    if isinstance(error, MemoryError):
        error = StudioError(
            text("There was not enough memory."),
            text("Close other programs, or choose a smaller batch size or shorter texts."),
        )
    document = ErrorDocument.of(error, details)
    channel.emit(Failed(error=document))
    return document.exit_code


def _report_attempt(channel: Wire, attempts: int, address: str) -> None:
    channel.emit(Log(line_text=f"refused network connection {attempts} to {address}"))
    if attempts <= MOST_TOLD:
        channel.emit(Remark(severity="warning", code="network_refused", text=in_words(address)))


def _log_broken(channel: Wire, line: bytes) -> None:
    if line.strip():
        channel.emit(Log(line_text=f"not a command: {line[:200]!r}"))


def _end_surely(code: int) -> None:
    """A library that hangs in its clean-up must not keep the process (and the graphics card) for ever."""
    timer = threading.Timer(_END_PATIENCE, os._exit, args=(code,))
    timer.daemon = True
    timer.start()
