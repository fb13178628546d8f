"""What the probes at each depth say, in words, figures and one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ftstudio.core.advice import Advice, Chart, Mark, Remedy, Series, Table
from ftstudio.core.effort import Effort, effort, part_efforts
from ftstudio.core.module_tree import Part
from ftstudio.core.quantities import byte_size, percent
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.text import Text, as_score, text, text_plural
from ftstudio.engine.guards.depth_choice import Choice, Curve, choose
from ftstudio.engine.guards.studies import Told

if TYPE_CHECKING:
    from ftstudio.engine.guards.depth_study import Timing

METRICS = {
    "accuracy": text("Accuracy"),
    "macro_f1": text("Macro-F1"),
    "micro_f1": text("Micro-F1"),
    "r2": text("R²"),
}
ALREADY = text("The settings say so already.")
BACKWARD = 2.0  # a backward pass costs about twice a forward pass


@dataclass(frozen=True)
class Saving:
    """What a choice saves against full tuning, estimated: the share of a step's time, and bytes of memory."""

    time: float
    memory: int


def tell(settings: TrainingSettings, parts: Sequence[Part], found: Curve, rows: int, timing: Timing) -> Told:
    """Choose what should learn and put it into advice with a chart and a table."""
    choice = choose(found)
    saving = estimate(parts, settings.model_copy(update=choice.values))
    numbers = {
        "reason": choice.reason,
        "values": choice.values,
        "rows": rows,
        "metric": found.metric,
        "parts": found.names,
        "score": found.score,
        "low": found.low,
        "high": found.high,
        **found.scores,
        "saved_time": saving.time,
        "saved_bytes": saving.memory,
        "seconds_pass": timing.collecting,
        "seconds_probes": timing.fitting,
    }
    advice = _advice(settings, found, choice, saving, rows)
    return Told(numbers, [advice], [_chart(found, choice)], [_table(found)])


def estimate(parts: Sequence[Part], settings: TrainingSettings) -> Saving:
    """Estimate from the parts' parameters what `settings` save against full tuning.

    A forward pass through a layer is counted once and the way back twice; frozen layers below run once for the whole
    run where their output can be stored, so that they are not counted.
    """
    full = settings.model_copy(update={"tuning_method": "full"})
    wanted: Effort = effort(parts, settings)
    memory = sum(one.memory for one in part_efforts(parts, full)) - sum(
        one.memory for one in part_efforts(parts, settings)
    )
    stored = settings.cache_features and not settings.changes_inputs
    left = wanted.reach if stored else (1 + BACKWARD * wanted.reach) / (1 + BACKWARD)
    return Saving(1 - left, memory)


def _advice(settings: TrainingSettings, found: Curve, choice: Choice, saving: Saving, rows: int) -> Advice:
    same = all(getattr(settings, key) == value for key, value in choice.values.items())
    return Advice(
        code=f"depth_{choice.reason}",
        mood="good" if same else "note",
        sentence=_sentence(found, choice),
        evidence=(*_evidence(found, rows), *_saved(choice, saving), *([ALREADY] if same else [])),
        remedies=() if same else (Remedy(label=_label(choice), action="settings", values=choice.values),),
    )


def _sentence(found: Curve, choice: Choice) -> Text:
    values: dict[str, Any] = {
        "metric": METRICS[found.metric],
        "here": as_score(found.score[choice.at]),
        "best": as_score(found.score[found.best]),
        "top": as_score(found.score[-1]),
        "depth": found.depths[choice.at],
        "blocks": found.blocks,
        "doubt": as_score(found.doubt),
    }
    return (_of_classes if "accuracy" in found.scores else _of_answers)(values)[choice.reason]


def _of_classes(values: dict[str, Any]) -> dict[str, Text]:
    return {
        "separated": text(
            "What the model makes of your data on top already tells your classes apart ({metric} {top}): let only the "
            "head learn.",
            **values,
        ),
        "rising": text(
            "The classes get easier to tell apart up to the topmost layer ({metric} {top}): let all layers learn.",
            **values,
        ),
        "flat": text(
            "No layer tells the classes apart much better than the lowest ones ({metric} {here}, at best {best}): what "
            "matters is not in the features yet, so let all layers learn.",
            **values,
        ),
        "late": text(
            "The lowest layers tell the classes apart best ({metric} {best}) and the layers above lose some of it "
            "({top} at the top): let all layers learn.",
            **values,
        ),
        "saturated": text(
            "After block {depth} of {blocks} the features already tell your classes apart ({metric} {here}, at best "
            "{best}): freeze the model up to there.",
            **values,
        ),
        "spoiled": text(
            "After block {depth} of {blocks} the features tell your classes apart ({metric} {here}), and the layers "
            "above lose some of it ({top} at the top): freeze up to there and let those above learn.",
            **values,
        ),
        "unsure": text(
            "After block {depth} of {blocks} the features seem to tell your classes apart ({metric} {here}, at best "
            "{best}), but on so few rows chance alone makes differences of {doubt}: let all layers learn, which takes "
            "little time on so little data and loses nothing that the lower layers may still gain.",
            **values,
        ),
    }


