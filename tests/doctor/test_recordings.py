"""The doctor at real runs, recorded step by step: every ill one is recognised, and sound ones raise no alarm."""

from __future__ import annotations

import pytest

from tests.doctor import recordings
from tests.doctor.recordings import ALARMS, Recording, heard

ALL = recordings.every()
ILL = [one for one in ALL if not one.name.startswith("healthy")]
SOUND = [one for one in ALL if one.name.startswith("healthy")]
MOST_CHANGES = 3


def codes(recording: Recording) -> list[str]:
    return [one.advice[0].code for one in heard(recording)]


@pytest.mark.parametrize("recording", ILL, ids=lambda one: one.name)
def test_what_ails_a_run_is_recognised(recording: Recording) -> None:
    assert codes(recording)[-1] == recording.expected


@pytest.mark.parametrize("recording", SOUND, ids=lambda one: one.name)
def test_a_sound_run_raises_no_alarm(recording: Recording) -> None:
    assert not ALARMS & set(codes(recording))
    assert codes(recording)[-1] == "healthy"


@pytest.mark.parametrize("recording", ALL, ids=lambda one: one.name)
def test_the_doctor_does_not_waver(recording: Recording) -> None:
    assert 1 <= len(codes(recording)) <= MOST_CHANGES


@pytest.mark.parametrize("recording", [one for one in ILL if one.expected != "rate_too_low"], ids=lambda one: one.name)
def test_it_is_told_in_time_to_act(recording: Recording) -> None:
    first = next(one for one in heard(recording) if one.advice[0].code == recording.expected)

    assert first.step <= max(0.6 * recording.case.total_steps, 3 * recording.case.steps_per_epoch)


@pytest.mark.parametrize("recording", ALL, ids=lambda one: one.name)
def test_sentences_and_evidence_have_their_figures(recording: Recording) -> None:
    for told in heard(recording):
        for words in (told.advice[0].sentence, *told.advice[0].evidence):
            assert "{" not in words.render()
            assert "nan" not in words.render()


def test_there_are_enough_of_both() -> None:
    assert len(SOUND) >= 20
    assert {one.expected for one in ILL} >= {"overfitting", "rate_too_high", "learning_by_heart", "underfitting"}
