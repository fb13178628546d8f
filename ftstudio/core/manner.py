"""How a model writes: how much chance has a say, how long it may go on, and where it ends."""

from __future__ import annotations

from ftstudio.core.options import Options, option
from ftstudio.core.translation import N_


class Manner(Options):
    """With `temperature` 0 the likeliest piece follows each time, and the same question has the same answer.

    Above 0 pieces are drawn. `top_p` leaves out the unlikeliest: only those are drawn from that together have this
    probability (Holtzman et al. 2020, arXiv:1904.09751). With several `beams` nothing is drawn; of their texts the one
    with the best log-likelihood divided by its length to the power of `length_penalty` is written (Wu et al. 2016,
    arXiv:1609.08144). A text ends before any of `stop`, too.
    """

    temperature: float = option(
        0.0, N_("Temperature"), N_("0 always writes the likeliest; 1 draws as often as learned."), ge=0.0, le=5.0
    )
    top_p: float = option(1.0, N_("Top-p"), N_("Below 1, unlikely pieces are never drawn."), ge=0.01, le=1.0)
    length: int = option(200, N_("Length"), N_("How many pieces (tokens) are written at most."), ge=1, le=8_192)
    seed: int = option(1, N_("Seed"), N_("The same number draws the same text."), ge=0, le=2**31 - 1)
    beams: int = option(
        1,
        N_("Beams"),
        N_("How many unfinished texts are followed at once; the likeliest of them is written. 1 is the fastest."),
        ge=1,
        le=32,
    )
    length_penalty: float = option(
        1.0, N_("Length penalty"), N_("With more than one beam: above 0 favours longer texts, below 0 shorter."),
        ge=-5.0, le=5.0,
    )  # fmt: skip
    stop: tuple[str, ...] = option((), N_("Stop at"), N_("What ends the text, and is not part of it."))

    def cut(self, words: str) -> str:
        """Return a text up to the first of the words to stop at."""
        ends = [at for one in self.stop if one and (at := words.find(one)) >= 0]
        return words[: min(ends)] if ends else words


LIKELIEST = Manner()