def _of_answers(values: dict[str, Any]) -> dict[str, Text]:
    """Say it where rows have several labels, or a number."""
    return {
        "separated": text(
            "What the model makes of your data on top already says nearly all ({metric} {top}): let only the head "
            "learn.",
            **values,
        ),
        "rising": text(
            "The features say more of your labels up to the topmost layer ({metric} {top}): let all layers learn.",
            **values,
        ),
        "flat": text(
            "No layer says much more of your labels than the lowest ones ({metric} {here}, at best {best}): what "
            "matters is not in the features yet, so let all layers learn.",
            **values,
        ),
        "late": text(
            "The lowest layers say most of your labels ({metric} {best}) and the layers above lose some of it ({top} "
            "at the top): let all layers learn.",
            **values,
        ),
        "saturated": text(
            "After block {depth} of {blocks} the features already say as much of your labels as they ever do "
            "({metric} {here}, at best {best}): freeze the model up to there.",
            **values,
        ),
        "spoiled": text(
            "After block {depth} of {blocks} the features say most of your labels ({metric} {here}), and the layers "
            "above lose some of it ({top} at the top): freeze up to there and let those above learn.",
            **values,
        ),
        "unsure": text(
            "After block {depth} of {blocks} the features seem to say as much of your labels as they ever do ({metric} "
            "{here}, at best {best}), but on so few rows chance alone makes differences of {doubt}: let all layers "
            "learn, which takes little time on so little data and loses nothing that the lower layers may still gain.",
            **values,
        ),
    }


def _evidence(found: Curve, rows: int) -> list[Text]:
    width = max(high - low for low, high in zip(found.low, found.high, strict=True)) / 2
    told = [
        text(
            "At every depth each of {rows} rows was answered by a simple linear fit to what the unchanged model makes "
            "of the others.",
            rows=rows,
        )
    ]
    if width > 0.05:
        told.append(text("With so few rows each of these scores is only sure to ± {width}.", width=as_score(width)))
    return told


def _saved(choice: Choice, saving: Saving) -> list[Text]:
    if choice.values["tuning_method"] == "full":
        return []
    return [
        text(
            "Against full tuning this saves about {time} of the time of a step and {memory} of memory (estimated from "
            "the sizes of the layers).",
            time=percent(saving.time),
            memory=byte_size(saving.memory),
        )
    ]


def _label(choice: Choice) -> Text:
    if choice.values["tuning_method"] == "head":
        return text("Tune the head only")
    if choice.values["tuning_method"] == "full":
        return text("Tune all layers")
    return text_plural("Tune the topmost block", "Tune the top {count} blocks", count=choice.values["top_layers"])


def _chart(found: Curve, choice: Choice) -> Chart:
    places = [float(at) for at in range(len(found.score))]
    frozen = choice.values["tuning_method"] == "top_layers"
    label = text("freeze up to here") if frozen else text("best depth")
    return Chart(
        key="depth",
        title=text("What each depth of the unchanged model holds"),
        x_title=text("After this part of the model, from input to output"),
        y_title=METRICS[found.metric],
        series=(
            Series(name=METRICS[found.metric], x=places, y=found.score, low=found.low, high=found.high, style="line"),
        ),
        marks=(Mark(x=float(choice.at if frozen else found.best), label=label, kind="suggested"),),
        names=tuple(short(name) for name in found.names),
        message=text(
            "The score of a linear probe after each part, from {first} after {first_name} to {top} after {top_name}; "
            "the best is {best} after {best_name}.",
            first=as_score(found.score[0]),
            first_name=short(found.names[0]),
            top=as_score(found.score[-1]),
            top_name=short(found.names[-1]),
            best=as_score(found.score[found.best]),
            best_name=short(found.names[found.best]),
        ),
    )


def _table(found: Curve) -> Table:
    rows = zip(found.names, *found.scores.values(), found.low, found.high, strict=True)
    return Table(
        title=text("Linear probes by depth"),
        columns=(
            text("After"),
            *(METRICS[key] for key in found.scores),
            text("{metric} at least", metric=METRICS[found.metric]),
            text("at most"),
        ),
        rows=tuple(rows),
        unit="score",
    )


def short(name: str) -> str:
    """Return the end of a part's name that tells it from the others: `layer.4`, `blocks.3.1`, `top`."""
    steps = name.split(".")
    first = next((at for at, step in enumerate(steps) if step.isdecimal()), len(steps))
    return ".".join(steps[max(0, first - 1) :])
