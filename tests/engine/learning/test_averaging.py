"""The running mean of the weights: its numbers, its coming and going, and that it survives an interruption."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from torch import nn

from ftstudio.core.messages import Measured, Stop
from ftstudio.engine.control import Control
from ftstudio.engine.learning.averaging import Averages
from tests.engine.projects import Tiny


def network() -> Any:
    return nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Linear(2, 1))


def test_the_mean_forgets_quickly_at_first_and_then_as_asked() -> None:
    model = nn.Linear(1, 1, bias=False)
    averages = Averages(model, 0.9)
    expected, values = float(model.weight.detach()), np.random.default_rng(1).normal(size=200)
    for count, value in enumerate(values, start=1):
        nn.init.constant_(model.weight, value)
        averages.update()
        keep = min(0.9, (1 + count) / (10 + count))
        expected = keep * expected + (1 - keep) * value

    with averages.in_place():
        assert float(model.weight.detach()) == pytest.approx(expected, abs=1e-5)
    assert float(model.weight.detach()) == np.float32(values[-1])


def test_the_model_gets_its_own_weights_back_bit_for_bit_even_after_an_error() -> None:
    model = network()
    averages = Averages(model, 0.5)
    for parameter in model.parameters():
        nn.init.normal_(parameter)
    averages.update()
    before = {name: value.clone() for name, value in model.state_dict().items()}

    with pytest.raises(ValueError, match="broken"), averages.in_place():
        assert not torch.equal(model[0].weight, before["0.weight"])
        assert not torch.equal(model[1].bias, before["1.bias"])
        raise ValueError("broken")
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_statistics_of_batches_are_averaged_too_and_frozen_weights_left_alone() -> None:
    model = network()
    model[2].requires_grad_(False)
    averages = Averages(model, 0.5)
    model[1].running_mean.fill_(10.0)
    model[2].weight.data.fill_(3.0)
    averages.update()

    assert set(averages.tensors()) == {
        *("updates", "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var")
    }
    with averages.in_place():
        assert float(model[1].running_mean[0]) == pytest.approx(10 * (1 - 2 / 11))
        assert float(model[2].weight.detach()[0, 0]) == 3.0


def test_what_begins_to_learn_later_joins_as_it_is() -> None:
    model = network()
    model[0].requires_grad_(False)
    averages = Averages(model, 0.9)
    model[0].requires_grad_(True)
    model[0].weight.data.fill_(7.0)
    averages.update()

    assert averages.tensors()["0.weight"].tolist() == [[7.0, 7.0], [7.0, 7.0]]


def test_the_best_checkpoint_and_the_finished_model_have_the_mean_weights(text_project: Tiny) -> None:
    document = text_project.train(weight_averaging=0.9, epochs=4.0)

    run = text_project.run(document["run"])
    averages = load_file(run.last / "averages.safetensors")
    last, best = load_file(run.last / "weights.safetensors"), load_file(run.best / "weights.safetensors")
    assert int(averages["updates"]) == document["steps"]
    assert any(not np.array_equal(last[name], averages[name]) for name in last)
    if document["best"]["step"] == document["steps"]:
        assert all(np.array_equal(best[name], averages[name]) for name in best)
    model = load_file(run.model / "model.safetensors")
    assert np.array_equal(model["classifier.weight"], best["classifier.weight"])
    assert document["best"]["value"] == pytest.approx(document["metrics"]["validation"]["macro_f1"], abs=1e-6)


@pytest.mark.parametrize("kind", ["text_project", "image_project"])
def test_a_resumed_run_with_averages_ends_bit_for_bit_where_an_unbroken_one_does(
    request: pytest.FixtureRequest, kind: str
) -> None:
    project: Tiny = request.getfixturevalue(kind)
    values: dict[str, Any] = {"weight_averaging": 0.8, "max_steps": 7, "epochs": 9.0}
    whole = project.train(**values)
    control = Control()

    def stop_after_three(event: object) -> None:
        if isinstance(event, Measured) and event.split == "train" and event.step == 3:
            control.obey(Stop())

    broken = project.train(control, stop_after_three, **values)
    resumed = project.train(resume=broken["run"])

    assert resumed["metrics"] == whole["metrics"]
    one, other = project.run(whole["run"]), project.run(resumed["run"])
    for name in ("last/weights.safetensors", "last/averages.safetensors", "best/weights.safetensors"):
        mine, theirs = load_file(one.checkpoints / name), load_file(other.checkpoints / name)
        assert all(np.array_equal(mine[key], theirs[key]) for key in mine), name
