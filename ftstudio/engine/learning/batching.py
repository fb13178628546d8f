"""Which rows make up which batch: shuffled, grouped by length so that little is padded, the same for the same seed.

Padding is the first enemy of speed on text. Rows are shuffled, sorted by length inside mega-batches, and cut into
batches of one size, whose order is shuffled again; so every row is seen once an epoch and neighbours are alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ftstudio.engine import device

MEGA_BATCH = 50
PAD_TO = 8
FINENESS = 64
TOKEN_BUDGET = 16_384


@dataclass(frozen=True)
class BatchPlan:
    """How batches are drawn.

    `batch_size` is in rows; `token_budget` limits rows times padded length of what is computed at once;
    `micro_rows` limits the rows computed at once (None: only the budget does). With several processes each takes
    every `world`-th row of a batch, so that the batches are the same for any number of processes. With the `classes`
    of the rows each class is drawn equally often; else every row once an epoch.
    """

    lengths: NDArray[np.int64]
    batch_size: int
    seed: int
    token_budget: int = 16_384
    micro_rows: int | None = None
    rank: int = 0
    world: int = 1
    classes: NDArray[np.int64] | None = None

    @property
    def batches_per_epoch(self) -> int:
        """Return how many batches an epoch has."""
        return -(-len(self.lengths) // self.batch_size)

    def epoch(self, number: int, skip: int = 0) -> Iterator[NDArray[np.int64]]:
        """Yield the batches (row indices, all processes together) of epoch `number` after the first `skip`."""
        chance = np.random.default_rng((self.seed, number))
        order = chance.permutation(len(self.lengths)) if self.classes is None else balanced(self.classes, chance)
        mega = self.batch_size * MEGA_BATCH
        batches: list[NDArray[np.int64]] = []
        for start in range(0, len(order), mega):
            chunk = order[start : start + mega]
            chunk = chunk[np.argsort(-self.lengths[chunk], kind="stable")]
            batches += [chunk[at : at + self.batch_size] for at in range(0, len(chunk), self.batch_size)]
        shuffled = chance.permutation(len(batches))
        # The batch with the longest rows comes first: if memory does not suffice, that shows at once.
        longest = int(np.argmax([self.lengths[batch].max() for batch in batches]))
        shuffled = np.concatenate(([longest], shuffled[shuffled != longest]))
        for at in shuffled[skip:]:
            yield batches[at]

    def portions(self, batch: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Cut this process's share of a batch into what is computed at once; never empty."""
        return self._cut(batch, self.rank)

    def shares(self, batch: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Return the portions of all processes."""
        return [portion for rank in range(self.world) for portion in self._cut(batch, rank)]

    def _cut(self, batch: NDArray[np.int64], rank: int) -> list[NDArray[np.int64]]:
        return split_by_budget(batch[rank :: self.world], self.lengths, self.token_budget, self.micro_rows)


def balanced(classes: NDArray[np.int64], chance: np.random.Generator) -> NDArray[np.int64]:
    """Return as many row indices as there are rows, each class equally often to within one, in random order.

    Within a class every row comes once before any comes again. Rows without a class (-1) do not come.
    """
    members = [np.flatnonzero(classes == one) for one in np.unique(classes[classes >= 0])]
    shares = np.full(len(members), len(classes) // len(members))
    shares[chance.permutation(len(members))[: len(classes) % len(members)]] += 1
    drawn = []
    for rows, share in zip(members, shares, strict=True):
        rounds = [chance.permutation(rows) for _ in range(-(-int(share) // len(rows)))]
        drawn.append(np.concatenate(rounds)[:share])
    return chance.permutation(np.concatenate(drawn))


def split_by_budget(
    rows: NDArray[np.int64], lengths: NDArray[np.int64], token_budget: int, most_rows: int | None = None
) -> list[NDArray[np.int64]]:
    """Cut `rows` into runs whose padded size stays within `token_budget` (one row may exceed it alone)."""
    portions: list[NDArray[np.int64]] = []
    start, longest = 0, 0
    for at, row in enumerate(rows):
        longest = max(longest, padded(int(lengths[row])))
        count = at - start + 1
        if count > 1 and (count * longest > token_budget or (most_rows and count > most_rows)):
            portions.append(rows[start:at])
            start, longest = at, padded(int(lengths[row]))
    portions.append(rows[start:])
    return portions


def padded(length: int) -> int:
    """Return `length` rounded up: where matrix units compute whole tiles to multiples of `PAD_TO`, else less.

    A plain processor does not care, and of short texts the rounding alone filled up a tenth; there it is finer the
    shorter they are, so that the shapes that are computed stay few and little is filled up.
    """
    fine = min(PAD_TO, max(1, (1 << length.bit_length()) // FINENESS))
    grain = PAD_TO if device.computes_in_tiles() else fine
    return -(-length // grain) * grain


def evaluation_batches(
    lengths: NDArray[np.int64], token_budget: int = TOKEN_BUDGET, most_rows: int = 64
) -> list[NDArray[np.int64]]:
    """Return batches over all rows for a pass without learning: longest first, filled by the token budget."""
    if not len(lengths):
        return []
    order = np.argsort(-lengths, kind="stable")
    return split_by_budget(order, lengths, token_budget, most_rows)
