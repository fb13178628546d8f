"""What a model that writes reads and learns: which tokens, how surprised it is by them, and how it learns from that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch.nn import functional

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.settings import build
from ftstudio.engine.language import language_models, token_file, written_texts
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.engine.task import Bundle
from tests.engine.runs.test_parity import VALUES, our_curve
from tests.engine.trainer_curves import trainer_curve

TASK: Any = catalog.tasks().module("text-generation")
PAIRS = {"text": ["Hi?", "What is it, then?"], "label": ["Hello.", "It is a stone."]}


def bundle_of(folder: Path, **values: Any) -> Bundle:
    settings = build({"max_length": 160, "monitor": "loss", "packing": False, **values})
    bundle: Bundle = TASK.load(folder, [], settings, trained=False)
    return bundle


def encoded(bundle: Bundle, **columns: list[Any]) -> Any:
    return TASK.encode(bundle, pa.table(columns), Path())


def learned(bundle: Bundle, examples: Any, row: int) -> str:
    return str(bundle.processor.decode(examples.truth[row]))


def test_of_a_text_everything_is_learned_and_that_it_ends(tiny_writer: Path) -> None:
    bundle = bundle_of(tiny_writer)
    examples = encoded(bundle, text=["A stone.", ""])

    assert learned(bundle, examples, 0) == " stone.<eos>"
    assert examples.items.tolist() == [8, 0]
    assert examples.labels.tolist() == [0, -1]
    assert bundle.processor.chat_template is None, "a model that goes on with texts has no use for one"


@pytest.mark.parametrize("model", ["tiny_writer", "tiny_chatter"])
def test_of_an_answer_only_the_answer_is_learned(request: pytest.FixtureRequest, model: str) -> None:
    bundle = bundle_of(request.getfixturevalue(model))
    examples = encoded(bundle, **PAIRS)

    assert [learned(bundle, examples, row).strip() for row in (0, 1)] == ["Hello.<eos>", "It is a stone.<eos>"]


def test_every_answer_of_a_conversation_is_learned(tiny_chatter: Path) -> None:
    said = [("user", "a"), ("assistant", " b "), ("user", "c"), ("assistant", "d")]
    bundle = bundle_of(tiny_chatter)
    examples = encoded(bundle, text=[json.dumps([{"role": role, "content": words} for role, words in said])])

    assert learned(bundle, examples, 0) == "b<eos>d<eos>"
    written = "<turn>user:a<eos><turn>assistant:b<eos><turn>user:c<eos><turn>assistant:d<eos>"
    assert bundle.processor.decode(examples.ids) == written


def test_a_template_that_fails_is_told(tiny_chatter: Path) -> None:
    bundle = bundle_of(tiny_chatter)
    bundle.processor.chat_template = "{{ raise_exception('no such role') }}"

    with pytest.raises(InputError, match="no such role"):
        encoded(bundle, **PAIRS)


def test_a_template_cannot_reach_beyond_the_sandbox(tiny_chatter: Path) -> None:
    bundle = bundle_of(tiny_chatter)
    bundle.processor.chat_template = "{{ ''.__class__.__mro__[1].__subclasses__() }}"

    with pytest.raises(InputError, match="fails"):
        encoded(bundle, **PAIRS)


@pytest.mark.parametrize(
    ("long_text", "foreseen"), [("head", "bcdefgh"), ("tail", "lmnopq<eos>"), ("both", "bcdpq<eos>")]
)
def test_a_long_row_is_cut_as_the_settings_say(long_text: str, foreseen: str, tiny_writer: Path) -> None:
    words = encoded(bundle_of(tiny_writer), text=["abcdefghijklmnopq"])
    kept, left = written_texts.cut(words.learned, 8, long_text, is_text=False)

    assert len(kept) == 8
    assert bundle_of(tiny_writer).processor.decode(words.ids[kept][left]) == foreseen, "none across the gap"


@pytest.mark.parametrize("packing", [True, False])
@pytest.mark.parametrize("long_text", ["head", "tail", "both"])
def test_a_long_text_is_read_on_in_blocks(tiny_writer: Path, packing: bool, long_text: str) -> None:
    bundle = bundle_of(tiny_writer, max_length=16, long_text=long_text, packing=packing)
    bundle.processor.model_max_length = 8
    examples = encoded(bundle, text=["ab", "abcdefghijklmnopq", "x", "qrstuvwxyz"])

    assert not examples.truncated.any()
    assert learned(bundle, examples, 1) == "bcdefghjklmnop<eos>", "the first of each block is given"
    blocks = examples.in_blocks()
    assert [learned(bundle, blocks, row) for row in range(1, 4)] == ["bcdefgh", "jklmnop", "<eos>"]
    assert (blocks.source_rows, len(blocks), int(blocks.lengths.max())) == (4, 7, 8)
    with torch.inference_mode():
        whole = TASK.logits(bundle.model, examples.batch([1, 3, 0, 2], None).inputs)[0, : examples.items[1], 0]
        alone = [TASK.logits(bundle.model, blocks.batch([row], None).inputs)[0, :, 0] for row in (1, 2, 3)]
    torch.testing.assert_close(whole, torch.cat(alone), atol=1e-5, rtol=1e-5)


def test_an_endless_text_is_read_a_part_at_a_time(tiny_writer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = bundle_of(tiny_writer, max_length=16, packing=True)
    examples = encoded(bundle, text=["once upon a time " * 40])
    read: list[int] = []
    bundle.model.base_model.register_forward_pre_hook(  # type: ignore[operator, union-attr]
        lambda module, args, given: read.append(given["input_ids"].numel()), with_kwargs=True
    )
    with torch.inference_mode():
        at_once = TASK.logits(bundle.model, examples.batch([0], None).inputs)
        monkeypatch.setattr(language_models, "AT_ONCE", 64)
        in_parts = TASK.logits(bundle.model, examples.batch([0], None).inputs)

    assert max(read[1:]) == 64 < read[0]
    torch.testing.assert_close(in_parts, at_once, atol=1e-5, rtol=1e-5)


def test_long_texts_that_are_to_be_left_out_are_marked(tiny_writer: Path) -> None:
    bundle = bundle_of(tiny_writer, max_length=16, long_text="drop")

    assert encoded(bundle, text=["ab", "abcdefghijklmnopqrstuvw"]).truncated.tolist() == [False, True]


def test_many_tokens_lie_on_the_disk_and_read_the_same(
    tiny_writer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle, table = bundle_of(tiny_writer), pa.table({"text": ["ab", "", "cde " * 30, "f"] * 300})
    wanted = TASK.encode(bundle, table, tmp_path)
    monkeypatch.setattr(token_file, "IN_MEMORY", 50)
    found = TASK.encode(bundle, table, tmp_path)

    assert isinstance(found.ids, np.memmap)
    assert not isinstance(wanted.ids, np.memmap)
    assert np.array_equal(found.ids, wanted.ids)
    assert np.array_equal(found.learned, wanted.learned)
    assert isinstance(found.only(found.labels >= 0).ids, np.memmap), "no copy in memory"
    spelled = written_texts.spell(bundle.processor, "cde " * 30)
    assert found.tokens(2).tolist() == spelled.ids.tolist()
    assert list(tmp_path.iterdir()) == []


def test_an_answer_of_which_nothing_is_left_is_not_learned(tiny_writer: Path) -> None:
    bundle = bundle_of(tiny_writer, max_length=16)

    assert encoded(bundle, text=["a very long question indeed"], label=["b"]).labels.tolist() == [-1]


@pytest.mark.parametrize("model", ["tiny_writer", "tiny_chatter"])
@pytest.mark.parametrize("portion", [1 << 25, 2_000])
def test_surprise_and_its_gradient_are_those_of_whole_logits(
    request: pytest.FixtureRequest, model: str, portion: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language_models, "PORTION", portion)
    bundle = bundle_of(request.getfixturevalue(model))
    network: Any = bundle.model
    assert not network.gives_whole_logits
    batch = encoded(bundle, **PAIRS).batch([0, 1], None)
    found = TASK.logits(network, batch.inputs)
    TASK.loss(found, batch.labels, bundle.settings, None).sum().backward()
    ours = [one.grad.clone() for one in network.parameters()]
    network.zero_grad()

    logits = network(input_ids=batch.inputs["input_ids"], attention_mask=batch.inputs["attention_mask"]).logits
    chosen = logits[torch.arange(2)[:, None], batch.inputs["places"].clamp(min=0)]
    losses = functional.cross_entropy(chosen.flatten(0, 1), batch.labels.flatten(), reduction="none")
    losses.sum().backward()

    np.testing.assert_allclose(found[..., 0].detach().flatten(), losses.detach(), atol=1e-5)
    for mine, parameter in zip(ours, network.parameters(), strict=True):
        torch.testing.assert_close(mine, parameter.grad, atol=1e-5, rtol=1e-4)


def test_a_model_that_does_more_after_its_last_layer_is_asked_for_whole_logits(tiny_writer: Path) -> None:
    bundle = bundle_of(tiny_writer)
    plain = bundle.model.forward

    def louder(**inputs: Any) -> Any:
        output = plain(**inputs)
        output.logits = 3 * output.logits
        return output

    bundle.model.forward = louder  # type: ignore[method-assign]
    assert not language_models._is_understood(bundle.model)
    bundle.model.gives_whole_logits = True  # type: ignore[assignment]
    batch = encoded(bundle, **PAIRS).batch([1], None)
    logits = bundle.model(input_ids=batch.inputs["input_ids"], attention_mask=batch.inputs["attention_mask"]).logits
    wanted = functional.cross_entropy(logits[0, batch.inputs["places"][0]], batch.labels[0], reduction="none")

    torch.testing.assert_close(TASK.logits(bundle.model, batch.inputs)[0, :, 0], wanted)


def test_padding_changes_nothing(tiny_writer: Path) -> None:
    bundle = bundle_of(tiny_writer)
    examples = encoded(bundle, **PAIRS)
    with torch.inference_mode():
        together = TASK.logits(bundle.model, examples.batch([0, 1], None).inputs)
        alone = TASK.logits(bundle.model, examples.batch([0], None).inputs)

    torch.testing.assert_close(together[0, : examples.items[0]], alone[0], atol=1e-5, rtol=1e-5)


def test_settings_that_mean_nothing_here_are_refused(tiny_writer: Path) -> None:
    with pytest.raises(InputError) as told:
        bundle_of(tiny_writer, label_smoothing=0.1)

    assert told.value.where.field == "label_smoothing"


def test_a_tokenizer_of_another_model_is_refused(tiny_writer: Path, tmp_path: Path) -> None:
    import shutil

    from ftstudio.core.errors import StudioError

    shutil.copytree(tiny_writer, tmp_path / "mixed")
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "mixed")
    tokenizer.add_tokens([f"<more{number}>" for number in range(9)])
    tokenizer.save_pretrained(tmp_path / "mixed")

    with pytest.raises(StudioError, match="does not belong"):
        bundle_of(tmp_path / "mixed")


def feed(folder: Path, *, packing: bool) -> ModelFeed:
    bundle = bundle_of(folder, **VALUES, dropout=0.0, packing=packing)
    asked, said = [f"{row} {'ab' * (row % 7)}?" for row in range(40)], [f"it is {row}" for row in range(40)]
    return ModelFeed(TASK, bundle, encoded(bundle, text=asked, label=said), bundle.settings)


@pytest.mark.parametrize("packing", [True, False])
def test_the_loss_curve_is_that_of_transformers_trainer(tiny_writer: Path, tmp_path: Path, packing: bool) -> None:
    settings = build({**VALUES, "monitor": "loss", "dropout": 0.0})
    losses, batches = our_curve(feed(tiny_writer, packing=packing), settings, tmp_path / "ours")

    theirs = feed(tiny_writer, packing=False)
    rows = []
    for chosen in batches:
        batch = theirs.examples.batch(chosen.tolist(), None)
        labels = torch.full_like(batch.inputs["input_ids"], -100)
        row, item = torch.nonzero(batch.labels >= 0, as_tuple=True)
        labels[row, batch.inputs["places"][row, item] + 1] = batch.labels[row, item]
        rows.append({key: batch.inputs[key] for key in ("input_ids", "attention_mask")} | {"labels": labels})
    told = trainer_curve(theirs.bundle.model, rows, tmp_path / "theirs")

    assert losses[-1] < losses[0] - 0.2
    np.testing.assert_allclose(losses, told, atol=2e-4)  # Trainer rounds what it logs
