"""Running the program as a script does: in a process of its own, with both streams apart."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as the one JSON document it must be."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """The error document; fails if there is anything else."""
        assert set(self.document) == {"error"}, self.out
        assert set(self.document["error"]) == {"message", "hint", "where"}
        error: dict[str, Any] = self.document["error"]
        return error


def ftstudio(*words: object, code: int | None = 0, env: dict[str, str] | None = None, timeout: float = 240) -> Ended:
    """Run `ftstudio WORDS` and return how it ended; `code` is the exit code expected (None: any)."""
    child = subprocess.run(
        [sys.executable, "-m", "ftstudio", *map(str, words)],
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        env=os.environ | (env or {}),
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    ended = Ended(child.returncode, child.stdout, child.stderr)
    assert code is None or ended.code == code, f"exit code {ended.code}\n{ended.out}\n{ended.err}"
    return ended


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below `folder` with its content, and every folder, to prove that nothing changed."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"<folder>"
        for path in sorted(folder.rglob("*"))
    }
