"""Every way in which a worker can end becomes a state, a sentence and a next step."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from ftstudio.core.errors import CancelledError, ErrorDocument, InputError
from ftstudio.core.messages import Changed, Failed, Finished, Kept, Measured, Started
from ftstudio.core.states import RunState
from ftstudio.core.text import text
from ftstudio.supervisor.outcome import Evidence, judge


def at_step(step: int, kept: int | None = None, **changes: Any) -> Evidence:
    known = Evidence().with_event(Started(job="train", pid=1, run="r1"))
    known = known.with_event(Measured(split="train", step=step, epoch=1.0, seconds=1.0, values={}))
    if kept is not None:
        known = known.with_event(Kept(which="last", step=kept))
    return Evidence(**{**known.__dict__, **changes})


@pytest.mark.parametrize(
    ("code", "says", "hint"),
    [
        (-signal.SIGKILL, "ran out of memory at step 40", "smaller batch size"),
        (137, "ran out of memory at step 40", "smaller batch size"),
        (0xC0000017, "ran out of memory at step 40", "smaller batch size"),
        (-signal.SIGSEGV, "crashed at step 40", "Processor"),
        (-signal.SIGABRT, "crashed at step 40", "Processor"),
        (-signal.SIGBUS, "crashed at step 40", "Processor"),
        (0xC0000005, "crashed at step 40", "Processor"),
        (0xC0000005 - 2**32, "crashed at step 40", "Processor"),
        (-signal.SIGILL, "instruction", "runtime"),
        (-signal.SIGTERM, "by the system or another program", "Details"),
        (70, "by the system or another program", "Details"),
        (-signal.SIGHUP, "by the system or another program", "Details"),
        (-signal.SIGINT, "interrupted at step 40", "Details"),
        (-signal.SIGXFSZ, "no room left on the disk at step 40", "Free some space"),
        (1, "without a word at step 40 (exit code 1)", "Try again"),
        (0, "without a word at step 40 (exit code 0)", "Try again"),
        (None, "without a word at step 40", "Try again"),
    ],
)
def test_silent_end_is_read_from_the_exit_code(code: int | None, says: str, hint: str) -> None:
    outcome = judge(at_step(40, kept=32), code)
    assert outcome.state is RunState.INTERRUPTED
    assert says in str(outcome.message)
    assert hint in str(outcome.hint)
    assert "Nothing was lost: resuming goes on from step 32." in str(outcome.hint)
    assert not outcome.is_good


@pytest.mark.parametrize(
    ("job", "hint"),
    [("export", "Close other programs and try again."), ("predict_table", "and try again."),
     ("cross_validate", "smaller batch size"), ("find_label_errors", "smaller batch size")],
)  # fmt: skip
def test_settings_of_a_training_help_only_what_trains(job: str, hint: str) -> None:
    outcome = judge(Evidence(job=job), -signal.SIGKILL)

    assert str(outcome.hint).startswith("Nothing was lost.")
    assert str(outcome.hint).endswith(hint) or hint in str(outcome.hint)
    assert ("batch size" in str(outcome.hint)) == ("batch size" in hint)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB", "graphics card ran out of memory"),
        ("RuntimeError: [enforce fail] DefaultCPUAllocator: can't allocate memory", "ran out of memory"),
        ("terminate called after throwing an instance of 'std::bad_alloc'", "ran out of memory"),
        ("OSError: [Errno 28] No space left on device", "no room left on the disk"),
        ("ModuleNotFoundError: No module named 'torch'", "a part of the program is missing"),
        ("/usr/bin/python3: No module named ftstudio", "a part of the program is missing"),
    ],
)
def test_log_tells_more_than_the_exit_code(line: str, says: str) -> None:
    outcome = judge(at_step(40, log_tail=("first", line, "last")), -signal.SIGABRT)
    assert says in str(outcome.message)
    assert outcome.details.splitlines() == ["first", line, "last"]


def test_before_the_first_checkpoint_it_does_not_promise_a_resume() -> None:
    assert "had not saved a checkpoint yet" in str(judge(at_step(3), -9).hint)
    assert "from the last checkpoint" in str(judge(at_step(3, can_resume=True), -9).hint)
    before = judge(Evidence().with_event(Started(job="train", pid=1, run="r")), -9)
    assert "before the first step" in str(before.message)


def test_job_without_a_run_fails() -> None:
    outcome = judge(Evidence(job="import_data"), -9)
    assert outcome.state is RunState.FAILED
    assert str(outcome.hint).startswith("Nothing was lost. Close other programs")


def test_last_word_counts_more_than_the_exit_code() -> None:
    document = {"run": "r1", "state": "finished", "steps": 40}
    outcome = judge(at_step(40).with_event(Finished(document=document)), -signal.SIGSEGV)
    assert outcome.state is RunState.FINISHED
    assert outcome.document == document
    stopped = judge(at_step(40).with_event(Finished(document={"state": "stopped"})), 0)
    assert stopped.state is RunState.STOPPED
    assert judge(Evidence().with_event(Finished(document={"state": "purple"})), 0).state is RunState.FINISHED


def test_own_error_is_passed_on_unchanged() -> None:
    error = ErrorDocument.of(InputError(text("Bad {what}.", what="row"), text("Mend it."), row=3), "trace")
    outcome = judge(at_step(5).with_event(Failed(error=error)), 2)
    assert outcome.state is RunState.FAILED
    assert (str(outcome.message), str(outcome.hint), outcome.details) == ("Bad row.", "Mend it.", "trace")
    assert outcome.error == error


def test_cancelled_job_is_stopped_not_failed() -> None:
    cancelled = Evidence().with_event(Failed(error=ErrorDocument.of(CancelledError())))
    assert judge(cancelled, 1).state is RunState.STOPPED
    assert judge(Evidence(asked_to_stop=True), -9).state is RunState.STOPPED


def test_ended_by_the_window() -> None:
    slow = judge(at_step(9, kept=8, asked_to_stop=True, ended_by_us=True), -9)
    assert "did not stop in time" in str(slow.message)
    assert slow.state is RunState.INTERRUPTED
    assert "no longer answered" in str(judge(at_step(9, ended_by_us=True, hung=True), -9).message)


def test_step_never_goes_back() -> None:
    known = at_step(40).with_event(Kept(which="best", step=12)).with_event(Changed(state=RunState.RUNNING))
    assert known.step == 40


def test_best_checkpoint_is_none_to_resume_from() -> None:
    known = at_step(40).with_event(Kept(which="best", step=32))
    assert "had not saved a checkpoint yet" in str(judge(known, -9).hint)
