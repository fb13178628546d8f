"""How a conversation is written for a model: by the template of its tokenizer, else line by line with roles.

Templates are run in the sandbox of transformers (Jinja without access to anything), after each was tried in a process
of its own that may have little time and memory (`engine.language.template_trial`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ftstudio.core import chats
from ftstudio.core.chats import Turn
from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.engine.language import template_trial

_LINES = (
    "{% for message in messages %}{{ '' if loop.first else '\n' }}{{ message['role'] + ': ' + message['content'] }}"
    "{{ eos_token if message['role'] == 'assistant' and eos_token else '' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '\nassistant:' }}{% endif %}"
)


@dataclass(frozen=True)
class Written:
    """A conversation as one text, and the letters of it that are answers, as (start, end)."""

    words: str
    answers: tuple[tuple[int, int], ...]


def give_template(tokenizer: Any) -> None:
    """Let a tokenizer without a template write conversations line by line; it is saved with the model.

    Raises `InputError` for one with a template that does not end.
    """
    if isinstance(tokenizer.chat_template, str):
        template_trial.check(tokenizer.chat_template)
    if not tokenizer.chat_template:
        begins = tokenizer.bos_token if tokenizer.bos_token_id in tokenizer("a")["input_ids"] else None
        tokenizer.chat_template = ("{{ bos_token }}" if begins else "") + _LINES


def write(tokenizer: Any, turns: Sequence[Turn]) -> Written:
    """Write a conversation.

    What an answer is follows from writing the conversation up to before and up to after it. Where a template writes
    the beginning otherwise once more has been said, only the last answer is learned. Raises `InputError` when the
    template fails.
    """
    messages = chats.plain(turns)
    words = _apply(tokenizer, messages, asks=False)
    answers, last = [], max(at for at, one in enumerate(messages) if one["role"] == chats.ASSISTANT)
    for at, message in enumerate(messages):
        if message["role"] != chats.ASSISTANT:
            continue
        before = _apply(tokenizer, messages[:at], asks=True)
        after = words if at == len(messages) - 1 else _apply(tokenizer, messages[: at + 1], asks=False)
        if words.startswith(after) and after.startswith(before):
            answers.append((len(before), len(after)))
        elif at == last:
            answers += _found(words, message["content"].strip())
    return Written(words, tuple(answers))


def ask(tokenizer: Any, prompt: str) -> str:
    """Return a prompt, or a conversation in one cell, as what the model goes on with; raises `InputError`."""
    return _apply(tokenizer, chats.plain(chats.asking(prompt)), asks=True)


def _found(words: str, answer: str) -> list[tuple[int, int]]:
    at = words.rfind(answer)
    return [(at, len(words))] if at >= 0 else []


def _apply(tokenizer: Any, messages: list[dict[str, str]], *, asks: bool) -> str:
    if not messages:  # an answer to nothing: what a template makes of no messages is anybody's guess
        messages, asks = [{"role": chats.USER, "content": ""}], True
    try:
        words = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=asks)
    except Exception as error:  # a template is a program of others, and raises what it likes
        raise InputError(
            text("The chat template of this model fails: {reason}", reason=str(error)),
            text("Look whether the order of roles is one it takes, or choose another model."),
            field="model",
        ) from error
    return str(words)
