"""The real worker with jobs that misbehave instead of the real ones. A script; torch is never imported."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
import time
from types import SimpleNamespace
from typing import Any

from ftstudio.core import catalog
from ftstudio.core.errors import CancelledError, InputError, StudioError
from ftstudio.core.messages import Ask, Measured, Progress, Request, Started
from ftstudio.core.text import text
from ftstudio.engine.context import JobContext
from ftstudio.worker.main import main


def started(request: Request, context: JobContext) -> None:
    context.emit(Started(job=request.job, pid=os.getpid()))


def echo(request: Request, context: JobContext) -> dict[str, Any]:
    started(request, context)
    return {"options": request.options, "environment": {key: os.environ.get(key) for key in request.options}}


def noise(request: Request, context: JobContext) -> dict[str, Any]:
    print("a stray print")
    sys.stdout.write("without a line end")
    sys.stdout.flush()
    os.write(1, b"\nfrom below\n")
    libc = ctypes.CDLL(None)
    libc.puts(b"from C")
    libc.fflush(None)
    os.system("echo from a child")
    return {"read": sys.stdin.read(), "zero": len(os.read(0, 10))}


def network(request: Request, context: JobContext) -> dict[str, Any]:
    refused = 0
    for attempt in (
        lambda: socket.create_connection(("127.0.0.1", 9)),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9)),
        lambda: socket.socket(socket.AF_INET6).connect(("::1", 9)),
        lambda: socket.socket(socket.AF_INET).connect_ex(("127.0.0.1", 9)),
        lambda: socket.getaddrinfo("example.org", 443),
        lambda: socket.gethostbyname("example.org"),
    ):
        try:
            attempt()
        except ConnectionRefusedError as error:
            refused += "offline" in str(error)
    one, other = socket.socketpair()
    one.sendall(b"inside")
    return {"refused": refused, "inside": other.recv(10).decode()}


def bad_input(request: Request, context: JobContext) -> dict[str, Any]:
    raise InputError(text("Row {row} is bad.", row=3), text("Mend it."), row=3, file="a.csv")


def bad_luck(request: Request, context: JobContext) -> dict[str, Any]:
    raise StudioError(text("The disk broke."), text("Buy another."))


def bug(request: Request, context: JobContext) -> dict[str, Any]:
    return {"value": 1 / 0}


def no_memory(request: Request, context: JobContext) -> dict[str, Any]:
    raise MemoryError


def leaves(request: Request, context: JobContext) -> dict[str, Any]:
    raise SystemExit("a library gave up")


def segfault(request: Request, context: JobContext) -> dict[str, Any]:
    started(request, context)
    ctypes.string_at(0)
    return {}


def works(request: Request, context: JobContext) -> dict[str, Any]:
    """Work until stopped, a step every few milliseconds."""
    started(request, context)
    for step in range(1, 100_000):
        context.control.wait_while_paused()
        if context.control.stop_requested:
            return {"state": "stopped", "steps": step}
        context.emit(Measured(split="train", step=step, epoch=0, seconds=0, values={"loss": 1.0}))
        time.sleep(0.005)
    raise AssertionError("never stopped")


def cancels(request: Request, context: JobContext) -> dict[str, Any]:
    started(request, context)
    while not context.control.stop_requested:
        time.sleep(0.005)
    raise CancelledError


def deaf(request: Request, context: JobContext) -> dict[str, Any]:
    started(request, context)
    time.sleep(600)
    return {}


def chatty(request: Request, context: JobContext) -> dict[str, Any]:
    """Emit far more than anybody reads; training must not wait for the reader."""
    began = time.monotonic()
    for number in range(200_000):
        context.emit(Progress(phase=text("Counting"), done=number))
    return {"seconds": time.monotonic() - began}


def answers(request: Request, context: JobContext) -> dict[str, Any]:
    started(request, context)
    question = context.control.questions.get()
    assert isinstance(question, Ask)
    return {"number": question.number, "question": question.question}


JOBS = (
    echo, noise, network, bad_input, bad_luck, bug, no_memory, leaves, segfault, works, cancels, deaf, chatty, answers
)  # fmt: skip


class Jobs:
    def module(self, key: str) -> SimpleNamespace:
        return SimpleNamespace(run={job.__name__: job for job in JOBS}[key])


if __name__ == "__main__":
    catalog.jobs = Jobs  # type: ignore[assignment]
    sys.exit(main())
