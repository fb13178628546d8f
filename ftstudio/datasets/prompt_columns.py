"""Guessing the columns of data for models that write, from the names that people give them."""

from __future__ import annotations

from collections.abc import Mapping

from ftstudio.core.specs import ColumnRole

_CHATS = ("messages", "conversations", "conversation", "dialog", "dialogue", "chat", "turns")
_PROMPTS = ("instruction", "prompt", "question", "query", "user", "input", "pergunta", "instrução")
_ANSWERS = ("output", "completion", "response", "answer", "assistant", "reply", "target", "resposta")
_ABOUT = ("input", "context", "contexto")
_SOURCES = (
    *("source", "src", "original", "input", "input_text", "document", "article", "dialogue", "complex", "before"),
    *("incorrect", "text", "sentence", "prompt", "question", "content", "body", "origem", "entrada", "texto"),
)
_TARGETS = (
    *("target", "tgt", "output", "output_text", "target_text", "summary", "highlights", "translation", "simple"),
    *("simplified", "corrected", "correct", "after", "rewritten", "rewrite", "paraphrase", "headline", "label"),
    *("answer", "response", "completion", "resumo", "tradução", "destino", "saída"),
)
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


def find_pair(columns: Mapping[str, str]) -> dict[ColumnRole, str]:
    """Return the texts to read and to write, as far as names tell; of two columns the second is what is written."""
    read, written = _first(_SOURCES, columns), _first(_TARGETS, columns)
    free = [name for name in columns.values() if name not in (read, written)]
    if len(columns) == 2 and free:
        read, written = (read or free[0]), (written or free[-1])
    found = {ColumnRole.TEXT: read, ColumnRole.LABEL: written}
    return {role: name for role, name in found.items() if name is not None} if read != written else {}


def _first(names: tuple[str, ...], columns: Mapping[str, str]) -> str | None:
    return next((columns[name] for name in names if name in columns), None)
