"""How much memory a stretch of work takes at most, and how much there is: on a graphics card, or in the computer.

On Linux the kernel keeps the peak of a process and lets it be reset; elsewhere a thread looks every few milliseconds.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import psutil
import torch

from ftstudio.engine.learning import memory

SECONDS_BETWEEN = 0.005
_PROCESS = Path("/proc/self")
_GROUP = Path("/sys/fs/cgroup")


class Peak:
    """A context that measures; afterwards `bytes` is the peak: all of the process, or what is held on the card."""

    def __init__(self, device: torch.device) -> None:
        self.device, self.bytes, self._resets = device, 0, False
        self._done = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="peak memory", daemon=True)

    def __enter__(self) -> Peak:
        memory.give_back(self.device)
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.device)
        else:
            with suppress(OSError):  # where the peak cannot be reset, the thread's looks must do
                (_PROCESS / "clear_refs").write_text("5", encoding="ascii")
                self._resets = True
            self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.device.type == "cuda":
            self.bytes = int(torch.cuda.max_memory_reserved(self.device))
            return
        self._done.set()
        self._watcher.join()
        if self._resets:
            self.bytes = max(self.bytes, _kept_peak())

    def _watch(self) -> None:
        process = psutil.Process()
        while True:
            self.bytes = max(self.bytes, int(process.memory_info().rss))
            if self._done.wait(SECONDS_BETWEEN):
                return


def _kept_peak() -> int:
    with suppress(OSError, ValueError, StopIteration):
        lines = (_PROCESS / "status").read_text(encoding="ascii", errors="replace").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024
    return 0


def held(device: torch.device) -> int:
    """Return the bytes that this process holds now, all of them, or those on the card."""
    if device.type == "cuda":
        return int(torch.cuda.memory_reserved(device))
    return int(psutil.Process().memory_info().rss)


def there_is(device: torch.device) -> int:
    """Return the bytes that this process could hold: what it holds now and what is free."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0]) + held(device)
    return held(device) + min(int(psutil.virtual_memory().available), _left_in_group())


def _left_in_group() -> int:
    """Return what the container this process runs in has left."""
    with suppress(OSError, ValueError):
        most, used = ((_GROUP / name).read_text(encoding="ascii").strip() for name in ("memory.max", "memory.current"))
        return max(0, int(most) - int(used))
    return 1 << 62
