"""The depth advisor: one pass that catches every part, probes that tell the depths apart, and the advice from them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from sklearn.linear_model import RidgeClassifier
from torch import nn

from ftstudio.core.errors import InputError
from ftstudio.core.module_tree import BLOCK
from ftstudio.core.settings import Overrides, build
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.datasets.folds import Pool
from ftstudio.engine.guards import depth, depth_choice, depth_study, depth_words
from ftstudio.engine.guards.depth_choice import Choice, Curve, choose
from ftstudio.engine.layers.freezing import parts_of
from ftstudio.engine.probes import linear_probes
from ftstudio.project.studies import latest
from tests.engine.guards.test_range_test import prepared_for, study_of
from tests.engine.layers.test_freezing import load
from tests.engine.projects import FAST, Tiny


def advise(project: Tiny, options: dict[str, Any] | None = None, **values: Any) -> dict[str, Any]:
    settings = Overrides(values={**FAST, **values}).model_dump()
    return project.job("advise_depth", settings=settings, **(options or {}))


@pytest.mark.parametrize("modality", ["text", "image"])
def test_one_pass_gives_what_leaves_every_part(modality: str, text_project: Tiny, image_project: Tiny) -> None:
    project = {"text": text_project, "image": image_project}[modality]
    prepared = prepared_for(study_of(project, tuning_method="full"))
    model, feed = prepared.bundle.model, prepared.whole[Split.TRAIN]
    parts = parts_of(model)
    points = depth.watchpoints(model, parts, len(prepared.bundle.labels))
    calls: list[int] = []
    model.register_forward_hook(lambda *_: calls.append(1))
    seen: list[int] = []
    found = depth.collect(feed, points, prepared.hardware, lambda done, total: seen.append(done))

    assert [name for name in found.names if name != "top"] == [
        part.name for part in parts if part.kind in ("embeddings", "block")
    ]
    assert seen[-1] == len(feed.labels)
    assert len(calls) == len(seen), "the model runs once over the rows, not once for each depth"
    assert all(values.shape[0] == len(feed.labels) for values in found.values)
    assert all(np.isfinite(values).all() and values.std() > 0 for values in found.values)
    assert not any(
        module._forward_hooks or module._forward_pre_hooks for module in model.modules() if module is not model
    )


def test_features_are_means_over_the_tokens_that_count(text_project: Tiny) -> None:
    prepared = prepared_for(study_of(text_project, tuning_method="full"))
    feed, model = prepared.whole[Split.TRAIN], prepared.bundle.model.eval()
    points = depth.watchpoints(model, parts_of(model), 3)
    found = depth.collect(feed, points, prepared.hardware, lambda done, total: None)
    row = int(np.argmin(feed.lengths))
    caught: list[torch.Tensor] = []
    handle = model.get_submodule("bert.encoder.layer.0").register_forward_hook(lambda *given: caught.append(given[2]))
    with torch.inference_mode():
        feed.logits(feed.batch([row]))
    handle.remove()
    states = caught[0] if isinstance(caught[0], torch.Tensor) else caught[0][0]
    expected = states[0, : int(feed.lengths[row])].mean(dim=0).numpy()

    np.testing.assert_allclose(found.values[found.names.index("bert.encoder.layer.0")][row], expected, atol=2e-3)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("tiny_distilbert", "text"),
        ("tiny_roberta", "text"),
        ("tiny_sentence_encoder", "text"),
        ("tiny_gpt2", "text"),
        ("tiny_vit", "image"),
        ("resnet18", "image"),
    ],
)
def test_every_family_has_a_place_after_each_block(name: str, kind: str, request: pytest.FixtureRequest) -> None:
    model = load(request.getfixturevalue(name), kind).model
    parts = parts_of(model)
    points = depth.watchpoints(model, parts, 3)
    reached: set[str] = set()
    for point in points:
        point.module.register_forward_pre_hook(lambda *_, name=point.name: reached.add(name))
    inputs = (
        {"pixel_values": torch.rand(1, 3, 32, 32)}
        if kind == "image"
        else {"input_ids": torch.tensor([[5, 6, 7]]), "attention_mask": torch.ones(1, 3, dtype=torch.long)}
    )
    with torch.inference_mode():
        model.eval()(*inputs.values()) if kind == "image" else model.eval()(**inputs)

    assert {part.name for part in parts if part.kind == BLOCK} <= reached


def test_very_deep_models_are_watched_at_some_depths_only() -> None:
    class Deep(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.blocks = nn.ModuleList(nn.ModuleList([nn.Linear(2, 2)]) for _ in range(100))
            self.classifier = nn.Linear(2, 3)

    model = Deep()
    points = depth.watchpoints(model, parts_of(model), 3)

    assert len(points) <= depth.MOST_DEPTHS + 1
    assert points[0].name.startswith("blocks.0")
    assert any(point.name.startswith("blocks.99") for point in points)


@pytest.mark.parametrize("shape", [(2, 5), (2, 7, 5), (2, 5, 4, 4), (2, 4, 4, 5)])
def test_every_shape_is_pooled_to_channels(shape: tuple[int, ...]) -> None:
    assert depth.pooled(torch.rand(shape), None).shape == (2, 5)


def test_probes_answer_as_ridge_regression_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear_probes, "PENALTIES", (0.1,))
    chance = np.random.default_rng(0)
    for channels in (8, 60):
        labels = np.arange(40) % 3
        rows = (chance.normal(size=(40, channels)) + labels[:, None] * np.linspace(0, 1, channels)).astype(np.float32)
        asked = chance.normal(size=(20, channels)).astype(np.float32)
        mean, spread = rows.mean(0), rows.std(0) + linear_probes.SMALLEST
        scaled = (rows - mean) / spread
        penalty = 0.1 * float((scaled**2).sum()) / len(rows)
        known = RidgeClassifier(alpha=penalty).fit(scaled, labels)

        found = linear_probes.answers(rows, labels, asked, 3)
        np.testing.assert_allclose(2 * found - 1, known.decision_function((asked - mean) / spread), atol=1e-3)


def test_noise_is_answered_no_better_than_by_chance_and_signal_nearly_always() -> None:
    chance = np.random.default_rng(1)
    labels = np.arange(300) % 3
    folds = np.arange(300) // 3 % 5
    noise = chance.normal(size=(300, 200)).astype(np.float32)
    signal = noise + 4 * np.eye(200, dtype=np.float32)[labels]

    assert (linear_probes.held_out_answers(noise, labels, folds, 3).argmax(1) == labels).mean() < 0.43
    assert (linear_probes.held_out_answers(signal, labels, folds, 3).argmax(1) == labels).mean() > 0.75


def curve_of(scores: list[float], *, tolerance: float = 0.01) -> Curve:
    """A curve after embeddings, six blocks (or as many as there are scores) and the top."""
    blocks = len(scores) - 2
    names = ["embeddings", *(f"layer.{at}" for at in range(blocks)), "top"]
    depths = [0, *range(1, blocks + 1), blocks]
    spread = [tolerance] * len(scores)
    return Curve(names, depths, blocks, {"accuracy": scores}, scores, scores, spread, "accuracy")


@pytest.mark.parametrize(
    ("scores", "reason", "values"),
    [
        ([0.5, 0.6, 0.7, 0.8, 0.91, 0.915, 0.92, 0.92], "saturated", {"tuning_method": "top_layers", "top_layers": 2}),
        ([0.5, 0.6, 0.7, 0.8, 0.92, 0.90, 0.85, 0.80], "spoiled", {"tuning_method": "top_layers", "top_layers": 2}),
        ([0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85], "rising", {"tuning_method": "full"}),
        ([0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7], "flat", {"tuning_method": "full"}),
        ([0.8, 0.7, 0.7, 0.7, 0.6, 0.6, 0.6, 0.6], "late", {"tuning_method": "full"}),
        ([0.9, 0.95, 0.97, 0.98, 0.99, 0.99, 0.99, 0.99], "separated", {"tuning_method": "head"}),
    ],
)
def test_the_shape_of_the_curve_decides(scores: list[float], reason: str, values: dict[str, Any]) -> None:
    choice = choose(curve_of(scores))

    assert (choice.reason, choice.values) == (reason, values)


def test_a_difference_within_chance_decides_nothing() -> None:
    """With a wider tolerance a slightly better top does not hide that block 4 is already as good."""
    scores = [0.5, 0.6, 0.7, 0.8, 0.896, 0.897, 0.898, 0.91]

    assert choose(curve_of(scores)).reason == "rising"
    assert choose(curve_of(scores, tolerance=0.015)).values == {"tuning_method": "top_layers", "top_layers": 2}


@pytest.mark.parametrize("top", [0.9, 0.6])
def test_nothing_is_frozen_where_chance_alone_makes_large_differences(top: float) -> None:
    """Few rows cannot vouch for a plateau, nor that the layers above it lose something."""
    scores = [0.5, 0.6, 0.7, 0.8, 0.9, 0.9, 0.9, top]

    assert choose(curve_of(scores, tolerance=0.01)).values == {"tuning_method": "top_layers", "top_layers": 2}
    assert choose(curve_of(scores, tolerance=0.03)) == Choice("unsure", {"tuning_method": "full"}, 4)


def test_a_top_that_misses_all_right_by_chance_only_needs_no_more_than_a_head() -> None:
    """Of 20 rows one is wrong at the top: that is chance, and no reason to say that the features lack something."""
    scores = [1.0, 1.0, 1.0, 0.95]

    assert choose(curve_of(scores, tolerance=0.06)).reason == "separated"
    assert choose(curve_of(scores, tolerance=0.01)).reason == "late"


def test_scores_and_their_intervals_are_scikit_learns() -> None:
    from sklearn.metrics import accuracy_score, f1_score

    chance = np.random.default_rng(0)
    labels = chance.integers(4, size=200)
    predicted = np.stack(
        [np.where(chance.random(200) < share, labels, chance.integers(4, size=200)) for share in (0.2, 0.9)]
    )
    for metric in ("accuracy", "macro_f1"):
        found = depth_choice.curve(["a", "b"], [1, 2], 2, predicted, labels, metric, 0)
        assert found.scores["accuracy"] == pytest.approx([accuracy_score(labels, row) for row in predicted])
        assert found.scores["macro_f1"] == pytest.approx([f1_score(labels, row, average="macro") for row in predicted])
        assert all(low < score < high for low, score, high in zip(found.low, found.score, found.high, strict=True))
        assert found.tolerance[1] == depth_choice.LEAST_TOLERANCE
        assert found.tolerance[0] > 0.02


def test_what_is_saved_grows_with_what_rests(tiny_text_model: Path) -> None:
    parts = parts_of(load(tiny_text_model, "text").model)
    methods = ({"tuning_method": "head"}, {"tuning_method": "top_layers", "top_layers": 1}, {"tuning_method": "full"})
    savings = [depth_words.estimate(parts, build({**FAST, **values})) for values in methods]

    assert savings[0].time > savings[1].time > savings[2].time == 0
    assert savings[0].memory > savings[1].memory > savings[2].memory == 0
    augmented = build({**FAST, **methods[1], "r_drop": 1.0})
    assert depth_words.estimate(parts, augmented).time < savings[1].time


def test_parts_have_short_names() -> None:
    names = ("bert.encoder.layer.4", "timm_model.blocks.3.1", "features.5.0", "embeddings", "top")

    assert [depth_words.short(name) for name in names] == ["layer.4", "blocks.3.1", "features.5.0", "embeddings", "top"]


@pytest.mark.parametrize("modality", ["text", "image"])
def test_the_study_tells_every_depth_and_a_remedy(modality: str, text_project: Tiny, image_project: Tiny) -> None:
    project = {"text": text_project, "image": image_project}[modality]
    found = advise(project, tuning_method="top_layers", top_layers=7)

    assert len(found["parts"]) == len(found["score"]) == len(found["tables"][0]["rows"])
    remedies = found["advice"][0]["remedies"]
    assert [one["values"] for one in remedies] == [found["values"]]
    chart = latest(project.layout, "advise_depth").report.charts[0]
    assert len(chart.names) == len(chart.series[0].y) == len(chart.series[0].low)
    assert chart.marks[0].kind == "suggested"


def test_at_most_so_many_rows_are_looked_at(text_project: Tiny) -> None:
    assert advise(text_project, {"max_rows": 30})["rows"] == 30


def test_advice_that_is_followed_already_offers_nothing(text_project: Tiny) -> None:
    first = advise(text_project, tuning_method="gradual")
    again = advise(text_project, **first["values"])

    assert again["advice"][0]["mood"] == "good"
    assert not again["advice"][0]["remedies"]


def test_too_few_rows_are_refused(text_project: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ftstudio.engine.guards.depth_study.FEWEST_ROWS", 500)
    with pytest.raises(InputError, match="depths cannot be told apart"):
        advise(text_project)
    assert not list(text_project.layout.studies.glob("*"))


def test_labels_of_one_group_each_cannot_be_compared() -> None:
    labels = np.arange(40) % 2
    units = np.where(labels == 0, np.arange(40), 100)
    pool = Pool(table=pa.table({}), labels=labels, names=["a", "b"], units=units, learned=["a", "b"])

    with pytest.raises(InputError, match="one group"):
        depth_study._check(pool, Answer.LABEL)
    depth_study._check(dataclasses.replace(pool, units=np.arange(40)), Answer.LABEL)
