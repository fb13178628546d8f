"""Writes an encoder-decoder as two ONNX networks: one reads a text once, the other writes, a token or many at a time.

What the decoder looks up in the text that was read (keys and values of each layer) is computed once, by the network
that reads; what it looks up in its own words so far is handed from one step to the next, so that a step costs the same
however long the text has become. Told all tokens at once, with nothing before them, it says the same of each.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ftstudio.core.errors import StudioError
from ftstudio.core.manner import LIKELIEST
from ftstudio.core.text import text
from ftstudio.engine.export.onnx_graph import OUTPUT, any_length, example, write_onnx
from ftstudio.engine.language import paired_texts, rewriting
from ftstudio.engine.task import Bundle, Task

READER, WRITER = "encoder.onnx", "decoder.onnx"
_PROBE = "A text, to be read or written."


class Reading(nn.Module):
    """From tokens and their mask to the keys and values of each layer, shape [rows, heads, tokens, size] each."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
        """Run the encoder, and of the decoder what depends on the text alone."""
        begun = torch.zeros_like(ids[:, :1])
        said = self.model(input_ids=ids, attention_mask=mask, decoder_input_ids=begun, use_cache=True)
        return _tensors(said.past_key_values.cross_attention_cache)


class Writing(nn.Module):
    """From written tokens, what was read and what was written before to logits [rows, tokens, vocabulary] and memory.

    Both memories are keys and values of each layer, as `Reading` gives them.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, mask: Tensor, read: list[Tensor], past: list[Tensor]) -> tuple[Tensor, ...]:
        """Run the decoder alone."""
        from transformers.cache_utils import EncoderDecoderCache

        memory = EncoderDecoderCache(_memory(past), _memory(read))
        memory.is_updated = dict.fromkeys(range(len(read) // 2), True)
        unread = read[0].new_zeros(ids.shape[0], read[0].shape[2], self.model.config.hidden_size)  # nobody looks at it
        said = self.model(
            decoder_input_ids=ids,
            attention_mask=mask,
            encoder_outputs=(unread,),
            past_key_values=memory,
            use_cache=True,
        )
        return said.logits.float(), *_tensors(said.past_key_values.self_attention_cache)


def _memory(values: list[Tensor]) -> Any:
    from transformers.cache_utils import DynamicCache

    cache: Any = DynamicCache()
    for layer, (keys, held) in enumerate(zip(values[::2], values[1::2], strict=True)):
        cache.update(keys, held, layer)
    return cache


def _tensors(cache: Any) -> tuple[Tensor, ...]:
    return tuple(one for layer in cache.layers for one in (layer.keys, layer.values))


def write_rewriter(task: Task, bundle: Bundle, target: Path) -> list[str]:
    """Write both networks into `target` and return the names of the reader's inputs.

    Raises `StudioError` if they cannot be written so, or if texts to be written are cut otherwise than those read.
    """
    _refuse_two_ways(bundle.processor)
    inputs = example(task, bundle, pairs=False)
    ids, mask = inputs["input_ids"], inputs["attention_mask"]
    reading, writing = Reading(bundle.model).eval(), Writing(bundle.model).eval()
    with torch.no_grad():
        read = list(reading(ids, mask))
    rows, tokens = torch.export.Dim("rows"), any_length(bundle)
    names = [f"{number}" for number in range(len(read))]
    write_onnx(
        reading,
        (ids, mask),
        target / READER,
        names=(["input_ids", "attention_mask"], [f"read_{name}" for name in names]),
        free=({0: rows, 1: tokens}, {0: rows, 1: tokens}),
    )
    past = [one.new_zeros(len(ids), one.shape[1], 3, one.shape[3]) for one in read]
    write_onnx(
        writing,
        (ids[:, :4], mask, read, past),
        target / WRITER,
        names=(
            ["input_ids", "attention_mask", *(f"{which}_{name}" for which in ("read", "past") for name in names)],
            [OUTPUT, *(f"now_{name}" for name in names)],
        ),
        free=(
            {0: rows, 1: torch.export.Dim("written")},
            {0: rows, 1: tokens},
            [{0: rows, 2: tokens}] * len(read),
            [{0: rows, 2: torch.export.Dim("before")}] * len(past),
        ),
    )
    return list(inputs)


def _refuse_two_ways(tokenizer: Any) -> None:
    if tokenizer(_PROBE)["input_ids"] != tokenizer(text_target=_PROBE)["input_ids"]:
        raise StudioError(
            text("This model cuts texts to be written otherwise than texts to be read, which this form cannot hold."),
            text("Export it as a Hugging Face folder."),
        )


def manner(bundle: Bundle) -> dict[str, Any]:
    """Return how a text is begun and ended, for a program that knows nothing of transformers.

    The token to begin with and those to end at, the ones that must come first or last of all (None: any), the most
    tokens; what a text to be learned is ended by, and with how many special tokens a text begins.
    """
    asked = rewriting.configured(bundle, LIKELIEST)
    ends = asked.eos_token_id
    return {
        "begins": int(asked.decoder_start_token_id),
        "ends": [] if ends is None else [int(one) for one in (ends if isinstance(ends, list) else [ends])],
        "first": asked.forced_bos_token_id,
        "last": asked.forced_eos_token_id,
        "longest": int(asked.max_new_tokens),
        "target_length": int(bundle.settings.target_length),
        "ended_by": bundle.processor.eos_token_id,
        "lead": paired_texts.lead(bundle.processor),
    }
