"""Memory that runs out in the middle of training: whole runs through the one door, made-up and with a real limit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from torch import Tensor

from ftstudio.core.errors import StudioError
from ftstudio.core.messages import Measured, Remark
from ftstudio.engine.learning import memory
from ftstudio.engine.learning.evaluation import logits_of
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.project.journal import read_events
from ftstudio.project.runs import list_runs, read_status
from tests.engine.layers.test_features import FP32, feed_of
from tests.engine.projects import Tiny, make_texts
from tests.engine.projects import copy as copy_project

ROOT = Path(__file__).resolve().parents[3]
ALLOCATOR = (
    "[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory: "
    "you tried to allocate 137438953472 bytes. Error code 12 (Cannot allocate memory)"
)
ERRORS = [torch.OutOfMemoryError("CUDA out of memory."), MemoryError(), RuntimeError(ALLOCATOR)]


def let_fail(monkeypatch: pytest.MonkeyPatch, error: BaseException, *, most_rows: int, from_pass: int = 0) -> None:
    """Let every learning pass over more than `most_rows` rows fail at its very end, after the model has run."""
    passes = [0]
    real = ModelFeed.loss

    def loss(self: ModelFeed, logits: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
        passes[0] += 1
        if passes[0] > from_pass and len(labels) > most_rows:
            raise error
        return real(self, logits, labels, weights)

    monkeypatch.setattr(ModelFeed, "loss", loss)


def weights(project: Tiny, document: dict[str, Any]) -> dict[str, Any]:
    return load_file(project.run(document["run"]).last / "weights.safetensors")


def remarks(project: Tiny) -> list[Remark]:
    return [one for one in project.of(Remark) if one.code == "memory_halved"]


@pytest.mark.parametrize(
    "error",
    [
        *ERRORS,
        RuntimeError("MPS backend out of memory"),
        RuntimeError("std::bad_alloc"),
        RuntimeError("unable to mmap 95428 bytes from file <weights>: Cannot allocate memory (12)"),
        OSError(12, "Cannot allocate memory"),
    ],
)
def test_every_way_of_saying_it_is_understood(error: BaseException) -> None:
    assert memory.ran_out(error)


@pytest.mark.parametrize(
    "error", [RuntimeError("shapes cannot be multiplied"), ValueError("out of memory"), OSError(28)]
)
def test_other_errors_are_not_taken_for_it(error: BaseException) -> None:
    assert not memory.ran_out(error)


@pytest.mark.parametrize("error", ERRORS, ids=["card", "python", "processor"])
@pytest.mark.parametrize("kind", ["text_project", "image_project"])
def test_the_run_ends_bit_for_bit_as_if_it_had_begun_with_smaller_portions(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, kind: str, error: BaseException
) -> None:
    """Dropout and batch norm included: the failed pass has drawn chance and changed statistics, and leaves no trace."""
    project: Tiny = request.getfixturevalue(kind)
    small = project.train(max_steps=4, micro_batch_size=8, dropout=0.1)
    with monkeypatch.context() as patch:
        let_fail(patch, error, most_rows=8)
        halved = project.train(max_steps=4, dropout=0.1)

    assert halved["metrics"] == small["metrics"]
    mine, theirs = weights(project, halved), weights(project, small)
    assert all(np.array_equal(mine[name], theirs[name]) for name in theirs)


def test_it_is_told_once_and_recorded_and_the_batch_stays(text_project: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = text_project.train(max_steps=6, dropout=0.0)
    let_fail(monkeypatch, MemoryError(), most_rows=8, from_pass=1)
    halved = text_project.train(max_steps=6, dropout=0.0)

    (told,) = remarks(text_project)
    assert (told.severity, told.step) == ("warning", 2)
    assert "16" in str(told.text)
    assert "8" in str(told.text)
    recorded = read_events(text_project.run(halved["run"]).metrics)
    assert told in recorded
    assert [one.step for one in recorded if isinstance(one, Measured) and one.split == "train"] == list(range(1, 7))
    mine, theirs = weights(text_project, halved), weights(text_project, whole)
    for name in theirs:
        np.testing.assert_allclose(mine[name], theirs[name], atol=2e-5)


def test_after_three_halvings_it_gives_up_with_advice_and_keeps_what_there_was(
    text_project: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_fail(monkeypatch, RuntimeError(ALLOCATOR), most_rows=0, from_pass=1)

    with pytest.raises(StudioError, match="too little memory, even for 2 rows") as caught:
        text_project.train(max_steps=6)

    assert [one.step for one in remarks(text_project)] == [2, 2, 2]
    assert caught.value.where.field == "micro_batch_size"
    assert all(word in str(caught.value.hint) for word in ("shorter texts", "head", "rehearse"))
    run = list_runs(text_project.layout)[0]
    assert read_status(run.layout).state.value == "failed"
    assert (run.layout.best / "weights.safetensors").is_file(), "the check before the first step was kept"


def test_a_single_row_cannot_be_halved(text_project: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    let_fail(monkeypatch, MemoryError(), most_rows=0)

    with pytest.raises(StudioError, match="even for one row at once"):
        text_project.train(max_steps=2, micro_batch_size=2)
    assert len(remarks(text_project)) == 1


# The address space that the steps alone may have on top, in bytes (0: any); how much more they took is told.
LIMITED = """
import json, resource, sys
from pathlib import Path
from ftstudio.core import allocation
from ftstudio.core.messages import Measured, Remark, Request
from ftstudio.engine.run import execute

