"""The doctor at a run's bedside: hears what is measured, and speaks only when its verdict changes.

One verdict at a time, the gravest. One check is never enough: validation rows are few and scores jump, so a verdict
must hold for two checks before it is told, and must be clearly over for two before it is taken back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from typing import cast

from ftstudio.core.advice import Advice
from ftstudio.core.catalog import Catalog
from ftstudio.core.messages import Diagnosed, Event
from ftstudio.doctor.case import Case
from ftstudio.doctor.history import History
from ftstudio.doctor.rule import Rule
from ftstudio.doctor.signs import Signs

HOLDS = 1.0  # the strength from which a rule holds
OVER = 0.6  # the strength under which what was told is over
CHECKS = 2  # in a row, either way


@cache
def rules() -> list[Rule]:
    """Return all rules, the gravest first."""
    found = Catalog("ftstudio.doctor.rules")
    modules = [cast(Rule, found.module(key)) for key in found.keys()]  # noqa: SIM118 - a catalogue yields its specs
    return sorted(modules, key=lambda rule: rule.SPEC.order)


class Consultation:
    """Everything heard of one run, and what the doctor holds of it. `verdict` is None until there is one."""

    def __init__(self, case: Case, events: Iterable[Event] = ()) -> None:
        self.case = case
        self.history = History(case.metric)
        self.verdict: Rule | None = None
        self._streaks: dict[str, int] = {}
        self._is_near: dict[str, bool] = {}
        self._was_near: dict[str, bool] = {}
        for event in events:
            self.hear(event)

    @property
    def signs(self) -> Signs:
        """The signs as they are now."""
        return Signs(self.case, self.history)

    def hear(self, event: Event) -> Diagnosed | None:
        """Take note of an event; returns what to tell if the verdict has changed."""
        if not self.history.feed(event):
            return None
        return self._judge(ended=False)

    def conclude(self) -> Diagnosed | None:
        """Judge the run as a whole, now that it has ended; returns what to tell if the verdict changes."""
        return self._judge(ended=True) if self.history.checks else None

    def advice(self) -> Advice | None:
        """Return the verdict with the figures of now."""
        return self.verdict.advise(self.signs) if self.verdict is not None else None

    def _judge(self, *, ended: bool) -> Diagnosed | None:
        signs, before = self.signs, self.verdict
        if not (signs.looks or signs.is_broken):
            return None
        for rule in rules():
            if not ended:
                self._count(rule, signs)
            elif self._holds_at_the_end(rule, signs):
                self._streaks[rule.SPEC.key] = CHECKS
        self.verdict = next((rule for rule in rules() if self._established(rule)), None)
        if self.verdict is before or self.verdict is None:
            return None
        return Diagnosed(step=signs.step, advice=(self.verdict.advise(signs),))

    def _count(self, rule: Rule, signs: Signs) -> None:
        """Count up the checks at which the rule holds, or down those at which one that was told is over."""
        key, told = rule.SPEC.key, rule is self.verdict
        strength = 0.0 if rule.SPEC.at_the_end else rule.strength(signs)
        self._was_near[key], self._is_near[key] = self._is_near.get(key, False), strength >= OVER
        if math.isinf(strength):
            self._streaks[key] = CHECKS
        elif strength >= HOLDS:
            self._streaks[key] = min(CHECKS, self._streaks.get(key, 0) + 1)
        elif not told:
            self._streaks[key] = 0
        elif strength < OVER:
            self._streaks[key] = self._streaks[key] - 1

    def _holds_at_the_end(self, rule: Rule, signs: Signs) -> bool:
        """Whether a rule holds where no second check can come: one of the end, or one that nearly held before."""
        near = rule.SPEC.at_the_end or self._was_near.get(rule.SPEC.key, False)
        return near and rule.strength(signs) >= HOLDS

    def _established(self, rule: Rule) -> bool:
        return self._streaks.get(rule.SPEC.key, 0) >= (1 if rule is self.verdict else CHECKS)
