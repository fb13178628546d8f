"""Guessing the columns of data for models that write, from the names that people give them."""

from __future__ import annotations

from collections.abc import Mapping

from ftstudio.core.specs import ColumnRole

_CHATS = ("messages", "conversations", "conversation", "dialog", "dialogue", "chat", "turns")
_PROMPTS = ("instruction", "prompt", "question", "query", "user", "input", "pergunta", "instrução")
_ANSWERS = ("output", "completion", "response", "answer", "assistant", "reply", "target", "resposta")
_ABOUT = ("input", "context", "contexto")
_TEXTS = ("text", "content", "document", "body", "article", "story", "passage", "texto")


def find(columns: Mapping[str, str]) -> dict[ColumnRole, str]:
    """Return text, second text and label as far as names tell; `columns` are the columns by their plain names.

    Conversations in one cell need nothing else; a prompt and its answer are two columns, and a third may hold what
    the prompt is about; else whole texts are learned.
    """
    chat, prompt, answer = (_first(names, columns) for names in (_CHATS, _PROMPTS, _ANSWERS))
    if chat is not None:
        return {ColumnRole.TEXT: chat}
    if prompt is not None and answer is not None:
        about = next((columns[name] for name in _ABOUT if columns.get(name) not in (None, prompt)), None)
        found = {ColumnRole.TEXT: prompt, ColumnRole.LABEL: answer}
        return found if about is None else found | {ColumnRole.TEXT_PAIR: about}
    whole = _first(_TEXTS, columns)
    return {} if whole is None else {ColumnRole.TEXT: whole}


def _first(names: tuple[str, ...], columns: Mapping[str, str]) -> str | None:
    return next((columns[name] for name in names if name in columns), None)
