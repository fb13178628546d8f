"""A kill or a failure at any step of writing a checkpoint leaves the one before or the new one, whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent

# torch is imported once; every trial runs in a fork of this process, which is killed at its n-th system call.
TRIALS = """
import os, signal, sys
from pathlib import Path
import torch
from ftstudio.core.errors import StudioError
from ftstudio.engine.runs import checkpoints
from ftstudio.engine.learning.optim import Optimisers
from ftstudio.engine.learning.state import TrainingState
from ftstudio.project import atomic
from tests.support.faults import CALLS, FailingOs

torch.set_num_threads(1)
folder, how = Path(sys.argv[1]), sys.argv[2]
target = folder / "last"


def parts(step):
    torch.manual_seed(step)
    model = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.BatchNorm1d(8))
    optimisers = Optimisers([torch.optim.AdamW(model.parameters())], 10, "linear", 0.0)
    model(torch.randn(4, 8)).sum().backward()
    optimisers.step()
    return model, TrainingState(total_steps=10, steps_per_epoch=5, step=step), optimisers


def save(step):
    model, state, optimisers = parts(step)
    checkpoints.save(target, model, state, optimisers)


def kill_at(number):
    count = 0

    def patched(original):
        def call(*arguments, **options):
            nonlocal count
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*arguments, **options)

        return call

    for name in CALLS:
        setattr(os, name, patched(getattr(os, name)))


def trial(number):
    child = os.fork()
    if child == 0:
        try:
            if how == "kill":
                kill_at(number)
                save(2)
            else:
                with FailingOs(number) as failing:
                    try:
                        save(2)
                    except Exception as error:
                        assert isinstance(error, StudioError), error
                os._exit(0 if failing.failed_call is None else 3)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(9)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, -9, 3), code
    return code == 0


def verify(finished):
    model, _, optimisers = parts(7)
    assert checkpoints.exists(target)
    state = checkpoints.restore(target, model, optimisers)
    assert state.step in ((2,) if finished else (1, 2)), state.step
    wanted, _, moments = parts(state.step)
    for name, value in wanted.state_dict().items():
        assert torch.equal(model.state_dict()[name], value), name
    for one, other in zip(optimisers.members[0].state.values(), moments.members[0].state.values()):
        assert torch.equal(one["exp_avg"], other["exp_avg"])
    if how != "kill":
        assert [entry.name for entry in folder.iterdir()] == ["last"], list(folder.iterdir())
    for entry in folder.iterdir():
        if atomic.temporary_owner(entry) is not None:
            atomic.remove_folder(entry)


save(1)
for number in range(1, 300):
    finished = trial(number)
    verify(finished)
    if finished:
        print(number - 1)
        break
    save(1)
"""


@pytest.mark.parametrize("how", ["kill", "fail"])
def test_every_step(tmp_path: Path, how: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TRIALS, str(tmp_path), how], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 10
