"""One verdict at a time, the gravest; it takes two checks to be told and two clear ones to be taken back."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftstudio.core.advice import Advice
from ftstudio.core.text import text
from ftstudio.doctor import consultation
from ftstudio.doctor.consultation import Consultation
from ftstudio.doctor.rule import RuleSpec
from tests.doctor.making import case, check, steps


def rule(key: str, order: int, strengths: list[float], **options: Any) -> Any:
    """Return a rule whose strength at each check is given; the last one stays."""
    return SimpleNamespace(
        SPEC=RuleSpec(key=key, title=key, order=order, **options),
        strength=lambda signs: strengths[min(signs.looks, len(strengths)) - 1],
        advise=lambda signs: Advice(code=key, sentence=text("It is so.")),
    )


def told(monkeypatch: pytest.MonkeyPatch, checks: int, *rules: Any) -> list[str]:
    """Return what is told at each of so many checks, and at the end."""
    monkeypatch.setattr(consultation, "rules", lambda: sorted(rules, key=lambda one: one.SPEC.order))
    made = Consultation(case(), [check(0, 0.7, 0.5)])
    said = []
    for epoch in range(1, checks + 1):
        for event in steps(10 * epoch - 9, 10 * epoch, 0.5):
            assert made.hear(event) is None
        said.append(made.hear(check(10 * epoch, 0.7, 0.5)))
    return [one.advice[0].code if one else "" for one in [*said, made.conclude()]]


FINE = rule("fine", 90, [1.0])


def test_one_check_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    ill = rule("ill", 10, [1.5, 0.0, 1.5, 0.0])

    assert told(monkeypatch, 4, ill, FINE) == ["", "fine", "", "", ""]


def test_two_checks_in_a_row_are(monkeypatch: pytest.MonkeyPatch) -> None:
    ill = rule("ill", 10, [0.0, 1.0, 1.0])

    assert told(monkeypatch, 3, ill, FINE) == ["", "fine", "ill", ""]


def test_what_was_told_stays_until_it_is_clearly_over(monkeypatch: pytest.MonkeyPatch) -> None:
    ill = rule("ill", 10, [1.2, 1.2, 0.8, 0.7, 0.5, 0.8, 0.5, 0.4])

    assert told(monkeypatch, 8, ill, FINE) == ["", "ill", "", "", "", "", "fine", "", ""]


def test_the_gravest_of_several_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    grave, grim = rule("grave", 20, [1.0]), rule("grim", 10, [0.0, 0.0, 1.0, 1.0])

    assert told(monkeypatch, 4, grave, grim, FINE) == ["", "grave", "", "grim", ""]


def test_a_certain_sign_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ill = rule("ill", 10, [math.inf])

    assert told(monkeypatch, 1, ill, FINE) == ["ill", ""]


def test_some_verdicts_are_about_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    late = rule("late", 10, [1.0], at_the_end=True)

    assert told(monkeypatch, 3, late, FINE) == ["", "fine", "", "late"]


@pytest.mark.parametrize(("before", "last"), [(0.7, "ill"), (0.3, "")])
def test_at_the_end_a_second_check_need_not_come_if_it_was_near(
    monkeypatch: pytest.MonkeyPatch, before: float, last: str
) -> None:
    ill = rule("ill", 10, [0.0, before, 1.0])

    assert told(monkeypatch, 3, ill, FINE) == ["", "fine", "", last]


def test_all_rules_are_found_and_differ() -> None:
    found = consultation.rules()

    assert [one.SPEC.key for one in found][-1] == "healthy"
    assert len({one.SPEC.order for one in found}) == len(found) >= 8
    assert all(one.__name__.endswith(one.SPEC.key) for one in found)  # type: ignore[attr-defined]


LOSSES = st.one_of(st.floats(0.0, 30.0), st.sampled_from([0.0, 1e-12, 1e9, math.nan, math.inf]))
SCORES = st.one_of(st.floats(0.0, 1.0), st.sampled_from([0.0, 1.0, math.nan, -3.0, 40.0]))
RUNS = st.lists(st.tuples(LOSSES, LOSSES, SCORES), min_size=1, max_size=8)


@given(RUNS, st.booleans(), st.booleans(), st.integers(0, 3))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_no_curve_is_too_odd_to_be_judged(
    run: list[tuple[float, float, float]], with_classes: bool, higher: bool, validation: int
) -> None:
    classes: dict[str, Any] = {} if with_classes else {"rows_per_class": {}, "validation_per_class": ()}
    about = case(epochs=len(run), higher_is_better=higher, validation_rows=validation, **classes)
    made = Consultation(about, [check(0, run[0][1], run[0][2])])

    for at, (train, valid, score) in enumerate(run):
        for event in [*steps(10 * at + 1, 10 * at + 10, train), check(10 * at + 10, valid, score)]:
            made.hear(event)
    made.conclude()

    for rule in consultation.rules():
        if rule.strength(made.signs) >= consultation.HOLDS:
            advice = rule.advise(made.signs)
            assert "{" not in " ".join(words.render() for words in (advice.sentence, *advice.evidence))
