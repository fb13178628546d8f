"""The pictures around the one that is looked at, read in the background so that turning a page does not wait."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from ftstudio.core.specs import ColumnRole
from ftstudio.core.translation import tr
from ftstudio.datasets.store import Dataset
from ftstudio.gui.correcting.pyramid import Pyramid, read_pyramid
from ftstudio.gui.operations import Operations

KEPT = 4


class Album(QObject):
    """Keeps a few pictures, by their places in the stored table. `came(int)` when one has been read."""

    came = Signal(int)

    def __init__(self, operations: Operations) -> None:
        super().__init__()
        self._operations = operations
        self._kept: OrderedDict[int, Pyramid] = OrderedDict()
        self._under_way: set[int] = set()
        self._generation = 0

    def get(self, place: int, dataset: Dataset) -> Pyramid | None:
        """Return a picture, or None while it is being read."""
        if place in self._kept:
            self._kept.move_to_end(place)
            return self._kept[place]
        self.prepare([place], dataset)
        return None

    def prepare(self, places: Sequence[int], dataset: Dataset) -> None:
        """Begin to read pictures that will be looked at."""
        for place in places:
            if place not in self._kept and place not in self._under_way:
                self._under_way.add(place)
                self._operations.run(
                    partial(read_pyramid, _path(dataset, place)),
                    title=tr("Reading a picture"),
                    on_success=partial(self._keep, self._generation, place),
                    on_failure=partial(self._keep, self._generation, place, Pyramid((), (1, 1))),
                )

    def forget(self) -> None:
        """Let go of all pictures: the data may be another."""
        self._generation += 1
        self._kept.clear()
        self._under_way.clear()

    def _keep(self, generation: int, place: int, found: Pyramid, error: object = None) -> None:
        if generation != self._generation:
            return
        self._under_way.discard(place)
        self._kept[place] = found
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.came.emit(place)


def _path(dataset: Dataset, place: int) -> Path:
    view = dataset.view
    at = int(np.searchsorted(view.index, place))
    relative = view.column(ColumnRole.IMAGE)[at].as_py()
    return dataset.image_path(relative) if relative else Path()
