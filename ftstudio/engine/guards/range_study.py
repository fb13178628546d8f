"""The study of the learning rate, from the project to the report: prepare as a run would, sweep, read, tell."""

from __future__ import annotations

from typing import Any

import numpy as np

from ftstudio.core.errors import InputError
from ftstudio.core.states import Split
from ftstudio.core.text import text, text_plural
from ftstudio.engine.answers.outputs import flat
from ftstudio.engine.guards import rate_words
from ftstudio.engine.guards.range_test import Limits, Sweep, run_sweep
from ftstudio.engine.guards.rate_choice import read
from ftstudio.engine.guards.studies import Study, finish
from ftstudio.engine.runs import preparation
from ftstudio.engine.runs.preparation import Prepared

FEWEST_ROWS = 8
RISING = text("Raising the learning rate step by step")


def find(study: Study[Any]) -> dict[str, Any]:
    """Find the learning rate and store the report; raises `InputError` where there is none to be found."""
    limits = _limits(study)
    prepared = preparation.prepare(
        study.task, study.model_folder, study.dataset, study.settings, study.hardware, study.tell, resuming=False
    )
    _check_rows(prepared)
    sweeps = _sweep_all(study, prepared, limits)
    reading = read(sweeps)
    if reading is None:
        raise _diverged_at_once(limits)
    told = rate_words.tell(study.settings, prepared, sweeps, reading)
    return finish(study, told.numbers, told.advice, charts=told.charts, tables=told.tables)


def _limits(study: Study[Any]) -> Limits:
    limits = Limits(study.options.lowest_rate, study.options.highest_rate, study.options.steps)
    if limits.lowest >= limits.highest:
        raise InputError(
            text("The lowest rate, {low}, is not below the highest, {high}.", low=limits.lowest, high=limits.highest),
            text("Give a highest rate at least ten times the lowest."),
            field="highest_rate",
        )
    return limits


def _check_rows(prepared: Prepared) -> None:
    feed = prepared.feeds[Split.TRAIN]
    labels = feed.labels
    if len(labels) < FEWEST_ROWS:
        raise InputError(
            text_plural(
                "With {count} training row no learning rate can be found.",
                "With {count} training rows no learning rate can be found.",
                count=len(labels),
            ),
            text(
                "Label at least {rows} rows, some of each class; until then the rate of the preset is as good.",
                rows=FEWEST_ROWS,
            ),
        )
    if len(np.unique(flat(feed.truth))) < 2:
        raise InputError(
            text("All training rows have the same label, so there is nothing to learn."),
            text("Add rows with other labels."),
        )


def _sweep_all(study: Study[Any], prepared: Prepared, limits: Limits) -> list[Sweep]:
    total = study.options.seeds * limits.steps

    def once(at: int) -> Sweep:
        def tick(done: int) -> None:
            study.tell(RISING, at * limits.steps + done, total)

        return run_sweep(prepared, study.settings, study.accelerator(), limits, study.settings.seed + at, tick)

    return [once(at) for at in range(study.options.seeds)]


def _diverged_at_once(limits: Limits) -> InputError:
    return InputError(
        text("The loss ran away within the first steps, at a learning rate of {rate}.", rate=limits.lowest),
        text(
            "Start lower, for example at {rate}. If that runs away, too, try the precision fp32, and look whether the "
            "data holds broken rows.",
            rate=limits.lowest / 1000,
        ),
        field="lowest_rate",
    )
