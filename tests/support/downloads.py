"""Files that tests and benchmarks fetch once and keep in the temporary folder, by several processes at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

CACHE = Path(os.environ.get("FTSTUDIO_TEST_DATA", Path(tempfile.gettempdir()) / "ftstudio-test-data"))


def fetched(name: str, *command: str) -> Path:
    """Return the folder `name` of the cache, filled by running `command` in it when it is not there yet.

    It appears whole or not at all. Raises `CalledProcessError` where the download fails.
    """
    folder = CACHE / name
    if folder.exists():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=CACHE))
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PIP_NO_INDEX")}
    try:
        subprocess.run(command, cwd=partial, check=True, capture_output=True, timeout=300, env=environment)
        partial.rename(folder)
    except OSError:
        if not folder.exists():  # else another process was quicker
            raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder
