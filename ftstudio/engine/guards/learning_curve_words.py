"""What growing shares of the data showed, in words, figures and one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ftstudio.core.advice import Advice, Chart, Mark, Remedy, Series, Table
from ftstudio.core.metrics import MetricSpec
from ftstudio.core.text import Text, as_score, text
from ftstudio.engine.guards.studies import Study, Told
from ftstudio.engine.guards.trials import Ground

if TYPE_CHECKING:
    from ftstudio.engine.guards.learning_curves import Forecast, Point

WORTH = 0.01  # a gain that is worth collecting as many rows again
STANDS_OUT = 1.5  # so many times the gain of all is worth naming a class
DRAWN = 12  # points of a drawn line
MOST_CLASSES = 30


def tell(
    study: Study[Any],
    ground: Ground,
    points: Sequence[Point],
    overall: Forecast,
    by_class: Mapping[str, Forecast],
    checked: int,
) -> Told:
    """Work out the advice, the chart and the tables."""
    metric = study.task.SPEC.metric(study.settings.monitor)
    ranked = sorted(by_class.items(), key=lambda pair: -pair[1].gain(pair[1].then)[0])
    gain, low, high = overall.gain(overall.then)
    numbers = {
        "metric": metric.key,
        "points": [
            {"rows": float(rows), "steps": point.steps, "value": float(value)}
            for rows, point, value in zip(overall.rows, points, overall.measured, strict=True)
        ],
        "forecast": _forecast(overall),
        "by_class": {name: _forecast(one) for name, one in ranked},
        "gain": {"value": gain, "low": low, "high": high},
        "validation_rows": checked,
    }
    advice = [_verdict(study, metric, overall, checked)]
    if ranked and ranked[0][1].gain(ranked[0][1].then)[0] >= max(WORTH, STANDS_OUT * gain):
        advice.append(_best_class(*ranked[0]))
    return Told(numbers, advice, [_chart(metric, overall)], _tables(metric, points, overall, ranked))


def _forecast(one: Forecast) -> dict[str, float]:
    gain, low, high = one.gain(one.then)
    fitted = {"fitted_now": one.at(one.now), "value": one.at(one.then)}
    return {"rows": one.then, **fitted, "gain": gain, "gain_low": low, "gain_high": high}


def _verdict(study: Study[Any], metric: MetricSpec, overall: Forecast, checked: int) -> Advice:
    gain, low, high = overall.gain(overall.then)
    figures: dict[str, Any] = {
        "metric": text(metric.title),
        "now": as_score(overall.at(overall.now)),
        "then": as_score(overall.at(overall.then)),
        "low": as_score(low),
        "high": as_score(high),
    }
    evidence = _evidence(study, overall, checked)
    if gain >= WORTH and low > WORTH / 4:
        sentence = text(
            "More data would help: with twice as many rows {metric} would go from {now} to about {then}, a gain "
            "between {low} and {high}.",
            **figures,
        )
        return Advice(code="more_data_helps", mood="good", sentence=sentence, evidence=evidence)
    if high < WORTH:
        sentence = text(
            "More data of the same kind would hardly help: with twice as many rows {metric} would go from {now} to "
            "about {then}.",
            **figures,
        )
        return Advice(
            code="more_data_hardly_helps", sentence=sentence, evidence=evidence, remedies=tuple(_otherwise(study))
        )
    sentence = text(
        "It is not sure that more data would help: with twice as many rows {metric} would go from {now} to about "
        "{then}, but any gain between {low} and {high} fits what was measured.",
        **figures,
    )
    return Advice(code="more_data_unsure", mood="warning", sentence=sentence, evidence=evidence)


def _evidence(study: Study[Any], overall: Forecast, checked: int) -> tuple[Text, ...]:
    steps = ", ".join(f"{rows:.0f}: {value:.3f}" for rows, value in zip(overall.rows, overall.measured, strict=True))
    told = [text("Measured with so many rows: {steps}.", steps=steps)]
    told.append(
        text(
            "A curve through {points} points is a rough forecast. It was scored on {rows} validation rows.",
            points=len(overall.rows),
            rows=checked,
        )
    )
    if study.options.repeats == 1:
        told.append(text("Each share was drawn once; with more repeats the forecast is surer."))
    return tuple(told)


def _otherwise(study: Study[Any]) -> list[Remedy]:
    if study.settings.tuning_method != "head":
        return []
    values = {"tuning_method": "full"}
    return [Remedy(label=text("Let all layers learn instead"), action="settings", values=values)]


def _best_class(name: str, found: Forecast) -> Advice:
    _, low, _ = found.gain(found.then)
    return Advice(
        code="class_profits_most",
        mood="note",
        sentence=text(
            "“{label}” would profit most: with {more} more rows of it its F1 would go from {now} to about {then}.",
            label=name,
            more=round(found.now),
            now=as_score(found.at(found.now)),
            then=as_score(found.at(found.then)),
        ),
        evidence=() if low > 0 else (text("That is no more than a tendency: its few validation rows vary as much."),),
    )


def _chart(metric: MetricSpec, overall: Forecast) -> Chart:
    measured = Series(
        name=text("measured"),
        x=overall.rows.tolist(),
        y=overall.measured.tolist(),
        style="points",
    )
    return Chart(
        key="growth",
        title=text("{metric} as the data grows", metric=text(metric.title)),
        x_title=text("training rows"),
        y_title=text(metric.title),
        series=(*_lines(overall), measured),
        marks=(Mark(x=overall.now, label=text("all rows there are"), kind="note"),),
        message=text(
            "{metric} is {first} with {few} rows and {last} with {all}; the forecast for twice as many is {then}.",
            metric=text(metric.title),
            first=as_score(float(overall.measured[0])),
            few=round(float(overall.rows[0])),
            last=as_score(float(overall.measured[-1])),
            all=round(overall.now),
            then=as_score(overall.at(overall.then)),
        ),
    )


def _lines(overall: Forecast) -> tuple[Series, Series]:
    """Return the curve through what was measured, and on from there with the band of the gain."""
    seen = np.geomspace(float(overall.rows[0]), overall.now, DRAWN)
    ahead = np.geomspace(overall.now, overall.then, DRAWN)
    start, sign = overall.at(overall.now), overall.sign
    bands = [sorted(start + sign * edge for edge in overall.gain(rows)[1:]) for rows in ahead]
    fitted = Series(name=text("curve through them"), x=seen.tolist(), y=[overall.at(rows) for rows in seen])
    forecast = Series(
        name=text("forecast"),
        x=ahead.tolist(),
        y=[overall.at(rows) for rows in ahead],
        low=[low for low, _ in bands],
        high=[high for _, high in bands],
        style="dashed",
    )
    return fitted, forecast


def _tables(
    metric: MetricSpec, points: Sequence[Point], overall: Forecast, ranked: Sequence[tuple[str, Forecast]]
) -> list[Table]:
    shares = Table(
        title=text("What was measured"),
        columns=(
            text("share of the rows, %"),
            text("rows"),
            text("steps"),
            text(metric.title),
            text("from"),
            text("to"),
        ),
        rows=tuple(
            (round(100 * point.share), round(float(rows)), round(float(np.mean(point.steps))), *map(float, scores))
            for point, rows, *scores in zip(
                points, overall.rows, overall.measured, overall.low, overall.high, strict=True
            )
        ),
    )
    classes = Table(
        title=text("F1 of each label with twice its rows, the largest gain first"),
        columns=(text("label"), text("rows"), text("now"), text("then"), text("gain"), text("from"), text("to")),
        rows=tuple(
            (name, round(one.now), one.at(one.now), one.at(one.then), *one.gain(one.then))
            for name, one in ranked[:MOST_CLASSES]
        ),
    )  # fmt: skip
    return [shares, classes]
