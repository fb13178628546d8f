"""One row as a model reads it, token by token: which tokens are learned, which are only read, which are cut off."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from ftstudio.core.text import Text, text, text_plural

State = Literal["learned", "read", "cut"]
LEARNED: Final = "learned"
READ: Final = "read"
CUT: Final = "cut"


class Token(BaseModel):
    """A token by the letters it stands for; one that stands for none has its name, as `<end>`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    state: State


class Lens(BaseModel):
    """A row through the lens: `tokens` are its first ones, the counts are of all.

    `learned` counts the tokens that carry loss, `read` all that the model reads, `limit` how many it reads at most.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: int
    tokens: tuple[Token, ...]
    total: int
    read: int
    learned: int
    limit: int

    @property
    def cut(self) -> int:
        """How many tokens the model never sees."""
        return self.total - self.read

    def sentences(self) -> list[Text]:
        """Say what is learned and what is cut, and what to do where nothing of the row is left to learn."""
        told = [
            text_plural(
                "{count} token is read. The model learns to write {learned} of them; only they carry loss.",
                "{count} tokens are read. The model learns to write {learned} of them; only they carry loss.",
                count=self.read,
                learned=self.learned,
            )
        ]
        if self.read > self.limit:
            told.append(
                text_plural(
                    "It is read on in {count} block of at most {limit} tokens; the first token of each is given.",
                    "It is read on in {count} blocks of at most {limit} tokens; the first token of each is given.",
                    count=-(-self.read // self.limit),
                    limit=self.limit,
                )
            )
        if self.cut:
            told.append(
                text_plural(
                    "{count} token is cut off, because at most {limit} are read.",
                    "{count} tokens are cut off, because at most {limit} are read.",
                    count=self.cut,
                    limit=self.limit,
                )
            )
        if not self.learned:
            told.append(
                text(
                    "Nothing of this row is learned. Raise the text length, or choose to keep the end of longer texts."
                )
            )
        return told
