"""What a model that rewrites reads and learns: both texts in tokens, and a loss that is transformers' own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch.nn import functional

from ftstudio.core import catalog
from ftstudio.core.errors import InputError, StudioError
from ftstudio.core.settings import build
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.engine.task import Bundle
from tests.engine.runs.test_parity import VALUES, our_curve
from tests.engine.trainer_curves import trainer_curve
from tests.support.tiny_rewriters import dates

TASK: Any = catalog.tasks().module("text2text-generation")
MODELS = pytest.mark.parametrize("model", ["tiny_t5", "tiny_bart"])


def bundle_of(folder: Path, **values: Any) -> Bundle:
    chosen = {"max_length": 24, "target_length": 24, "monitor": "loss", "dropout": 0.0, **values}
    bundle: Bundle = TASK.load(folder, [], build(chosen), trained=False)
    return bundle


def encoded(bundle: Bundle, read: list[str], written: list[str | None]) -> Any:
    return TASK.encode(bundle, pa.table({"text": read, "label": pa.array(written, pa.string())}), Path())


def words(bundle: Bundle, ids: Any) -> str:
    return str(bundle.processor.decode(ids))


@MODELS
def test_both_texts_are_read_whole_and_that_one_ends_is_learned(request: pytest.FixtureRequest, model: str) -> None:
    bundle = bundle_of(request.getfixturevalue(model))
    examples = encoded(bundle, ["05.10.1916", "x"], ["5 October 1916", None])

    assert words(bundle, examples.truth[0]).endswith("</s>")
    assert "5 October 1916" in words(bundle, examples.truth[0])
    assert examples.labels.tolist() == [0, -1]
    assert examples.items.tolist() == [len(examples.truth[0]), 0]
    assert examples.lengths[0] == examples.sources.lengths[0] + examples.items[0]
    assert len(examples.only(np.array([False, True]))) == 1


@MODELS
def test_each_text_is_cut_to_its_own_length_and_keeps_its_end_mark(request: pytest.FixtureRequest, model: str) -> None:
    bundle = bundle_of(request.getfixturevalue(model), max_length=8, target_length=6)
    examples = encoded(bundle, ["05.10.1916", "1.1.1"], ["5 October 1916", "1"])

    assert examples.sources.lengths[0] == 8
    assert examples.items[0] == 6
    assert examples.truth[0][-1] == bundle.processor.eos_token_id
    assert examples.sources.ids[7] == bundle.processor.eos_token_id
    assert examples.truncated.tolist() == [True, False]


def test_the_end_of_a_long_text_is_kept_where_that_is_wanted(tiny_t5: Path) -> None:
    bundle = bundle_of(tiny_t5, max_length=8, long_text="tail")
    whole = bundle.processor("05.10.1916")["input_ids"]

    assert encoded(bundle, ["05.10.1916"], ["1"]).sources.ids.tolist() == whole[-8:]


@MODELS
def test_padding_is_never_learned_and_changes_nothing(request: pytest.FixtureRequest, model: str) -> None:
    bundle = bundle_of(request.getfixturevalue(model))
    bundle.model.eval()
    examples = encoded(bundle, ["05.10.1916", "1.1"], ["5 October 1916", "1"])
    batch = examples.batch([0, 1], None)
    with torch.inference_mode():
        together = TASK.logits(bundle.model, batch.inputs)
        alone = TASK.logits(bundle.model, examples.batch([1], None).inputs)

    assert (batch.labels[1, examples.items[1] :] == -100).all()
    assert (together[1, examples.items[1] :] == 0).all()
    torch.testing.assert_close(together[1, : examples.items[1]], alone[0, : examples.items[1]], atol=1e-5, rtol=1e-5)


@MODELS
def test_the_loss_and_its_gradient_are_those_of_transformers(request: pytest.FixtureRequest, model: str) -> None:
    bundle = bundle_of(request.getfixturevalue(model))
    network: Any = bundle.model
    batch = encoded(bundle, *map(list, zip(*dates(6), strict=True))).batch(range(6), None)
    loss = TASK.loss(TASK.logits(network, batch.inputs), batch.labels, bundle.settings, None).sum()
    (loss / (batch.labels >= 0).sum()).backward()
    ours = [one.grad.clone() for one in network.parameters()]
    network.zero_grad()
    read = {key: batch.inputs[key] for key in ("input_ids", "attention_mask")}
    theirs = network(**read, labels=batch.labels).loss
    theirs.backward()

    assert float(loss.detach() / (batch.labels >= 0).sum()) == pytest.approx(float(theirs.detach()), abs=1e-5)
    for mine, parameter in zip(ours, network.parameters(), strict=True):
        torch.testing.assert_close(mine, parameter.grad, atol=1e-5, rtol=1e-4)


def test_smoothing_is_that_of_pytorch_while_learning_and_none_while_checking(tiny_t5: Path) -> None:
    bundle = bundle_of(tiny_t5, label_smoothing=0.2)
    batch = encoded(bundle, ["05.10.1916"], ["5 October 1916"]).batch([0], None)
    read = {key: batch.inputs[key] for key in ("input_ids", "attention_mask")}
    logits = bundle.model(**read, labels=batch.labels).logits[0]
    wanted = functional.cross_entropy(logits, batch.labels[0], label_smoothing=0.2, reduction="sum")

    found = TASK.loss(TASK.logits(bundle.model, batch.inputs), batch.labels, bundle.settings, None)
    torch.testing.assert_close(found[0], wanted)
    with torch.inference_mode():
        assert TASK.logits(bundle.model, batch.inputs).shape[-1] == 2


def feed(folder: Path, **values: Any) -> ModelFeed:
    bundle = bundle_of(folder, **VALUES, **values)
    examples = encoded(bundle, *map(list, zip(*dates(60), strict=True)))
    return ModelFeed(TASK, bundle, examples, bundle.settings)


@pytest.mark.parametrize(("model", "smoothing"), [("tiny_t5", 0.0), ("tiny_bart", 0.0), ("tiny_bart", 0.1)])
def test_the_loss_curve_is_that_of_transformers_trainer(
    request: pytest.FixtureRequest, model: str, smoothing: float, tmp_path: Path
) -> None:
    folder, values = request.getfixturevalue(model), {"label_smoothing": smoothing}
    ours = feed(folder, **values)
    losses, batches = our_curve(ours, ours.settings, tmp_path / "ours")

    theirs = feed(folder, **values)
    begun = theirs.bundle.model.prepare_decoder_input_ids_from_labels  # as the collator for such models does
    rows = []
    for chosen in batches:
        batch = theirs.examples.batch(chosen.tolist(), None)
        read = {key: batch.inputs[key] for key in ("input_ids", "attention_mask")}
        rows.append({**read, "labels": batch.labels, "decoder_input_ids": begun(labels=batch.labels)})
    told = trainer_curve(theirs.bundle.model, rows, tmp_path / "theirs", label_smoothing_factor=smoothing)

    assert losses[-1] < losses[0] - 0.2
    np.testing.assert_allclose(losses, told, atol=3e-4)  # Trainer rounds what it logs


def test_what_means_nothing_and_what_has_no_place_is_refused(tiny_bart: Path) -> None:
    with pytest.raises(InputError) as told:
        bundle_of(tiny_bart, r_drop=0.5)
    assert told.value.where.field == "r_drop"
    with pytest.raises(InputError, match="64 tokens") as told:
        bundle_of(tiny_bart, target_length=65)
    assert told.value.where.field == "target_length"


def test_a_model_that_does_not_say_how_a_text_begins_is_refused(tiny_t5: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mute"
    shutil.copytree(tiny_t5, folder)
    for name in ("config.json", "generation_config.json"):
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8").replace('"decoder_start_token_id"', '"unknown"'), "utf-8")

    with pytest.raises(StudioError, match="begins"):
        bundle_of(folder)


def test_dropout_reaches_every_layer(tiny_bart: Path) -> None:
    bundle = bundle_of(tiny_bart, dropout=0.0)
    bundle.model.train()
    batch = encoded(bundle, ["05.10.1916"], ["5 October 1916"]).batch([0], None)

    first, second = (TASK.logits(bundle.model, batch.inputs) for _ in range(2))
    torch.testing.assert_close(first, second)
