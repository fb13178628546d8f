"""A model writes texts in place of others, many at once: the likeliest token each time, beams, or drawn by chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from torch import Tensor

from ftstudio.core.errors import InputError
from ftstudio.core.manner import Manner
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.engine.language import paired_texts
from ftstudio.engine.learning.batching import evaluation_batches
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.engine.task import Bundle, Tick

SAMPLES = 3
_BUDGET, _MOST_ROWS = 4_096, 32  # tokens and texts that are read at once; each beam counts as a text


def write(bundle: Bundle, table: pa.Table, manner: Manner, tick: Tick) -> list[str]:
    """Return what the model writes in place of each row's `text`; raises `InputError` for a manner that cannot be.

    Where the manner does not say how long, it is as long as was learned. `tick` is told texts times tokens.
    """
    examples = paired_texts.encode_pairs(bundle.processor, table.select(["text"]), bundle.settings)
    asked = configured(bundle, manner)
    return _write_all(bundle, examples, asked, manner, tick)


def samples(bundle: Bundle, feeds: Mapping[Split, ModelFeed]) -> list[str]:
    """Return what the model writes in place of some validation rows, a line each: `text → written`."""
    examples: Any = feeds[Split.VALIDATION].examples
    first = examples.only(np.arange(len(examples)) < SAMPLES)
    written = _write_all(bundle, first, configured(bundle, Manner()), Manner(), lambda done, most: None)
    read = [bundle.processor.decode(row, skip_special_tokens=True) for row in _rows(first)]
    return [f"{' '.join(one.split())} → {' '.join(other.split())}" for one, other in zip(read, written, strict=True)]


def token_ids(bundle: Bundle, examples: paired_texts.PairedTexts, manner: Manner, tick: Tick) -> list[list[int]]:
    """Return the tokens that the model writes in place of encoded texts, in their order, without what fills up."""
    return _generate(bundle, examples, configured(bundle, manner), manner, tick)


def _rows(examples: paired_texts.PairedTexts) -> list[NDArray[np.int32]]:
    return np.split(examples.sources.ids, examples.sources.offsets[1:-1])


def configured(bundle: Bundle, manner: Manner) -> Any:
    """Return how to write as transformers is told; what else a model was published with does not hold.

    Raises `InputError` for a manner that cannot be.
    """
    from transformers import GenerationConfig

    if manner.beams > 1 and manner.temperature:
        raise InputError(
            text("With several beams nothing is drawn by chance."),
            text("Set the temperature to 0, or follow one beam."),
            field="beams",
        )
    model: Any = bundle.model
    stated = model.generation_config.to_diff_dict()
    drawn = {"do_sample": True, "temperature": manner.temperature, "top_p": manner.top_p, "top_k": 0}
    beams = {"num_beams": manner.beams, "length_penalty": manner.length_penalty}
    longest = manner.length if "length" in manner.model_fields_set else bundle.settings.target_length
    made: Any = GenerationConfig
    return made(
        **{key: value for key, value in stated.items() if key.endswith("token_id")},
        **(drawn if manner.temperature else {"do_sample": False}),
        **(beams if manner.beams > 1 else {"num_beams": 1}),
        max_new_tokens=_fitting(model.config, longest),
    )


def _fitting(config: Any, length: int) -> int:
    able = getattr(config, "max_position_embeddings", None)
    return min(length, able - 1) if able else length


def _write_all(bundle: Bundle, examples: paired_texts.PairedTexts, asked: Any, manner: Manner, tick: Tick) -> list[str]:
    ids = _generate(bundle, examples, asked, manner, tick)
    return [manner.cut(bundle.processor.decode(one, skip_special_tokens=True)).strip() for one in ids]


@torch.inference_mode()
def _generate(
    bundle: Bundle, examples: paired_texts.PairedTexts, asked: Any, manner: Manner, tick: Tick
) -> list[list[int]]:
    from transformers import StoppingCriteriaList

    model: Any = bundle.model
    training = {module for module in model.modules() if module.training}
    model.eval()
    result: list[list[int]] = [[] for _ in range(len(examples))]
    told = _Told(len(examples), asked.max_new_tokens, tick)
    devices = [model.device] if model.device.type == "cuda" else []
    try:
        with torch.random.fork_rng(devices):
            torch.manual_seed(manner.seed)
            lengths = examples.sources.lengths
            for rows in evaluation_batches(lengths, _BUDGET, max(1, _MOST_ROWS // manner.beams)):
                told.begin(len(rows))
                inputs = examples.batch(rows.tolist(), None).to(model.device).inputs
                read = {key: inputs[key] for key in ("input_ids", "attention_mask")}
                found = model.generate(**read, generation_config=asked, stopping_criteria=StoppingCriteriaList([told]))
                for row, line in zip(rows.tolist(), found.tolist(), strict=True):
                    result[row] = _own(line, bundle.processor.pad_token_id, asked.decoder_start_token_id)
    finally:
        for module in training:
            module.training = True
    return result


def _own(line: list[int], pad: int | None, start: int) -> list[int]:
    """Return a line of tokens without the one it was begun with, and without what fills it up."""
    own = line[1:] if line[:1] == [start] else line
    while own and own[-1] == pad:
        own = own[:-1]
    return own


class _Told:
    """Tells how far the writing is; it never ends a text itself."""

    def __init__(self, texts: int, longest: int, tick: Tick) -> None:
        self._most, self._longest, self._tick = texts * longest, longest, tick
        self._before, self._now = 0, 0

    def begin(self, texts: int) -> None:
        """Count what was begun before as done, and begin with so many texts."""
        self._before += self._now * self._longest
        self._now = texts

    def __call__(self, input_ids: Tensor, scores: Any, **others: Any) -> Tensor:
        written = min(input_ids.shape[1] - 1, self._longest)
        self._tick(self._before + written * self._now, self._most)
        return torch.zeros(len(input_ids), dtype=torch.bool, device=input_ids.device)
