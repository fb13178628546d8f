"""What every test gets: a home of its own, no network, English, and a check that it leaves nothing running."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psutil
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.update(
    HF_HUB_OFFLINE="1",
    TRANSFORMERS_OFFLINE="1",
    HF_DATASETS_OFFLINE="1",
    HF_HUB_DISABLE_TELEMETRY="1",
    TOKENIZERS_PARALLELISM="false",
)
os.environ.pop("FTSTUDIO_RUNTIME", None)
os.environ.pop("FTSTUDIO_LITERT", None)

hypothesis.settings.register_profile("untimed", deadline=None)  # how busy the computer is proves nothing
hypothesis.settings.load_profile("untimed")

pytest_plugins = ["tests.support.tiny_models", "tests.support.tiny_projects", "tests.support.tiny_rewriters"]

# Helpers of Python and of libraries that rightly live until the process ends.
_LASTING_THREADS = ("TMonitor", "tqdm_monitor", "pytest_timeout", "pydevd")
_LASTING_PROCESSES = ("resource_tracker", "forkserver", "Xvfb")
_LEAK_PATIENCE = 3.0


@pytest.fixture(autouse=True)
def isolated_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep settings, caches and recent projects of this computer out of the tests, and each test's from the others."""
    from ftstudio.core import row_words, translation

    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("FTSTUDIO_HOME", str(home))
    yield home
    translation.use(translation.SOURCE_LANGUAGE)
    row_words.rows_are_pictures(False)


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    """Fail a test that leaves a thread or a child process behind."""
    threads, children = set(threading.enumerate()), set(_children())
    yield
    deadline = time.monotonic() + _LEAK_PATIENCE
    while left := [*(set(_threads()) - threads), *(set(_children()) - children)]:
        if time.monotonic() > deadline:
            pytest.fail(f"left running: {left}")
        time.sleep(0.02)


def _threads() -> list[threading.Thread]:
    """Return Python's own threads: the stand-ins it keeps for finished Qt threads never go away."""
    own = [thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)]
    return [thread for thread in own if not thread.name.startswith(_LASTING_THREADS)]


def _children() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            command = " ".join(child.cmdline())
            if child.status() != psutil.STATUS_ZOMBIE and not any(name in command for name in _LASTING_PROCESSES):
                found.append(child)
        except psutil.Error:
            continue
    return found