allocation.keep_freed = lambda: None  # what a process keeps of freed memory would come on top of the limit
unlimited = resource.getrlimit(resource.RLIMIT_AS)
events, sizes = [], []

def size(name):
    line = next(line for line in open("/proc/self/status") if line.startswith(name))
    return int(line.split()[1]) * 1024

def listen(event):
    events.append(event)
    if not isinstance(event, Measured):
        return
    if event.split == "validation" and event.step == 0:
        sizes.append(size("VmSize"))
        if int(sys.argv[3]):
            resource.setrlimit(resource.RLIMIT_AS, (sizes[0] + int(sys.argv[3]), unlimited[1]))
    if event.split == "train" and event.step == 3:
        sizes.append(size("VmPeak"))
        resource.setrlimit(resource.RLIMIT_AS, unlimited)

values = json.loads(sys.argv[2])
document = execute(Request(job="train", project=Path(sys.argv[1]), options={"settings": {"values": values}}), listen)
told = [str(one.text) for one in events if isinstance(one, Remark) and one.code == "memory_halved"]
print(json.dumps({
    "told": told, "steps": document["steps"], "state": document["state"], "needed": sizes[1] - sizes[0]
}))
"""


def train_within(project: Tiny, allowed: int) -> dict[str, Any]:
    """Return what a training in a process of its own told, its steps given `allowed` bytes more than the rest."""
    values = {"batch_size": 512, "max_steps": 3, "device": "cpu", "precision": "fp32", "max_length": 64}
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(project.root), json.dumps(values), str(allowed)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="address space can be limited on Linux")
def test_a_real_limit_on_memory_is_got_over(tiny_text_model: Path, tmp_path: Path) -> None:
    project = copy_project(make_texts(tmp_path / "template", rows=900), tmp_path / "project", tiny_text_model)
    whole = train_within(project, 0)
    assert whole["told"] == []

    found = train_within(project, whole["needed"] * 2 // 3)
    assert (found["steps"], found["state"]) == (3, "finished")
    assert 1 <= len(found["told"]) <= 3, found


def test_a_check_that_does_not_fit_is_made_in_parts(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = feed_of(request, "tiny_text_model")
    whole, real = logits_of(feed, FP32), ModelFeed.logits

    def logits(self: ModelFeed, batch: Any) -> Tensor:
        if len(batch.labels) > 3:
            raise RuntimeError(ALLOCATOR)
        return real(self, batch)

    monkeypatch.setattr(ModelFeed, "logits", logits)
    np.testing.assert_allclose(logits_of(feed, FP32), whole, atol=1e-5)


def test_a_check_that_never_fits_says_what_to_do(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = feed_of(request, "tiny_text_model")

    def logits(self: ModelFeed, batch: Any) -> Tensor:
        raise MemoryError

    monkeypatch.setattr(ModelFeed, "logits", logits)
    with pytest.raises(StudioError, match="too little memory to run the model on one row"):
        logits_of(feed, FP32)
