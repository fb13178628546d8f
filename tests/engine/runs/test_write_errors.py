"""A full disk is told as such, whichever library met it."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from safetensors import SafetensorError

from ftstudio.core.errors import CancelledError, StudioError
from ftstudio.engine.runs.write_errors import told


def _torch_style() -> None:
    try:
        raise OSError(errno.ENOSPC, "No space left on device")
    except OSError:
        raise RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 704 vs 598")  # noqa: B904


def _safetensors_style() -> None:
    raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")


def _plain() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("fail", [_plain, _safetensors_style, _torch_style])
def test_every_librarys_full_disk_is_one_sentence(fail) -> None:
    with pytest.raises(StudioError, match="no room left") as failure, told(Path("model")):
        fail()

    assert failure.value.hint is not None
    assert failure.value.where.file == "model"


def test_other_errors_pass_as_they_are() -> None:
    with pytest.raises(ZeroDivisionError), told(Path("model")):
        _ = 1 / 0
    with pytest.raises(CancelledError), told(Path("model")):
        raise CancelledError


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_torch_really_fails_like_that() -> None:
    import torch

    weights = {"a": torch.zeros(3_000_000)}
    with (
        pytest.raises(StudioError, match="room"),
        told(Path("model")),
        open("/dev/full", "r+b", buffering=0) as file,  # noqa: PTH123
    ):
        torch.save(weights, file)
