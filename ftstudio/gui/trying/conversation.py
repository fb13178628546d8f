"""What was said so far with models that talk: the user's turns, and each run's own answers to them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ftstudio.core import chats
from ftstudio.core.translation import tr


@dataclass
class Conversation:
    """Grows by `note`; a model goes on with its own answers, never with those of another."""

    asked: list[str] = field(default_factory=list)
    answers: list[dict[str, str]] = field(default_factory=list)

    def texts(self, words: str, runs: Iterable[str]) -> dict[str, str]:
        """Return by run what its model is asked: all turns in one cell; {} at the beginning."""
        return {run: self._cell(words, run) for run in runs} if self.asked else {}

    def note(self, words: str, answers: Iterable[Mapping[str, Any]]) -> None:
        """Remember a turn that was answered to its end."""
        self.asked.append(words)
        self.answers.append({str(one["run"]): str(one["label"]) for one in answers})

    def clear(self) -> None:
        """Begin a new one."""
        self.asked.clear()
        self.answers.clear()

    def transcript(self, run: str, words: str = "") -> str:
        """Return what was said with a run, for people, up to and with the turn that is being answered."""
        told = []
        for asked, answers in zip(self.asked, self.answers, strict=True):
            told.append(tr("You: {words}").format(words=asked))
            told.append(tr("Model: {words}").format(words=answers.get(run, "…")))
        told.append(tr("You: {words}").format(words=words) if words else "")
        return "\n\n".join(one for one in told if one)

    def _cell(self, words: str, run: str) -> str:
        turns: list[dict[str, str]] = []
        for asked, answers in zip(self.asked, self.answers, strict=True):
            if run in answers:  # a run that joined later has not heard what was said before
                turns.append({"role": chats.USER, "content": asked})
                turns.append({"role": chats.ASSISTANT, "content": answers[run]})
        return json.dumps([*turns, {"role": chats.USER, "content": words}], ensure_ascii=False)
