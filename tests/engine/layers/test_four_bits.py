"""QLoRA: adapters learn beside weights in 4 bits, and what leaves has the whole weights of the base model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from ftstudio.core.effort import effort, part_efforts
from ftstudio.core.errors import InputError
from ftstudio.core.messages import Measured, Stop
from ftstudio.core.module_tree import Part
from ftstudio.core.settings import build, fields
from ftstudio.core.text import Text
from ftstudio.engine.control import Control
from ftstudio.engine.language.language_models import load_writer
from ftstudio.engine.layers import four_bits, lora
from ftstudio.engine.layers.freezing import plan_layers
from ftstudio.gui.forms.relevance import is_relevant
from ftstudio.project.runs import find_run
from tests.engine.projects import Tiny, read_json
from tests.support import tiny_writers

QLORA: dict[str, Any] = {"tuning_method": "lora", "lora_base": "nf4", "lora_rank": 4, "monitor": "loss"}


def _missing(name: str, *rest: Any) -> None:
    return None


def _loaded(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return load_writer(folder, AutoTokenizer.from_pretrained(folder), rests=True)


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_writers.writer(tmp_path_factory.mktemp("models") / "llama", "llama-2")


def test_what_is_missing_is_said_before(asked_project: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ftstudio.core.layer_names.find_spec", _missing)

    with pytest.raises(InputError, match="bitsandbytes") as refused:
        asked_project.train(**QLORA)

    assert refused.value.where.field == "lora_base"
    assert not asked_project.layout.runs.exists() or not list(asked_project.layout.runs.glob("2*"))


def test_it_is_offered_where_it_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    field = next(one for one in fields() if one.key == "lora_base")
    small = {"tuning_method": "lora", "lora_base": "nf4"}

    assert is_relevant(field, {**small, "lora_base": "whole"}, "text")
    assert not is_relevant(field, small, "image")
    assert not is_relevant(field, {**small, "tuning_method": "full"}, "text")
    monkeypatch.setattr("ftstudio.gui.forms.relevance.find_spec", _missing)
    assert not is_relevant(field, {**small, "lora_base": "whole"}, "text")
    assert is_relevant(field, small, "text"), "what was chosen elsewhere must be seen to be changed"


def test_the_estimate_knows_how_small_they_are() -> None:
    parts = [
        Part("embeddings", "embeddings", 100, ("embed.weight",), ((10, 10),)),
        Part("layers.0", "block", 4_100, ("layers.0.up.weight", "layers.0.norm.weight"), ((40, 100), (100,))),
        Part("head", "head", 10, ("head.weight",), ((1, 10),)),
    ]
    small, whole = (part_efforts(parts, build({**QLORA, "lora_base": one}))[1].memory for one in ("nf4", "whole"))

    assert whole - small == 4_000 * 4 - 4_000 * 0.52
    assert effort(parts, build(QLORA)).small == pytest.approx(4_000 / 4_210)


def test_small_weights_stand_for_nearly_the_same_numbers_and_become_whole_again(llama: Path) -> None:
    model, ids = _loaded(llama), torch.arange(4, 30)[None]
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    untuned = model(ids).logits.detach()
    plan = plan_layers(model, build(QLORA))

    assert len(four_bits.small_layers(model)) == 3 * 7
    assert all(".lora_" in name for name, weight in model.named_parameters() if weight.requires_grad)
    with torch.no_grad():
        rounded = model.eval()(ids).logits
        assert 0 < float((rounded - untuned).abs().mean()) < 0.6 * float(untuned.abs().mean())
        for name, weight in model.named_parameters():
            if name in plan.adapters:
                weight.add_(0.1 * torch.randn_like(weight))
        learned = lora.adapter_weights(model)
        four_bits.make_whole(model, _loaded(llama))
        lora.merge(model)
    layer = "model.layers.1.mlp.up_proj"
    change = learned[f"{layer}.lora_B.weight"] @ learned[f"{layer}.lora_A.weight"] * 2.0
    assert torch.allclose(model.state_dict()[f"{layer}.weight"], before[f"{layer}.weight"] + change, atol=1e-6)
    assert model.state_dict().keys() == before.keys()


def test_a_model_without_linear_layers_is_refused() -> None:
    with pytest.raises(InputError, match="linear"):
        four_bits.shrink(torch.nn.Sequential(torch.nn.Conv1d(2, 2, 1)), ["0"])


def test_a_run_learns_as_lora_does_and_leaves_whole(asked_project: Tiny, tmp_path: Path) -> None:
    settings = {**QLORA, "learning_rate": 2e-2, "epochs": 6.0, "dropout": 0.0}
    whole = asked_project.train(**{**settings, "lora_base": "whole"})["metrics"]["test"]["loss"]
    told = asked_project.train(**settings)

    metrics = told["metrics"]["test"]
    assert told["state"] == "finished"
    assert metrics["loss"] == pytest.approx(whole, rel=0.05)
    assert "4 bits" in Text.model_validate(told["made_whole"]).render()
    assert told["whole_score"]["after"] == pytest.approx(told["metrics"]["validation"]["loss"], abs=1e-4)
    assert told["whole_score"]["before"] == pytest.approx(told["best"]["value"], abs=1e-4)
    assert told["whole_score"]["before"] != told["whole_score"]["after"]
    assert asked_project.job("evaluate")["metrics"] == pytest.approx(metrics, abs=1e-3)
    for form in ("merged", "adapter"):
        certificate = asked_project.job("export", format=form, to=str(tmp_path / form))["certificate"]
        assert certificate["passed"], certificate["reason"]
    rehearsed = asked_project.job("rehearse", settings={"values": {**settings, "epochs": 1.0}})
    assert rehearsed["peak_memory_bytes"] > 50_000_000


def test_a_resumed_run_ends_bit_for_bit_where_an_unbroken_one_does(asked_project: Tiny) -> None:
    settings = {**QLORA, "learning_rate": 2e-2, "lora_dropout": 0.1, "epochs": 3.0}
    whole = asked_project.train(**settings)
    control = Control()

    def stop(event: object) -> None:
        if isinstance(event, Measured) and event.split == "train" and event.step == 4:
            control.obey(Stop())

    broken = asked_project.train(control, stop, **settings)
    resumed = asked_project.train(resume=broken["run"])

    assert (broken["state"], resumed["state"]) == ("stopped", "finished")
    one, other = (asked_project.run(document["run"]) for document in (whole, resumed))
    names = ("checkpoints/last/weights.safetensors", "adapter/adapter_model.safetensors", "model/model.safetensors")
    for name in names:
        assert (one.root / name).read_bytes() == (other.root / name).read_bytes(), name
    held = (one.root / names[0]).stat().st_size
    assert held < (one.root / names[2]).stat().st_size / 4, "a checkpoint holds only what learns"
    assert read_json(find_run(asked_project.layout, other.id).layout.report)["document"]["made_whole"]
