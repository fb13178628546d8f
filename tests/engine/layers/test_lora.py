"""LoRA adapters: where they go, that they start as nothing, merge into the same answers, and survive a break."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.messages import Measured, Stop
from ftstudio.core.module_tree import Part, with_new_head
from ftstudio.core.settings import Overrides, build
from ftstudio.datasets.importing import import_data
from ftstudio.datasets.options import ImportPlan
from ftstudio.engine.control import Control
from ftstudio.engine.layers import lora
from ftstudio.engine.layers.freezing import LayerPlan, parts_of, plan_layers, set_training_mode, trainable_count
from ftstudio.engine.task import Bundle
from ftstudio.models.library import resolve
from ftstudio.project.schema import ModelReference
from ftstudio.project.store import create_project, open_project
from ftstudio.samples import topics
from tests.engine.projects import Tiny

TEXT = ("tiny_text_model", "tiny_distilbert", "tiny_roberta", "tiny_gpt2", "tiny_sentence_encoder")
IMAGE = ("tiny_image_model", "tiny_vit", "resnet18")


def kind_of(name: str) -> str:
    return "text" if name in TEXT else "image"


def load(folder: Path, kind: str, **values: Any) -> Bundle:
    chosen = {"max_length": 32, "dropout": 0.0, "tuning_method": "lora", "lora_rank": 4, **values}
    module = catalog.tasks().module(f"{kind}-classification")
    bundle: Bundle = module.load(folder, ["a", "b", "c"], build(chosen), trained=False)
    return bundle


def inputs_for(bundle: Bundle, kind: str) -> dict[str, torch.Tensor]:
    if kind == "image":
        return {"pixel_values": torch.randn(4, 3, 32, 32)}
    return dict(bundle.processor(["good film", "a bad plot and a dull scene"], return_tensors="pt", padding=True))


def learn(bundle: Bundle, kind: str, inputs: dict[str, torch.Tensor], steps: int = 4) -> None:
    task = catalog.tasks().module(f"{kind}-classification")
    set_training_mode(bundle.model)
    weights = [parameter for parameter in bundle.model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=5e-3)
    for _ in range(steps):
        truth = torch.arange(len(next(iter(inputs.values())))) % 3
        torch.nn.functional.cross_entropy(task.logits(bundle.model, inputs), truth).backward()
        optimiser.step()
        optimiser.zero_grad()
    bundle.model.eval()


@pytest.mark.parametrize("name", [*TEXT, *IMAGE])
def test_adapters_start_as_nothing_learn_and_merge_into_the_same_answers(
    request: pytest.FixtureRequest, name: str
) -> None:
    kind = kind_of(name)
    bundle = load(request.getfixturevalue(name), kind)
    task, inputs = catalog.tasks().module(f"{kind}-classification"), inputs_for(bundle, kind)
    names = set(bundle.model.state_dict())
    bundle.model.eval()
    with torch.no_grad():
        untouched = task.logits(bundle.model, inputs)
    resting = {key: value.clone() for key, value in bundle.model.state_dict().items()}
    plan = plan_layers(bundle.model, bundle.settings)
    with torch.no_grad():
        assert torch.equal(task.logits(bundle.model, inputs), untouched)

    learn(bundle, kind, inputs)

    assert plan.adapters
    now = {key.replace(".base_layer", ""): value for key, value in bundle.model.state_dict().items()}
    head = {weight for part in plan.parts if part.kind == "head" for weight in part.weights}
    assert {key for key, value in resting.items() if not torch.equal(value, now[key])} <= head
    dead = [key for key, value in now.items() if ".lora_B" in key and not value.any()]
    assert not dead, "an adapter that nothing calls learns nothing"
    with torch.no_grad():
        learned = task.logits(bundle.model, inputs)
        lora.merge(bundle.model)
        merged = task.logits(bundle.model, inputs)
    assert not torch.allclose(learned, untouched, atol=1e-2)
    torch.testing.assert_close(merged, learned, atol=1e-5, rtol=1e-5)
    assert set(bundle.model.state_dict()) == names, "an ordinary model again"


def adapted(plan: LayerPlan) -> set[str]:
    return {name.partition(".lora_")[0] for name in plan.adapters}


def test_targets_are_all_linear_layers_attention_or_names(tiny_text_model: Path) -> None:
    everything = plan_layers(load(tiny_text_model, "text").model, build({"tuning_method": "lora"}))
    attention = load(tiny_text_model, "text", lora_targets="attention")
    some = load(tiny_text_model, "text", lora_targets="query, layer.1.intermediate.dense")

    assert len(adapted(everything)) == 2 * 6 + 1, "six in each of two layers, and the pooler; never the head"
    layers = adapted(plan_layers(attention.model, attention.settings))
    assert len(layers) == 2 * 4 and all(".attention." in layer for layer in layers)
    assert adapted(plan_layers(some.model, some.settings)) == {
        "bert.encoder.layer.0.attention.self.query",
        "bert.encoder.layer.1.attention.self.query",
        "bert.encoder.layer.1.intermediate.dense",
    }


def test_rank_and_alpha(tiny_text_model: Path) -> None:
    bundle = load(tiny_text_model, "text", lora_targets="query", lora_rank=3)
    plan_layers(bundle.model, bundle.settings)
    query: Any = bundle.model.get_submodule("bert.encoder.layer.0.attention.self.query")
    head = 32 * 3 + 3

    assert trainable_count(bundle.model)[0] == 2 * 3 * (32 + 32) + head
    assert query.scaling["default"] == 2.0, "twice the rank where nothing else is wanted"
    other = load(tiny_text_model, "text", lora_targets="query", lora_rank=4, lora_alpha=2, lora_dropout=0.25)
    plan_layers(other.model, other.settings)
    query = other.model.get_submodule("bert.encoder.layer.0.attention.self.query")
    assert query.scaling["default"] == 0.5
    assert query.lora_dropout["default"].p == 0.25


def test_the_added_pooling_layer_stays_as_it_is(tiny_sentence_encoder: Path) -> None:
    bundle = load(tiny_sentence_encoder, "text")
    added = parts_of(bundle.model)[-3]
    assert (added.name, added.kind) == ("bert.encoder.layer.2", "top")
    plan = plan_layers(bundle.model, bundle.settings)

    assert not any(layer.startswith("bert.encoder.layer.2.") for layer in adapted(plan))
    layer = bundle.model.get_submodule("bert.encoder.layer.2")
    assert not any(parameter.requires_grad for parameter in layer.parameters())


def test_convolutions_by_groups_get_no_adapter() -> None:
    from torchvision.models import get_model

    model = get_model("mobilenet_v3_small", num_classes=3)
    plan = plan_layers(model, build({"tuning_method": "lora", "lora_rank": 4}))

    assert adapted(plan)
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Conv2d) and module.groups > 1:
            assert name not in adapted(plan)


def test_attention_that_reads_past_its_layers_gets_none() -> None:
    from torchvision.models import get_model

    for name, targets in (("vit_b_16", "all"), ("swin_t", "all")):
        with torch.device("meta"):
            model = get_model(name, num_classes=3)
        layers = adapted(plan_layers(model, build({"tuning_method": "lora", "lora_targets": targets})))
        assert layers and not any("attention" in layer or ".attn." in layer for layer in layers)


@pytest.mark.parametrize(
    ("name", "targets", "told"),
    [
        ("tiny_text_model", "q_proj", "query"),
        ("resnet18", "attention", "conv1"),
        ("tiny_text_model", "query,nix", "nix"),
    ],
)
def test_targets_that_match_no_layer_are_refused_with_what_there_is(
    request: pytest.FixtureRequest, name: str, targets: str, told: str
) -> None:
    bundle = load(request.getfixturevalue(name), kind_of(name), lora_targets=targets)

    with pytest.raises(InputError) as caught:
        plan_layers(bundle.model, bundle.settings)
    assert caught.value.where.field == "lora_targets"
    assert told in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("name", ["text_project", "image_project"])
def test_a_run_keeps_small_checkpoints_and_leaves_an_ordinary_model(request: pytest.FixtureRequest, name: str) -> None:
    project: Tiny = request.getfixturevalue(name)
    document = project.train(tuning_method="lora", lora_rank=4, epochs=3.0, learning_rate=5e-3)

    run = project.run(document["run"])
    kept = load_file(run.best / "weights.safetensors")
    assert all(".lora_" in key or key.startswith("classifier") for key in kept), sorted(kept)
    assert any(".lora_B" in key for key in kept)
    assert not any("lora" in key or "base_layer" in key for key in load_file(run.model / "model.safetensors"))
    evaluated = project.job("evaluate", run=document["run"])
    assert evaluated["metrics"] == pytest.approx(document["metrics"]["test"], abs=1e-5)


def test_a_resumed_run_ends_bit_for_bit_where_an_unbroken_one_does(text_project: Tiny) -> None:
    settings: dict[str, Any] = {"tuning_method": "lora", "lora_rank": 4, "lora_dropout": 0.1, "dropout": 0.1}
    settings |= {"epochs": 3.0, "batch_size": 20, "early_stopping": False}
    whole = text_project.train(**settings)
    control = Control()

    def stop(event: object) -> None:
        if isinstance(event, Measured) and event.split == "train" and event.step == 5:
            control.obey(Stop())

    broken = text_project.train(control, stop, **settings)
    resumed = text_project.train(resume=broken["run"])

    assert broken["steps"] == 5 and resumed["metrics"] == whole["metrics"]
    one, other = (text_project.run(document["run"]) for document in (whole, resumed))
    for file in ("checkpoints/last/weights.safetensors", "model/model.safetensors"):
        left, right = load_file(one.root / file), load_file(other.root / file)
        assert left.keys() == right.keys()
        assert all(np.array_equal(value, right[name]) for name, value in left.items()), file


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"tuning_method": "custom"}, "nothing would learn"),
        ({"tuning_method": "custom", "custom_layers": "head,nix"}, "nix"),
        ({"tuning_method": "lora", "lora_targets": "attention"}, "attention"),
    ],
)
def test_layers_that_are_not_there_are_told_before_anything_is_written(
    image_project: Tiny, values: dict[str, Any], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        image_project.train(**values)

    assert not image_project.layout.runs.exists() or not any(image_project.layout.runs.iterdir())
    with open_project(image_project.root) as project:
        chosen = Overrides(values=dict(values))
        project.save(project.file.model_copy(update={"settings": chosen}))
    problems = [one for one in image_project.job("check")["problems"] if one["code"] == "bad_layers"]
    assert [told in one["message"] for one in problems] == [True]


def test_names_that_only_the_loaded_model_can_deny_leave_no_run_either(text_project: Tiny) -> None:
    with pytest.raises(InputError, match="q_proj") as caught:
        text_project.train(tuning_method="lora", lora_targets="query, q_proj")

    assert caught.value.where.field == "lora_targets"
    assert not any(text_project.layout.runs.iterdir())


def test_names_that_layers_get_on_loading_are_taken(text_project: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    def as_in_an_older_file(*outline: Any) -> list[Part]:
        parts = with_new_head(*outline)
        return [replace(part, weights=tuple(one.replace("query", "q") for one in part.weights)) for part in parts]

    monkeypatch.setattr("ftstudio.engine.jobs.train.with_new_head", as_in_an_older_file)

    assert text_project.train(tuning_method="lora", lora_targets="query", epochs=1.0)["state"] == "finished"


@pytest.mark.slow
def test_adapters_of_a_real_encoder_learn_more_than_its_probe(tmp_path: Path) -> None:
    """Short questions by topic on the MiniLM starter, few rows and epochs: the rate that the preset gives must do."""
    source = topics.write_source(tmp_path)
    lines = source.read_text(encoding="utf-8").splitlines()
    source.write_text("\n".join([lines[0], *lines[1::2]]), encoding="utf-8")
    project = Tiny(topics_project(tmp_path / "project", source))
    chosen = Overrides(values={"tuning_method": "lora", "epochs": 6.0, "device": "cpu"}).model_dump()
    trained = project.job("train", settings=chosen)

    run = project.run(trained["run"])
    checks = [one for one in project.of(Measured) if one.split == "validation"]
    assert checks[-1].values["loss"] < checks[0].values["loss"] * 0.8
    assert trained["best"]["step"] > 0, "a check after some learning was better than the probe"
    kept = load_file(run.best / "weights.safetensors")
    assert sum(value.size for value in kept.values()) < 800_000
    assert project.job("evaluate", run=trained["run"])["metrics"] == pytest.approx(trained["metrics"]["test"], abs=1e-4)


def topics_project(root: Path, source: Path) -> Path:
    with create_project(root, "topics", "text-classification") as project:
        record = resolve("starter:minilm")
        reference = ModelReference(name=record.name, source=record.origin, fingerprint=record.fingerprint)
        project.save(project.file.model_copy(update={"model": reference}))
        layout = project.layout
    layout.data.rmdir()
    import_data(layout.data, catalog.tasks().spec("text-classification"), ImportPlan(sources=(source,)))
    return root
