"""A model writes: it goes on with a text or answers a question, one token after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor

from ftstudio.core import chats
from ftstudio.core.errors import InputError
from ftstudio.core.manner import Manner
from ftstudio.core.states import Split
from ftstudio.core.text import text
from ftstudio.engine.language import chat_forms
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.engine.task import Bundle

SAMPLES, MOST_PINNED, BEGINNING, SAMPLE_LENGTH = 2, 5, 16, 32
Tick = Callable[[int, int], None]
AS_CHAT = "learned_as_chat"
"""The field of a model's configuration that tells whether a prompt is the beginning of a conversation or of a text."""


_HEARD: ContextVar[Callable[[str], None] | None] = ContextVar("heard", default=None)


@contextmanager
def heard_by(hear: Callable[[str], None]) -> Iterator[None]:
    """Tell `hear` within what is written, again and again while it grows."""
    before = _HEARD.set(hear)
    try:
        yield
    finally:
        _HEARD.reset(before)


def _silent(done: int, total: int) -> None:
    """Report to nobody."""


def is_chat(bundle: Bundle) -> bool:
    """Whether a prompt is the beginning of a conversation for a model."""
    return bool(getattr(getattr(bundle.model, "config", None), AS_CHAT, False))


def prompt_ids(bundle: Bundle, prompt: str) -> list[int]:
    """Return a prompt as the model reads it before it goes on; raises `InputError` for one without anything."""
    tokenizer = bundle.processor
    if is_chat(bundle):
        ids = tokenizer(chat_forms.ask(tokenizer, prompt), add_special_tokens=False, verbose=False)["input_ids"]
    else:
        ids = tokenizer(prompt, verbose=False)["input_ids"]
        if ids and ids[-1] == tokenizer.eos_token_id:
            ids = ids[:-1]
    if not ids:
        raise InputError(text("There is nothing to go on with."), text("Give the beginning of a text, or a question."))
    return [int(one) for one in ids]


def answer(bundle: Bundle, table: pa.Table, manner: Manner, tick: Tick = _silent) -> list[str]:
    """Return what the model writes to each row: the column `text`, and `text_pair` for what a prompt is about."""
    if manner.beams > 1:
        raise InputError(
            text("A model that goes on with texts follows one beam only."), text("Set the beams to 1."), field="beams"
        )
    prompts = [one or "" for one in table["text"].to_pylist()]
    about = table["text_pair"].to_pylist() if "text_pair" in table.column_names else [None] * len(prompts)
    asked = [prompt_ids(bundle, chats.asked(one, more)) for one, more in zip(prompts, about, strict=True)]
    written = []
    for at, ids in enumerate(asked):
        before, most = at * manner.length, len(asked) * manner.length

        def within(done: int, _: int, before: int = before, most: int = most) -> None:
            tick(before + done, most)

        words = write(bundle, ids, manner, within)
        written.append(words.strip() if is_chat(bundle) else words)
    return written


@torch.inference_mode()
def write(bundle: Bundle, ids: list[int], manner: Manner, tick: Tick = _silent) -> str:
    """Return what the model writes after the tokens `ids`, without them.

    `tick(done, most)` is called after each token; it may raise to cancel. The chance of everybody else is left alone.
    """
    from transformers import GenerationConfig, StoppingCriteriaList

    model: Any = bundle.model
    ids, length = _fitted(bundle, ids, manner.length)
    given = torch.tensor([ids], device=model.device)
    watched = _Watched(bundle.processor, given.shape[1], manner, tick)
    drawn = {"temperature": manner.temperature, "top_p": manner.top_p, "top_k": 0} if manner.temperature else {}
    settings: Any = GenerationConfig
    asked = settings(
        max_new_tokens=length,
        do_sample=bool(manner.temperature),
        use_cache=True,
        pad_token_id=bundle.processor.pad_token_id,
        eos_token_id=_ends(bundle),
        **drawn,
    )
    devices = [model.device] if model.device.type == "cuda" else []
    training = {module for module in model.modules() if module.training}
    model.eval()
    try:
        with torch.random.fork_rng(devices):
            torch.manual_seed(manner.seed)
            found = model.generate(
                given,
                attention_mask=torch.ones_like(given),
                generation_config=asked,
                stopping_criteria=StoppingCriteriaList([watched]),
            )
    finally:
        for module in training:
            module.training = True
    return manner.cut(watched.said(found[0]))


def _fitted(bundle: Bundle, ids: list[int], length: int) -> tuple[list[int], int]:
    """Return the end of a prompt and how much may be written, which together must fit into what the model reads.

    A long prompt leaves room for as much as was asked for, or for half of what fits.
    """
    config: Any = bundle.model.config
    most = int(getattr(config, "max_position_embeddings", None) or getattr(config, "n_positions", None) or 1 << 20)
    kept = ids[-max(1, most - min(length, most // 2)) :]
    return kept, max(1, min(length, most - len(kept)))


def _ends(bundle: Bundle) -> list[int] | None:
    """Return the tokens that end a text: that of the tokenizer, and those the model was published with."""
    own = getattr(getattr(bundle.model, "generation_config", None), "eos_token_id", None)
    listed = own if isinstance(own, list) else [own]
    found = {one for one in (*listed, bundle.processor.eos_token_id) if one is not None}
    return sorted(found) or None


def samples(bundle: Bundle, feeds: Mapping[Split, ModelFeed]) -> list[str]:
    """Return what the model writes to the prompts that are pinned, else to the beginnings of some validation rows.

    A line each: `prompt → text`.
    """
    manner = Manner(length=SAMPLE_LENGTH)
    pinned = read_pinned(bundle.settings.pinned_prompts)
    if pinned:
        return [f"{_line(one)} → {_line(write(bundle, prompt_ids(bundle, one), manner))}" for one in pinned]
    examples: Any = feeds[Split.VALIDATION].examples
    lines = []
    for row in np.flatnonzero(examples.labels >= 0)[:SAMPLES].tolist():
        first = int(examples.places(row)[0])
        ids = examples.tokens(row).tolist()
        given = ids[: first + 1 if first else BEGINNING]
        prompt = bundle.processor.decode(given[-BEGINNING * 2 :], skip_special_tokens=True)
        more = "… " if len(given) > BEGINNING * 2 else ""
        lines.append(f"{more}{_line(prompt)} → {_line(write(bundle, given, manner))}")
    return lines


def read_pinned(setting: str) -> list[str]:
    """Return the prompts of the setting `pinned_prompts`, at most `MOST_PINNED`."""
    found = [one.strip() for one in setting.replace("\n", "|").split("|")]
    return [one for one in found if one][:MOST_PINNED]


def _line(words: str) -> str:
    return " ".join(words.split())


class _Watched:
    """Tells how far the writing is, and ends it where a word to stop at was written."""

    def __init__(self, tokenizer: Any, given: int, manner: Manner, tick: Tick) -> None:
        self._tokenizer, self._given, self._manner, self._tick = tokenizer, given, manner, tick

    def __call__(self, input_ids: Tensor, scores: Any, **others: Any) -> Tensor:
        self._tick(input_ids.shape[1] - self._given, self._manner.length)
        if (hear := _HEARD.get()) is not None:
            hear(self._manner.cut(self.said(input_ids[0])))
        done = bool(self._manner.stop) and self._manner.cut(said := self.said(input_ids[0])) != said
        return torch.full((len(input_ids),), done, device=input_ids.device)

    def said(self, ids: Tensor) -> str:
        """Return what stands after the prompt."""
        return str(self._tokenizer.decode(ids[self._given :], skip_special_tokens=True))
