"""Stands in for a worker: replays a transcript on stdout and obeys commands on stdin. A script.

    python tests/support/fake_worker.py TRANSCRIPT [--rate EVENTS_PER_SECOND] [--deaf] [--mute] [--hold]

A line of the transcript that begins with `#` is an instruction: `#exit CODE`, `#signal NUMBER`, `#raw "TEXT"` (a JSON
string, written without a line end), `#stderr TEXT`, `#flood BYTES` (one line), `#wait` (until a command came),
`#child` (leave a child process running). `--deaf` ignores commands, `--mute` sends no heartbeats, `--hold` keeps the
process alive after the last line until it is stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any


class FakeWorker:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.commands: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.writing = threading.Lock()
        self.step = 0
        self.heard = False

    def work(self) -> int:
        sys.stdin.readline()  # the request
        threading.Thread(target=self.listen, daemon=True).start()
        if not self.options.mute:
            threading.Thread(target=self.beat, daemon=True).start()
        pause = 1 / self.options.rate if self.options.rate else 0
        for line in self.options.transcript.read_text(encoding="utf-8").splitlines():
            if pause:
                time.sleep(pause)
            if not self.obey(block=False):
                return 0
            if line.startswith("#"):
                self.instruct(line)
            elif line:
                self.step = json.loads(line).get("step") or self.step
                self.send(line.encode() + b"\n")
        if self.options.hold:
            self.obey(block=True)
        return 0

    def listen(self) -> None:
        for line in sys.stdin:
            if not self.options.deaf:
                self.commands.put(json.loads(line))
        if not self.options.deaf:
            os._exit(70)

    def beat(self) -> None:
        while True:
            self.tell(kind="heartbeat", memory_bytes=1_234_000_000)
            time.sleep(0.5)

    def obey(self, block: bool) -> bool:
        """Carry out waiting commands; False after a stop."""
        while block or not self.commands.empty():
            command = self.commands.get()
            self.heard = True
            kind = command["kind"] if command else ""
            if kind == "stop":
                self.tell(kind="changed", state="stopped", step=self.step)
                self.tell(kind="finished", document={"run": "fake", "state": "stopped", "steps": self.step})
                return False
            if kind in ("pause", "resume"):
                self.tell(kind="changed", state="paused" if kind == "pause" else "running", step=self.step)
                block = kind == "pause"
        return True

    def instruct(self, line: str) -> None:
        name, _, value = line[1:].partition(" ")
        if name == "exit":
            os._exit(int(value))
        if name == "signal":
            os.kill(os.getpid(), int(value))
            signal.pause()
        if name == "raw":
            self.send(json.loads(value).encode())
        if name == "stderr":
            print(value, file=sys.stderr, flush=True)
        if name == "flood":
            self.send(b"x" * int(value) + b"\n")
        if name == "wait":
            self.obey(block=not self.heard)
            self.heard = False
        if name == "child":
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            print(f"child {child.pid}", file=sys.stderr, flush=True)

    def tell(self, **event: Any) -> None:
        self.send(json.dumps(event).encode() + b"\n")

    def send(self, data: bytes) -> None:
        with self.writing:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("transcript", type=Path)
    parser.add_argument("--rate", type=float, default=0.0)
    for flag in ("--deaf", "--mute", "--hold"):
        parser.add_argument(flag, action="store_true")
    options = parser.parse_args()
    if options.deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os._exit(FakeWorker(options).work())


if __name__ == "__main__":
    main()
