"""Mean pooling as an ordinary layer, and the linear probe written into the head."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

from ftstudio.core import catalog
from ftstudio.core.settings import build
from ftstudio.engine.device import Hardware
from ftstudio.engine.layers import pooling
from ftstudio.engine.layers.freezing import plan_layers
from ftstudio.engine.probes import probe
from ftstudio.engine.task import Batch

FP32 = Hardware(torch.device("cpu"), "fp32")
TEXTS = ["a good film", "awful plot with bad music and a very dull scene of the river", "train"]


def load(folder: Path, *, trained: bool = False) -> Any:
    task = catalog.tasks().module("text-classification")
    return task, task.load(folder, ["a", "b", "c"], build({"max_length": 32, "dropout": 0.0}), trained=trained)


def padded_inputs(tokenizer: Any) -> dict[str, torch.Tensor]:
    """Return rows of different lengths, padded."""
    encoded: dict[str, torch.Tensor] = dict(tokenizer(TEXTS, padding=True, return_tensors="pt"))
    assert (encoded["attention_mask"] == 0).any()
    return encoded


def test_only_a_sentence_encoder_gets_the_layer(tiny_sentence_encoder: Path, tiny_text_model: Path) -> None:
    for folder, layers in ((tiny_sentence_encoder, 3), (tiny_text_model, 2)):
        _, bundle = load(folder)
        assert len(bundle.model.bert.encoder.layer) == bundle.model.config.num_hidden_layers == layers


def test_the_saved_model_answers_alike_in_plain_transformers(tiny_sentence_encoder: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    task, bundle = load(tiny_sentence_encoder)
    bundle.model.eval()
    inputs = padded_inputs(bundle.processor)
    with torch.inference_mode():
        ours = task.logits(bundle.model, inputs)
    task.save(bundle, tmp_path)
    plain = AutoModelForSequenceClassification.from_pretrained(tmp_path).eval()
    with torch.inference_mode():
        theirs = plain(**inputs).logits

    assert "forward" not in vars(plain.bert.encoder.layer[-1])
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)
    again_task, again = load(tmp_path, trained=True)
    again.model.eval()
    with torch.inference_mode():
        torch.testing.assert_close(again_task.logits(again.model, inputs), ours, atol=1e-6, rtol=1e-6)
    assert "forward" in vars(again.model.bert.encoder.layer[-1]), "loaded for work here, the layer is fast"


def test_at_first_the_layer_gives_the_normed_mean_over_the_tokens(tiny_sentence_encoder: Path) -> None:
    _, bundle = load(tiny_sentence_encoder)
    model = bundle.model.eval()
    inputs = padded_inputs(bundle.processor)
    seen: dict[str, torch.Tensor] = {}
    model.bert.encoder.layer[-2].register_forward_hook(lambda *found: seen.update(states=found[2]))
    model.bert.encoder.layer[-1].register_forward_hook(lambda *found: seen.update(pooled=found[2]))
    with torch.inference_mode():
        model(**inputs)

    states = seen["states"][0] if isinstance(seen["states"], tuple) else seen["states"]
    counted = inputs["attention_mask"].unsqueeze(-1).float()
    mean = (states * counted).sum(1) / counted.sum(1)
    weighed = nn.functional.layer_norm(32.0 * mean + states[:, 0], (32,), eps=1e-12)
    torch.testing.assert_close(seen["pooled"][:, 0], weighed, atol=1e-4, rtol=1e-4)
    likeness = nn.functional.cosine_similarity(seen["pooled"][:, 0], nn.functional.layer_norm(mean, (32,)))
    assert (likeness > 0.99).all()


def test_padding_does_not_change_an_answer(tiny_sentence_encoder: Path) -> None:
    task, bundle = load(tiny_sentence_encoder)
    bundle.model.eval()
    with torch.inference_mode():
        together = task.logits(bundle.model, padded_inputs(bundle.processor))
        alone = [task.logits(bundle.model, dict(bundle.processor([one], return_tensors="pt"))) for one in TEXTS]

    torch.testing.assert_close(together, torch.cat(alone), atol=1e-5, rtol=1e-5)


def test_the_even_attention_stays_even_while_training(tiny_sentence_encoder: Path) -> None:
    _, bundle = load(tiny_sentence_encoder)
    plan_layers(bundle.model, build({"tuning_method": "full"}))
    attention = bundle.model.bert.encoder.layer[-1].attention.self

    assert not any(weight.requires_grad for part in (attention.query, attention.key) for weight in part.parameters())
    assert attention.value.weight.requires_grad
    bundle.model(**padded_inputs(bundle.processor)).logits.sum().backward()
    assert pooling.is_pooling_layer(bundle.model)


def test_a_base_folder_is_not_changed(tiny_sentence_encoder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_sentence_encoder, tmp_path / "model")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    load(folder)

    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


class Points:
    """Rows that are points around one centre a class; the model is a single linear layer."""

    def __init__(self, module: nn.Linear, labels: list[int], *, seed: int = 4) -> None:
        chance = np.random.default_rng(seed)
        self.module: nn.Module = nn.Sequential(module)
        self.labels = np.array(labels)
        centres = np.random.default_rng(0).normal(size=(8, module.in_features)) * 5 + 3
        points = centres[self.labels] + chance.normal(size=(len(labels), module.in_features))
        self.points = (points * np.linspace(0.1, 20, module.in_features)).astype(np.float32)
        self.lengths = np.ones(len(labels), dtype=np.int64)

    def batch(self, rows: Any, seed: int | None = None) -> Batch:
        return Batch({"x": torch.from_numpy(self.points[rows])}, torch.from_numpy(self.labels[rows]))

    def logits(self, batch: Batch) -> torch.Tensor:
        logits: torch.Tensor = self.module(batch.inputs["x"])
        return logits


def fit(head: nn.Linear, train: Points, validation: Points, **options: Any) -> float | None:
    """Return the accuracy on the validation rows."""
    options = {"balanced": False, "seed": 1, **options}
    found = probe.fit_head(
        train.module, train, validation, head.out_features, FP32, tick=lambda done, total: None, **options
    )
    return found.accuracy if found else None


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_separable_points_are_separated(classes: int) -> None:
    head = nn.Linear(6, classes)
    train = Points(head, [at % classes for at in range(60)])
    validation = Points(head, [at % classes for at in range(30)], seed=9)

    assert fit(head, train, validation) == 1.0
    with torch.inference_mode():
        logits = train.logits(train.batch(np.arange(60)))
    assert (logits.argmax(1).numpy() == train.labels).all()


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("balanced", [True, False])
def test_the_head_gives_the_decision_function_of_the_regression(
    classes: int, balanced: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "STRENGTHS", (0.1,))
    head = nn.Linear(6, classes)
    train = Points(head, [0] * 30 + [1] * 10 + [classes - 1] * 5)
    fit(head, train, Points(head, [0, 1, 1], seed=9), balanced=balanced)

    scaled = (train.points - train.points.mean(0)) / (train.points.std(0) + 1e-6)
    known = LogisticRegression(C=0.1, max_iter=300, class_weight="balanced" if balanced else None)
    known.fit(scaled.astype(np.float64), train.labels)
    expected = known.decision_function(scaled)
    with torch.inference_mode():
        logits = train.logits(train.batch(np.arange(45))).numpy()
    found = logits if classes > 2 else logits[:, 1] - logits[:, 0]
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_a_class_that_never_occurs_is_never_answered() -> None:
    head = nn.Linear(6, 4)
    train = Points(head, [at % 2 * 2 for at in range(40)])  # classes 0 and 2 only
    fit(head, train, Points(head, [0, 2, 0], seed=9))

    with torch.inference_mode():
        logits = train.logits(train.batch(np.arange(40)))
    assert set(logits.argmax(1).tolist()) == {0, 2}
    assert (logits[:, [1, 3]].max(1).values < logits[:, [0, 2]].min(1).values).all()


def test_without_two_classes_or_a_linear_head_nothing_is_changed() -> None:
    head = nn.Linear(6, 2)
    before = head.weight.detach().clone()
    train = Points(head, [0] * 10)

    assert fit(head, train, train) is None
    assert torch.equal(head.weight, before)
    assert probe.fit_head(
        nn.Conv2d(1, 2, 1), train, train, 2, FP32, balanced=False, seed=1, tick=lambda done, total: None
    ) is None  # fmt: skip


def test_rows_without_a_label_do_not_count() -> None:
    head = nn.Linear(6, 2)
    train = Points(head, [at % 2 for at in range(20)] + [-1] * 10)

    assert fit(head, train, Points(head, [0, 1, -1, 0], seed=9)) == 1.0


def test_the_strength_is_chosen_on_the_validation_rows() -> None:
    """On pure noise strong regularisation validates best; weak regularisation would learn the noise."""
    head, chance = nn.Linear(30, 2), np.random.default_rng(0)
    train, validation = Points(head, [at % 2 for at in range(40)]), Points(head, [at % 2 for at in range(40)], seed=9)
    for feed in (train, validation):
        feed.points = chance.normal(size=feed.points.shape).astype(np.float32)
    fit(head, train, validation)
    chosen = float(head.weight.detach().norm())
    scaled = (train.points - train.points.mean(0)) / (train.points.std(0) + 1e-6)
    weak = LogisticRegression(C=max(probe.STRENGTHS), max_iter=300).fit(scaled, train.labels)

    assert chosen < float(np.linalg.norm(weak.coef_)) / 4


def test_a_softened_head_answers_the_same_less_surely() -> None:
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(4, 3))
    rows = torch.randn(20, 4)
    before = model(rows).detach()

    probe.soften(model, 3)
    after = model(rows).detach()

    assert torch.equal(before.argmax(dim=1), after.argmax(dim=1))
    assert float(after.softmax(dim=1).max(dim=1).values.mean()) < float(before.softmax(dim=1).max(dim=1).values.mean())
