"""What this computer computes with, found without torch."""

from __future__ import annotations

import platform
import shutil
import subprocess
from functools import cache


@cache
def accelerator() -> tuple[str, int]:
    """Return the device training would take by itself (`cuda`, `mps` or `cpu`) and its memory in bytes (0: unknown)."""
    memory = _nvidia_memory()
    if memory:
        return "cuda", memory
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return "mps", 0
    return "cpu", 0


def _nvidia_memory() -> int:
    """Ask the driver's own tool; it is there wherever the driver is."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return 0
    question = [command, "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(question, capture_output=True, text=True, timeout=5, check=True).stdout
        return max(int(line) for line in answer.split()) * 1024 * 1024
    except (OSError, subprocess.SubprocessError, ValueError):
        return 0
