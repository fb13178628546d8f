"""What a process frees stays with it for what it needs next."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

# Allocates and frees as many blocks as a step of a small encoder casts, and prints how many pages had to be made.
_FAULTS = """
import resource, sys
import numpy as np
from ftstudio.core import allocation
if sys.argv[1] == "keep":
    allocation.keep_freed()

def step():
    blocks = [np.ones(300_000) for _ in range(20)]

step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _page_faults(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", _FAULTS, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has these settings")
def test_pages_of_freed_memory_are_not_made_anew_for_every_step() -> None:
    assert _page_faults("keep") < _page_faults("leave") / 5
