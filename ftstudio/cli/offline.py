"""Keeps a verb off the network, as a worker is: the libraries' switches, and a guard that refuses and tells."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ftstudio.core.network import MOST_TOLD, Guard, in_words
from ftstudio.core.offline import VARIABLES


@contextmanager
def offline() -> Iterator[None]:
    """Refuse the network within the block; the first attempts are told on standard error."""
    os.environ.update(VARIABLES)
    with Guard(lambda address: _tell(guard.attempts, address)) as guard:
        yield


def _tell(attempts: int, address: str) -> None:
    if attempts <= MOST_TOLD:
        print(f"! {in_words(address).render()}", file=sys.stderr, flush=True)
