"""Whether the layers that a user names are there: checked before a run from the file, and again on the loaded model."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from ftstudio.core.adapters import ALL, ATTENTION, adaptable_layers, chosen_layers, layer_names, split_names
from ftstudio.core.errors import Where
from ftstudio.core.module_tree import Part
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.text import Text, text
from ftstudio.core.tuning_methods import parts_named

MOST_NAMES = 12


def naming_problem(parts: Sequence[Part], settings: TrainingSettings, *, loaded: bool = True) -> Problem | None:
    """Return what is wrong with the layers that `settings` name for the parts of a model; None where nothing is.

    `parts` must have a head. With `loaded` False they are those of a file, whose layers may be renamed on loading, so
    that only what is certain is told.
    """
    checks = {"custom": _custom_problem, "lora": _lora_problem}
    check = checks.get(settings.tuning_method)
    return check(parts, settings, loaded) if check is not None else None


def _custom_problem(parts: Sequence[Part], settings: TrainingSettings, loaded: bool) -> Problem | None:
    names = split_names(settings.custom_layers)
    if not names:
        return _problem(
            text("With this choice of layers nothing would learn."),
            text("Choose at least one part in the layer map, or with --set custom_layers=head."),
            "custom_layers",
        )
    for name in names:
        if not parts_named(parts, name):
            return _problem(
                text("This model has no part called “{name}”.", name=name),
                text("Its parts are: {names}.", names=_some([part.name for part in parts])),
                "custom_layers",
            )
    return None


def _lora_problem(parts: Sequence[Part], settings: TrainingSettings, loaded: bool) -> Problem | None:
    layers, targets = adaptable_layers(parts), settings.lora_targets
    if settings.lora_base != "whole" and find_spec("bitsandbytes") is None:
        return _problem(
            text("Weights in 4 bits need a package that is not installed: {names}.", names="bitsandbytes"),
            text("Install it with “pip install {names}”, or leave the resting weights as they are.",
                 names="bitsandbytes"),
            "lora_base",
        )  # fmt: skip
    if not layers:
        return _problem(
            text("This model has no layer that LoRA can add an adapter to."),
            text("Choose another tuning method, for example “top_layers” or “full”."),
            "tuning_method",
        )
    if not targets.strip(", "):
        return _problem(
            text("No layers are named for LoRA."), text("Give “all”, “attention”, or names of layers."), "lora_targets"
        )
    names = [targets] if targets.strip().lower() in (ALL, ATTENTION) else split_names(targets) if loaded else []
    for name in names:
        if not chosen_layers(layers, name):
            return _problem(
                text("No layer of this model that LoRA can adapt is called “{name}”.", name=name),
                text("Give “all”, or some of these names: {names}.", names=_some(layer_names(layers))),
                "lora_targets",
            )
    return None


def _some(names: Sequence[str]) -> str:
    if len(names) <= MOST_NAMES:
        return ", ".join(names)
    return ", ".join([*names[: MOST_NAMES - 3], "…", *names[-2:]])


def _problem(message: Text, hint: Text, field: str) -> Problem:
    return Problem(severity=Severity.ERROR, code="bad_layers", message=message, hint=hint, where=Where(field=field))
