"""What a range test found, in words, figures and one picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ftstudio.core.advice import Advice, Chart, Mark, Remedy, Series, Table
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.states import Split
from ftstudio.core.text import Text, as_score, text, text_plural
from ftstudio.engine.guards.range_test import Sweep, scaled
from ftstudio.engine.guards.rate_choice import Reading, rounded
from ftstudio.engine.guards.studies import Told
from ftstudio.engine.learning.optim import rates_of_parts
from ftstudio.engine.runs.preparation import Prepared

FAR = 3.0
CUT, LEAST_HEIGHT = 1.0, 0.15


def tell(settings: TrainingSettings, prepared: Prepared, sweeps: Sequence[Sweep], reading: Reading) -> Told:
    """Put what was found into advice, a chart and, where parts learn at rates of their own, a table."""
    parts = rates_of_parts(prepared.plan, scaled(settings, reading.suggested))
    numbers = {
        "suggested": reading.suggested,
        "advised": advised(settings, reading),
        "band": list(reading.band),
        "limit": reading.harm,
        "current": settings.learning_rate,
        "start_loss": reading.start,
        "best_loss": reading.best,
        "diverged": any(sweep.diverged for sweep in sweeps),
        "seeds": len(sweeps),
        "rates": reading.rates,
        "losses": reading.raw,
        "groups": parts,
    }
    advice = [_suggestion(settings, reading), *_doubts(settings, prepared, reading)]
    tables = [_table(parts)] if len(set(parts.values())) > 1 else []
    return Told(numbers, advice, [_chart(sweeps, reading, parts)], tables)


def advised(settings: TrainingSettings, reading: Reading) -> float:
    """Return the rate that following the advice comes to: the one set now, unless the test speaks against it.

    So short a test cannot tell rates within its band apart: from one draw of the batches to the next the suggested
    one moves by a factor of three, while the rate of a preset has been tried on many data sets.
    """
    kept = _fits(settings, reading) or (not reading.gains and settings.learning_rate <= reading.band[1])
    return settings.learning_rate if kept else reading.suggested


def _fits(settings: TrainingSettings, reading: Reading) -> bool:
    return reading.band[0] <= settings.learning_rate <= reading.band[1]


def _suggestion(settings: TrainingSettings, reading: Reading) -> Advice:
    if not reading.gains:
        if settings.learning_rate <= reading.band[1]:
            return _nothing_to_gain(settings, reading)
        if reading.harm is None and reading.rates[-1] < settings.learning_rate:
            return _too_flat(settings, reading)
    fits = _fits(settings, reading)
    return Advice(
        code="learning_rate_fits" if fits else "learning_rate",
        mood="good" if fits else _mood(settings, reading),
        sentence=_sentence(settings, reading, fits=fits),
        evidence=tuple(_evidence(reading)),
        remedies=() if fits else (_remedy(settings, reading),),
    )


def _nothing_to_gain(settings: TrainingSettings, reading: Reading) -> Advice:
    kept = text(
        "In so short a test no rate makes a difference worth acting on: keep {rate}.", rate=settings.learning_rate
    )
    return Advice(code="nothing_to_gain", mood="note", sentence=kept, evidence=tuple(_evidence(reading)))


def _too_flat(settings: TrainingSettings, reading: Reading) -> Advice:
    sentence = text(
        "The rates tried, {low} to {high}, make no difference and lie below the one set now, {current}: make the test "
        "again with higher ones.",
        low=rounded(reading.rates[0]),
        high=rounded(reading.rates[-1]),
        current=settings.learning_rate,
    )
    return Advice(code="too_flat", mood="warning", sentence=sentence)


def _mood(settings: TrainingSettings, reading: Reading) -> Any:
    return "warning" if settings.learning_rate > FAR * reading.band[1] else "note"


def _sentence(settings: TrainingSettings, reading: Reading, *, fits: bool) -> Text:
    values: dict[str, Any] = {
        "suggested": reading.suggested,
        "current": settings.learning_rate,
        "low": reading.band[0],
        "high": reading.band[1],
    }
    if fits:
        return text(
            "Keep the learning rate set now, {current}: it suits this model and this data, as anything from {low} to "
            "{high} does.",
            **values,
        )
    if reading.band[0] / FAR <= settings.learning_rate <= FAR * reading.band[1]:
        return text(
            "A learning rate of {suggested} suits this model and this data best; the one set now, {current}, is near "
            "it.",
            **values,
        )
    if settings.learning_rate > reading.band[1]:
        return text(
            "Lower the learning rate to {suggested}: the one set now, {current}, is too high for this model and data.",
            **values,
        )
    return text(
        "Raise the learning rate to {suggested}: with the one set now, {current}, little is learned in a step.",
        **values,
    )


def _evidence(reading: Reading) -> list[Text]:
    if not reading.gains:
        return [
            text(
                "At no rate did the rows that nothing is learned from become clearly better than before the first "
                "step: their loss was {start}, at best {best}. The head fitted to the unchanged model is already as "
                "good as a short test can make it. A tenth of the rate that does harm is safe.",
                start=as_score(reading.start),
                best=as_score(min(reading.start, reading.best)),
            )
        ]
    if reading.open:
        return []
    told = [
        text(
            "The loss of rows that nothing is learned from falls from {start} to {best}. At the suggested rate four "
            "fifths of that are reached; a run takes more steps than this test, so it needs no higher one.",
            start=as_score(reading.start),
            best=as_score(reading.best),
        )
    ]
    if reading.harm is not None:
        told.append(text("From {rate} on, the model gets worse than it was before.", rate=rounded(reading.harm)))
    return told


def _remedy(settings: TrainingSettings, reading: Reading) -> Remedy:
    changed = scaled(settings, reading.suggested)
    values: dict[str, Any] = {"learning_rate": reading.suggested}
    if changed.head_learning_rate is not None:
        values["head_learning_rate"] = rounded(min(1.0, changed.head_learning_rate))
    return Remedy(label=text("Use {rate}", rate=reading.suggested), action="settings", values=values)


def _doubts(settings: TrainingSettings, prepared: Prepared, reading: Reading) -> list[Advice]:
    rows = len(prepared.feeds[Split.TRAIN].labels)
    doubts = []
    if rows < settings.batch_size:
        sentence = text_plural(
            "There is only {count} training row, less than one batch: take the rate as a rough guess.",
            "There are only {count} training rows, less than one batch: take the rate as a rough guess.",
            count=rows,
        )
        fix = Remedy(
            label=text("Batches of {rows} rows", rows=max(1, rows // 4)),
            action="settings",
            values={"batch_size": max(1, rows // 4)},
        )
        doubts.append(Advice(code="less_than_a_batch", mood="warning", sentence=sentence, remedies=(fix,)))
    if reading.open:
        doubts.append(
            Advice(
                code="still_falling",
                mood="warning",
                sentence=text(
                    "At the highest rate tried, {rate}, the loss still falls: make the test again with a higher one.",
                    rate=reading.rates[-1],
                ),
            )
        )
    return doubts


def _chart(sweeps: Sequence[Sweep], reading: Reading, parts: dict[str, float]) -> Chart:
    raw, line = _shown_points(reading)
    shown = slice(0, len(line))
    several = len(sweeps) > 1
    curve = Series(
        name=text("smoothed"),
        x=reading.rates[shown],
        y=line,
        low=[min(value, max(line)) for value in reading.low[shown]] if several else [],
        high=[min(value, max(line)) for value in reading.high[shown]] if several else [],
    )
    points = Series(name=text("each step"), x=[rate for rate, _ in raw], y=[loss for _, loss in raw], style="points")
    marks = [Mark(x=reading.suggested, label=text("suggested"), kind="suggested")]
    if reading.harm is not None:
        marks.append(Mark(x=reading.harm, label=text("does harm"), kind="limit"))
    return Chart(
        key="range_test",
        title=text("Loss as the learning rate rises"),
        x_title=_x_title(parts, reading),
        y_title=text("Loss of rows not learned from"),
        series=(points, curve),
        marks=tuple(marks),
        band=reading.band,
        log_x=True,
        message=text(
            "The loss of rows that nothing is learned from against the learning rate: {start} before the first step, "
            "lowest {best}. Suggested is {suggested}, between {low} and {high}.",
            start=as_score(reading.start),
            best=as_score(reading.best),
            suggested=reading.suggested,
            low=reading.band[0],
            high=reading.band[1],
        ),
    )


def _shown_points(reading: Reading) -> tuple[list[tuple[float, float]], list[float]]:
    """Return the points and the line up to where the loss runs away: its heights would flatten all that matters."""
    ceiling = reading.start + max(CUT * (reading.start - reading.best), CUT * LEAST_HEIGHT * reading.start)
    away = [at for at, loss in enumerate(reading.line) if loss > ceiling]
    line = reading.line if not away else [*reading.line[: away[0]], ceiling]
    rates = reading.rates[: len(line)]
    return [(rate, loss) for rate, loss in zip(rates, reading.raw, strict=False) if loss <= ceiling], line


def _x_title(parts: dict[str, float], reading: Reading) -> Text:
    lowest, highest = (rounded(value / reading.suggested) for value in (min(parts.values()), max(parts.values())))
    if lowest == highest:
        return text("Learning rate")
    return text(
        "Learning rate (the parts learn at {low} to {high} times this, see the table)", low=lowest, high=highest
    )


def _table(parts: dict[str, float]) -> Table:
    return Table(
        title=text("What the suggested rate means for each part of the model"),
        columns=(text("Part"), text("Learning rate")),
        rows=tuple((name, rounded(rate)) for name, rate in parts.items()),
        unit="plain",
    )
