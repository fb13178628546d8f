"""What most likely ended a worker that said no last word, by its exit code and the last lines of its log."""

from __future__ import annotations

import signal
from collections.abc import Iterable
from dataclasses import dataclass

from ftstudio.core.text import Text, text
from ftstudio.core.translation import N_

_AGAIN = text("If it happens again, look at the log under Details.")
_LESS_MEMORY = text(
    "Close other programs, or choose a smaller batch size, shorter texts, or a tuning method that trains fewer layers."
)
_LESS_BESIDE = text("Close other programs and try again.")
_FREE_SPACE = text("Free some space on the disk and try again.")
_REINSTALL = text("Check the compute runtime under Settings, or install the program again.")
_DRIVER = text(
    "Try again. If it happens again, set the device to “Processor” to see whether the graphics driver is at fault."
)


@dataclass(frozen=True)
class Cause:
    """A template with the place `{where}` (and `{code}`), and the next step; `otherwise` it is that of work which does
    not train, where the settings of a training help nobody.
    """

    template: str
    hint: Text
    otherwise: Text | None = None

    def next_step(self, *, trains: bool) -> Text:
        """Return what to do."""
        return self.hint if trains or self.otherwise is None else self.otherwise


UNKNOWN = Cause(
    N_("The compute process ended without a word {where} (exit code {code})."),
    text("Try again; if it happens again, the report under Details helps to mend it."),
)
HUNG = Cause(N_("The compute process no longer answered and was ended {where}."), _AGAIN)
TOO_SLOW = Cause(N_("The compute process did not stop in time and was ended {where}."), _AGAIN)

_CRASHED = Cause(N_("The compute process crashed {where}: a fault in a library or a driver."), _DRIVER)
_ENDED = Cause(N_("The compute process was ended {where} by the system or another program."), _AGAIN)
_NO_ROOM = Cause(N_("There was no room left on the disk {where}."), _FREE_SPACE)
_KILLED = Cause(N_("The compute process most likely ran out of memory {where}: the system ended it."),
                _LESS_MEMORY, _LESS_BESIDE)  # fmt: skip

_BY_EXIT = {
    "SIGKILL": _KILLED,
    "SIGTERM": _ENDED,
    "SIGHUP": _ENDED,
    "SIGINT": Cause(N_("The compute process was interrupted {where}."), _AGAIN),
    "SIGXFSZ": _NO_ROOM,
    "SIGSEGV": _CRASHED,
    "SIGABRT": _CRASHED,
    "SIGBUS": _CRASHED,
    "SIGFPE": _CRASHED,
    "SIGILL": Cause(N_("A library needs an instruction that this processor lacks {where}."), _REINSTALL),
}
# Exit status of Windows, and of a worker that was told to end by SIGTERM but did not get there in time.
_OTHER_CODES = {
    0xC0000005: "SIGSEGV",
    0xC00000FD: "SIGSEGV",
    0xC0000017: "SIGKILL",
    0xC000013A: "SIGINT",
    70: "SIGTERM",
}

_TELLTALES: tuple[tuple[tuple[str, ...], Cause], ...] = (
    (
        ("CUDA out of memory", "MPS backend out of memory", "HIP out of memory"),
        Cause(N_("The graphics card ran out of memory {where}."), _LESS_MEMORY, _LESS_BESIDE),
    ),
    (
        ("can't allocate memory", "std::bad_alloc", "MemoryError"),
        Cause(N_("The compute process ran out of memory {where}."), _LESS_MEMORY, _LESS_BESIDE),
    ),
    (("No space left on device",), _NO_ROOM),
    (
        ("ModuleNotFoundError: ", "ImportError: ", "No module named ftstudio"),
        Cause(N_("The compute process could not start: a part of the program is missing."), _REINSTALL),
    ),
)


def find(exit_code: int | None, log_tail: Iterable[str]) -> Cause:
    """Return the most likely cause; `exit_code` is negative for a signal."""
    lines = list(log_tail)
    for phrases, cause in _TELLTALES:
        if any(phrase in line for line in lines for phrase in phrases):
            return cause
    return _BY_EXIT.get(_signal_name(exit_code), UNKNOWN)


def _signal_name(exit_code: int | None) -> str:
    """Name the signal behind an exit code, also as shells report it (128 + n); empty if there is none."""
    if exit_code is None:
        return ""
    if exit_code & 0xFFFFFFFF in _OTHER_CODES:
        return _OTHER_CODES[exit_code & 0xFFFFFFFF]
    try:
        return signal.Signals(-exit_code if exit_code < 0 else exit_code - 128).name
    except ValueError:
        return ""
