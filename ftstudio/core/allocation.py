"""How the C library hands memory back: work that allocates the same again and again keeps what it freed.

A large block is otherwise mapped anew each time and given back at once, and all of its pages must be made again.
Casting the weights of a small encoder took three times as long for it, a whole step 7 % longer, an import of a million
rows a tenth.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

# `mallopt` parameters of glibc: from which size blocks are mapped one by one; how much may lie free at the end of the
# heap; how much more than needed the heap grows by.
_KEEPING = {-3: 32 << 20, -1: 256 << 20, -2: 64 << 20}


def keep_freed() -> None:
    """Let this process keep up to 256 MB that it frees for what it needs next; `malloc_trim` still gives them back.

    Does something only where the C library is glibc.
    """
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):
            library = ctypes.CDLL(None)
            for parameter, size in _KEEPING.items():
                library.mallopt(parameter, size)
