"""One worker process as its supervisor sees it: start, events, commands, stop in stages, outcome.

Thread-safe. A thread of its own starts the process and reads it to its end: Linux ties the worker's life to the
*thread* that started it, so that thread must live as long as the worker does.
"""

from __future__ import annotations

import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ftstudio.core.errors import StudioError
from ftstudio.core.messages import Command, Event, Heartbeat, Log, Request, Started, Stop
from ftstudio.supervisor import aftermath, launch, processes, reading
from ftstudio.supervisor.outcome import Evidence, Outcome
from ftstudio.supervisor.run_log import RunLog

HUNG_AFTER = 90.0
_TAIL_LINES = 200
_LAST_WORDS = 30.0


class Worker:
    """A worker for one request. Make it, `start` it, read `events` or `poll`, then ask for the `outcome`.

    `runtime` is the Python to run it with; `command` replaces the whole command line (tests).
    """

    def __init__(self, runtime: Path | None = None, command: Sequence[str] | None = None) -> None:
        self._command = list(command) if command is not None else launch.worker_command(runtime)
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._evidence = Evidence()
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._log = RunLog()
        self._process: subprocess.Popen[bytes] | None = None
        self._request: Request | None = None
        self._outcome: Outcome | None = None
        self._stopper: threading.Thread | None = None
        self._heard = self._active = time.monotonic()

    def start(self, request: Request) -> None:
        """Start the process and hand it `request`; raises `StudioError` if it cannot be started."""
        if self._request is not None:
            raise RuntimeError("a Worker serves one request")
        if request.project is not None:
            request = request.model_copy(update={"project": request.project.absolute()})
        self._request = request
        self._evidence = replace(self._evidence, job=request.job)
        started: queue.SimpleQueue[StudioError | None] = queue.SimpleQueue()
        threading.Thread(target=self._live, args=(started,), name=f"worker {request.job}", daemon=True).start()
        error = started.get()
        if error is not None:
            raise error
        self.send(request)

    @property
    def pid(self) -> int | None:
        """The worker's process id; None before the start."""
        return self._process.pid if self._process else None

    @property
    def is_running(self) -> bool:
        """Whether the process lives (or its last words are still being read)."""
        return self._process is not None and not self._ended.is_set()

    @property
    def silence(self) -> float:
        """Seconds since the worker was last heard of, heartbeats included."""
        return time.monotonic() - self._heard

    @property
    def seems_hung(self) -> bool:
        """Whether it lives but has not even sent heartbeats for so long that something must be wrong."""
        return self.is_running and self.silence > HUNG_AFTER

    def events(self) -> Iterator[Event]:
        """Yield events as they come, until the process has ended. For one reader."""
        while (event := self._events.get()) is not None:
            yield event
        self._events.put(None)

    def poll(self, timeout: float = 0.0) -> list[Event]:
        """Return the events that have come since, waiting at most `timeout` seconds for the first. For one reader."""
        found: list[Event] = []
        try:
            event = self._events.get(timeout=timeout) if timeout > 0 else self._events.get_nowait()
            while event is not None:
                found.append(event)
                event = self._events.get_nowait()
            self._events.put(None)
        except queue.Empty:
            pass
        return found

    def send(self, command: Command) -> bool:
        """Send a command; False if the worker no longer listens."""
        process = self._process
        if process is None or process.stdin is None or self._ended.is_set():
            return False
        data = command.line().encode("utf-8") + b"\n"
        try:
            with self._sending:
                while data:
                    data = data[process.stdin.write(data) :]
        except (OSError, ValueError):
            return False
        return True

    def stop(self, patience: float = 60.0, grace: float = 10.0) -> None:
        """Have the worker end, and return at once: ask; when it then shows no progress for `patience` seconds,
        terminate; when it lives `grace` seconds longer, kill it with all it started. A second call changes nothing.
        """
        with self._lock:
            if self._stopper is not None or self._process is None or self._ended.is_set():
                return
            self._evidence = replace(self._evidence, asked_to_stop=True)
            self._active = time.monotonic()
            self._stopper = threading.Thread(
                target=self._stop_in_stages, args=(patience, grace), name="stop worker", daemon=True
            )
            self._stopper.start()

    def kill(self) -> None:
        """End the worker and all it started at once; what it had saved stays."""
        with self._lock:
            if self._process is None or self._ended.is_set():
                return
            self._evidence = replace(self._evidence, ended_by_us=True, hung=self.seems_hung)
        processes.kill_tree(self._process)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end; False if it did not come within `timeout` seconds."""
        return self._ended.wait(timeout)

    def outcome(self) -> Outcome:
        """Wait for the end and return how it was."""
        self._ended.wait()
        if self._outcome is None:
            raise RuntimeError("the worker was never started")
        return self._outcome

    def _live(self, started: queue.SimpleQueue[StudioError | None]) -> None:
        try:
            process = launch.spawn(self._command, launch.environment())
        except StudioError as error:
            self._ended.set()
            started.put(error)
            return
        self._process = process
        self._heard = time.monotonic()
        started.put(None)
        readers = [
            threading.Thread(target=self._read_events, args=(process,), name="worker events", daemon=True),
            threading.Thread(target=self._read_log, args=(process,), name="worker log", daemon=True),
        ]
        for reader in readers:
            reader.start()
        exit_code = processes.wait(process)
        for reader in readers:
            reader.join(_LAST_WORDS)
        self._finish(process, exit_code)

    def _read_events(self, process: subprocess.Popen[bytes]) -> None:
        for event in reading.events(process.stdout):
            self._note(event)

    def _note(self, event: Event) -> None:
        self._heard = time.monotonic()
        if not isinstance(event, Heartbeat):
            self._active = self._heard
        with self._lock:
            self._evidence = self._evidence.with_event(event)
            if isinstance(event, Log):
                self._tail.append(event.line_text)
                self._log.add(event.line_text)
        if isinstance(event, Started):
            self._keep_log(event.run)
        self._events.put(event)

    def _read_log(self, process: subprocess.Popen[bytes]) -> None:
        for line in reading.lines(process.stderr):
            if line.strip():
                self._note(Log(line_text=reading.readable(line)))

    def _keep_log(self, run_id: str | None) -> None:
        run = aftermath.run_of(self._request.project if self._request else None, run_id)
        if run is not None:
            self._log.attach(run.log)

    def _finish(self, process: subprocess.Popen[bytes], exit_code: int) -> None:
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        self._log.close()
        with self._lock:
            evidence = replace(self._evidence, log_tail=tuple(self._tail))
        project = self._request.project if self._request else None
        self._outcome = aftermath.settle(project, evidence, exit_code)
        self._ended.set()
        self._events.put(None)

    def _stop_in_stages(self, patience: float, grace: float) -> None:
        process = self._process
        if process is None:
            return
        asked = self.send(Stop())
        while asked and not self._ended.wait(0.1):
            if time.monotonic() - self._active > patience:
                break
        if self._ended.is_set():
            return
        with self._lock:
            self._evidence = replace(self._evidence, ended_by_us=True)
        processes.terminate(process)
        if not self._ended.wait(grace):
            processes.kill_tree(process)
