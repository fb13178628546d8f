"""Ways against overfitting in the step: what each computes, and that without them nothing is different."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from ftstudio.core.errors import InputError
from ftstudio.core.settings import build
from ftstudio.engine.learning import mixing, objectives
from ftstudio.engine.learning.embedding_noise import noisy
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.engine.learning.mixing import Mix, Mixed, draw, mix_pictures
from ftstudio.engine.learning.r_drop import RDrop
from ftstudio.engine.task import Batch
from tests.engine.layers.test_features import FP32, feed_of
from tests.engine.learning.test_steps import ROWS, Toy, stepper

PICTURES = torch.rand(6, 3, 20, 30, generator=torch.Generator().manual_seed(4))
LABELS = torch.tensor([0, 1, 2, 0, 1, 2])


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    return functional.cross_entropy(logits, labels, reduction="none")


def brightness(rows: Batch) -> Tensor:
    """Answer with the mean of each colour: one can see through it what the pictures were."""
    return rows.inputs["pixel_values"].mean(dim=(2, 3))


def losses_of(feed: ModelFeed, rows: range, **values: Any) -> Tensor:
    objective = objectives.choose(feed, build(values), FP32.autocast, None)
    return objective.losses(feed.batch(list(rows)), 5)


@pytest.mark.parametrize("plan", [{}, {"micro_rows": 5}])
def test_with_everything_off_a_step_is_bit_for_bit_what_it_is_without_any_of_it(plan: dict[str, Any]) -> None:
    ours, plain = Toy(), Toy()
    told = stepper(ours, **plan).step(np.arange(ROWS), 0, seed=3).loss

    batches = stepper(plain, **plan).plan.portions(np.arange(ROWS))
    total = torch.zeros(())
    for portion in batches:
        rows = plain.batch(portion.tolist())
        loss = plain.loss(plain.logits(rows).float(), rows.labels, None).sum() * (1 / ROWS)
        loss.backward()  # type: ignore[no-untyped-call]
        total += loss.detach()
    torch.optim.SGD(plain.module.parameters(), lr=0.5).step()

    assert told == float(total)
    assert torch.equal(ours.module.weight, plain.module.weight)
    assert torch.equal(ours.module.bias, plain.module.bias)


# Mixup and CutMix


def test_mixup_blends_pictures_and_labels_in_the_same_shares() -> None:
    mix = Mix(np.array([1, 2, 3, 4, 5, 0]), 0.75, None)
    mixed, share = mix_pictures(PICTURES, mix)

    assert share == 0.75
    torch.testing.assert_close(mixed[0], 0.75 * PICTURES[0] + 0.25 * PICTURES[1])


@pytest.mark.parametrize("seed", range(20))
def test_cutmix_pastes_one_rectangle_and_counts_its_area(seed: int) -> None:
    mix = draw(6, 0.0, 1.0, seed)
    mixed, share = mix_pictures(PICTURES, mix)

    foreign = (mixed != PICTURES).any(dim=1)[mix.partner != np.arange(6)]
    assert all(torch.equal(one, foreign[0]) for one in foreign), "the same place in every picture"
    if len(foreign):
        assert float(foreign[0].float().mean()) == pytest.approx(1 - share, abs=1e-6)
        inside = foreign[0].nonzero()
        height, width = (
            (int(side) for side in inside.max(dim=0).values - inside.min(dim=0).values + 1) if len(inside) else (0, 0)
        )
        assert height * width == len(inside), "not a rectangle"
    assert share == pytest.approx(mix.share, abs=0.1)


def test_mixed_pictures_are_scored_against_both_labels() -> None:
    objective = Mixed(brightness, cross_entropy, 0.4, 0.0)
    losses = objective.losses(Batch({"pixel_values": PICTURES}, LABELS), seed=9)

    mix = draw(6, 0.4, 0.0, 9)
    logits = brightness(Batch({"pixel_values": mix_pictures(PICTURES, mix)[0]}, LABELS))
    expected = mix.share * cross_entropy(logits, LABELS) + (1 - mix.share) * cross_entropy(logits, LABELS[mix.partner])
    torch.testing.assert_close(losses, expected)
    assert torch.equal(losses, objective.losses(Batch({"pixel_values": PICTURES}, LABELS), seed=9))
    assert not torch.equal(losses, objective.losses(Batch({"pixel_values": PICTURES}, LABELS), seed=10))


def test_with_both_set_each_is_taken_sometimes_and_shares_follow_the_distribution() -> None:
    drawn = [draw(4, 0.2, 1.0, seed) for seed in range(400)]
    pasted = sum(one.box is not None for one in drawn)
    blended = np.array([one.share for one in drawn if one.box is None])

    assert 150 < pasted < 250
    assert np.mean((blended < 0.1) | (blended > 0.9)) > 0.6, "Beta(0.2, 0.2) lies at both ends"


def test_mixing_leaves_the_inputs_themselves_alone() -> None:
    before = PICTURES.clone()
    for seed in range(5):
        mix_pictures(PICTURES, draw(6, 0.0, 1.0, seed))

    assert torch.equal(PICTURES, before)


# R-Drop


def test_r_drop_without_dropout_is_the_plain_loss(request: pytest.FixtureRequest) -> None:
    feed = feed_of(request, "tiny_text_model")
    feed.bundle.model.train()

    torch.testing.assert_close(losses_of(feed, range(6), r_drop=3.0), losses_of(feed, range(6)), atol=1e-6, rtol=1e-6)


def test_r_drop_adds_the_divergence_of_two_passes(request: pytest.FixtureRequest) -> None:
    feed = feed_of(request, "tiny_text_model", dropout=0.3)
    feed.bundle.model.train()
    torch.manual_seed(3)
    rows = feed.batch([0, 1, 2])
    twice = Batch({key: torch.cat([value, value]) for key, value in rows.inputs.items()}, rows.labels)
    first, second = feed.logits(twice).chunk(2)
    one, other = functional.log_softmax(first, 1), functional.log_softmax(second, 1)
    apart = functional.kl_div(other, one, reduction="none", log_target=True).sum(1)
    apart = apart + functional.kl_div(one, other, reduction="none", log_target=True).sum(1)
    expected = (cross_entropy(first, rows.labels) + cross_entropy(second, rows.labels)) / 2 + 2.0 * apart / 2

    torch.manual_seed(3)
    found = RDrop(feed.logits, cross_entropy, 2.0).losses(rows, 1)

    assert float(apart.detach().min()) > 0
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-5)


def test_r_drop_uses_the_models_own_dropout_where_it_was_switched_off(request: pytest.FixtureRequest) -> None:
    feed = feed_of(request, "tiny_text_model", dropout=0.0, r_drop=1.0)

    model: Any = feed.bundle.model
    assert model.config.hidden_dropout_prob == 0.1
    assert {one.p for one in model.modules() if isinstance(one, torch.nn.Dropout)} == {0.1}


# Noise on the word vectors


def test_noise_stays_within_its_reach_and_only_while_learning(request: pytest.FixtureRequest) -> None:
    feed = feed_of(request, "tiny_text_model")
    model: Any = feed.bundle.model
    words = model.get_input_embeddings()
    rows = feed.batch([0, 1, 2, 3])
    seen: list[Tensor] = []
    model.bert.embeddings.LayerNorm.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    feed.logits(rows)
    noisy(feed.logits, feed.module, 5.0)(rows)
    feed.logits(rows)

    plain, changed, after = seen
    tokens, size = rows.inputs["input_ids"].shape[1], words.embedding_dim
    reach = 5.0 / (tokens * size) ** 0.5
    assert 0.9 * reach < float((changed - plain).detach().abs().max()) <= reach * 1.0001
    assert torch.equal(after, plain), "the noise stayed on"


def test_a_model_without_word_vectors_gets_no_noise(request: pytest.FixtureRequest) -> None:
    feed = feed_of(request, "tiny_image_model")

    assert torch.equal(losses_of(feed, range(4), embedding_noise=5.0), losses_of(feed, range(4)))


# Together


@pytest.mark.parametrize(
    ("values", "needed"),
    [
        ({}, False),
        ({"mixup": 0.2}, True),
        ({"cutmix": 1.0}, True),
        ({"r_drop": 1.0}, True),
        ({"embedding_noise": 5.0}, True),
        ({"augmentation": "randaugment"}, True),
        ({"weight_averaging": 0.9, "balanced_sampling": True, "label_smoothing": 0.1}, False),
    ],
)
def test_outputs_are_stored_only_where_nothing_changes_them(values: dict[str, Any], needed: bool) -> None:
    assert build(values).changes_inputs is needed


@pytest.mark.parametrize("values", [{"r_drop": 1.0, "embedding_noise": 5.0}, {"embedding_noise": 5.0}])
def test_texts_learn_with_each_of_them(text_project: Any, values: dict[str, Any]) -> None:
    document = text_project.train(tuning_method="head", **values)

    assert document["state"] == "finished"
    assert document["frozen_layers_computed_once"] is False


@pytest.mark.parametrize("values", [{"mixup": 0.2, "cutmix": 1.0}, {"augmentation": "randaugment", "mixup": 0.4}])
def test_pictures_learn_with_each_of_them_the_same_way_twice(image_project: Any, values: dict[str, Any]) -> None:
    one = image_project.train(epochs=1.0, **values)
    other = image_project.train(epochs=1.0, **values)
    plain = image_project.train(epochs=1.0)

    assert one["metrics"] == other["metrics"]
    assert one["metrics"] != plain["metrics"]


def test_the_box_of_cutmix_covers_the_share_it_was_drawn_for() -> None:
    top, bottom, left, right = mixing._box(0.75, 0.5, 0.5)

    assert (bottom - top) * (right - left) == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        ("text_project", "mixup", 0.2),
        ("text_project", "augmentation", "light"),
        ("image_project", "r_drop", 1.0),
        ("image_project", "embedding_noise", 5.0),
    ],
)
def test_what_would_do_nothing_is_refused(request: pytest.FixtureRequest, kind: str, key: str, value: Any) -> None:
    project = request.getfixturevalue(kind)
    with pytest.raises(InputError, match="works on") as caught:
        project.train(**{key: value})

    assert caught.value.where.field == key
    assert not list(project.layout.runs.glob("*"))
