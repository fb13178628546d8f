"""Gradual unfreezing: who learns when, and that neither checkpoints nor a break in the run change where it ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from torch import nn

from ftstudio.core import catalog
from ftstudio.core.messages import Measured, Stop
from ftstudio.core.settings import build
from ftstudio.engine.control import Control
from ftstudio.engine.hooks.unfreezing import Unfreezing
from ftstudio.engine.layers.freezing import LayerPlan, plan_layers
from ftstudio.engine.learning.optim import build_optimisers
from ftstudio.engine.learning.state import TrainingState
from ftstudio.engine.learning.steps import StepResult
from ftstudio.engine.runs import checkpoints
from tests.engine.projects import Tiny

RESULT = StepResult(0.0, 0.0, 0.0, 1)


def prepared(folder: Path, kind: str, **values: Any) -> tuple[nn.Module, LayerPlan]:
    settings = build({"max_length": 32, "dropout": 0.0, "tuning_method": "gradual", **values})
    model = catalog.tasks().module(f"{kind}-classification").load(folder, ["a", "b"], settings, trained=False).model
    return model, plan_layers(model, settings)


def learning(model: nn.Module, plan: LayerPlan) -> list[str]:
    now = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    return [part.name for part in plan.parts if now & set(part.weights)]


def at(step: int, steps_per_epoch: int = 4) -> TrainingState:
    return TrainingState(step=step, total_steps=100, steps_per_epoch=steps_per_epoch)


def test_groups_join_from_the_top_at_the_chosen_epochs(tiny_text_model: Path) -> None:
    model, plan = prepared(tiny_text_model, "text")
    hook = Unfreezing(model, plan, 1.5, lambda: None)

    hook.before_training(at(0))
    assert learning(model, plan) == ["top", "head"]
    hook.after_step(at(5), RESULT)
    assert learning(model, plan) == ["top", "head"]
    hook.after_step(at(6), RESULT)
    assert learning(model, plan) == ["bert.encoder.layer.1", "top", "head"]
    hook.after_step(at(12), RESULT)
    assert learning(model, plan) == ["bert.encoder.layer.0", "bert.encoder.layer.1", "top", "head"]
    hook.after_step(at(18), RESULT)
    assert learning(model, plan) == [part.name for part in plan.parts]
    hook.after_step(at(99), RESULT)
    assert learning(model, plan) == [part.name for part in plan.parts]


def test_what_learns_follows_from_the_step_alone(tiny_text_model: Path) -> None:
    model, plan = prepared(tiny_text_model, "text")
    told: list[int] = []
    hook = Unfreezing(model, plan, 1.0, lambda: told.append(1))
    hook.before_training(at(7))

    assert learning(model, plan) == ["bert.encoder.layer.1", "top", "head"]
    assert told == [1]
    hook.after_step(at(7), RESULT)
    assert told == [1], "nothing changed, so nothing is wrapped anew"
    hook.after_training(at(7))
    assert learning(model, plan) == [part.name for part in plan.parts], "another training can begin"


def test_what_waits_is_in_the_mode_of_use_and_keeps_its_statistics(tiny_image_model: Path) -> None:
    model, plan = prepared(tiny_image_model, "image")
    hook = Unfreezing(model, plan, 1.0, lambda: None)
    hook.before_training(at(0))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model(pixel_values=torch.randn(4, 3, 32, 32)).logits.sum().backward()

    waiting = [part for part in plan.parts if part.kind in ("block", "embeddings")]
    owners = {weight.rpartition(".")[0] for part in waiting for weight in part.weights}
    assert all(not model.get_submodule(owner).training for owner in owners)
    after = model.state_dict()
    assert not {name for name, value in before.items() if not torch.equal(value, after[name])}

    hook.after_step(at(4), RESULT)
    top_block = next(part for part in reversed(plan.parts) if part.kind == "block")
    assert model.get_submodule(top_block.weights[0].rpartition(".")[0]).training


def test_a_checkpoint_holds_what_still_waits(tiny_text_model: Path, tmp_path: Path) -> None:
    """The best check may be an early one: what learned only after it must go back, too."""
    model, plan = prepared(tiny_text_model, "text")
    hook = Unfreezing(model, plan, 1.0, lambda: None)
    hook.before_training(at(0))
    checkpoints.save(tmp_path / "best", model, at(0), None)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1.0)
    checkpoints.restore(tmp_path / "best", model, None)

    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_optimisers_step_only_what_learns(tiny_text_model: Path) -> None:
    model, plan = prepared(tiny_text_model, "text")
    settings = build({"tuning_method": "gradual", "weight_decay": 0.5})
    optimisers = build_optimisers(model, plan, settings, 10, sparse=False)
    Unfreezing(model, plan, 1.0, lambda: None).before_training(at(0))
    optimisers.set_rates(5)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model(input_ids=torch.tensor([[1, 2, 3]])).logits.square().sum().backward()
    optimisers.step()

    changed = {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    assert changed and all(name.startswith(("classifier.", "bert.pooler.")) for name in changed)


@pytest.mark.parametrize("stop_at", [2, 6, 8])
def test_a_resumed_run_ends_bit_for_bit_where_an_unbroken_one_does(text_project: Tiny, stop_at: int) -> None:
    settings = {"tuning_method": "gradual", "gradual_epochs": 0.75, "dropout": 0.1, "epochs": 3.0}
    settings |= {"batch_size": 20, "early_stopping": False}
    whole = text_project.train(**settings)
    control = Control()

    def stop(event: object) -> None:
        if isinstance(event, Measured) and event.split == "train" and event.step == stop_at:
            control.obey(Stop())

    broken = text_project.train(control, stop, **settings)
    assert broken["steps"] == stop_at
    resumed = text_project.train(resume=broken["run"])

    assert resumed["metrics"] == whole["metrics"]
    one, other = (text_project.run(document["run"]) for document in (whole, resumed))
    for file in (
        "checkpoints/last/weights.safetensors",
        "checkpoints/best/weights.safetensors",
        "model/model.safetensors",
    ):
        left, right = load_file(one.root / file), load_file(other.root / file)
        assert left.keys() == right.keys()
        assert all(np.array_equal(value, right[name]) for name, value in left.items()), file
