"""The layer map's rows for Qt: a tree model over `layer_nodes`, which keeps its rows while their states change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ftstudio.core.quantities import byte_size, parameter_count, percent
from ftstudio.core.translation import N_, number, tr, tr_plural
from ftstudio.gui import theme
from ftstudio.gui.forms import numbers
from ftstudio.gui.panels.layer_nodes import STAGE, Node

NAME, KIND, PARAMETERS, MEMORY, STATE = range(5)
HEADERS = (N_("Part"), N_("Kind"), N_("Parameters"), N_("Memory"), N_("State"))
KINDS = {
    "embeddings": N_("Embeddings"),
    "block": N_("Block"),
    "top": N_("Top"),
    "head": N_("New head"),
    "stage": N_("Stage"),
    "module": "",
}
STATES = {
    "frozen": N_("frozen"),
    "learning": N_("trainable"),
    "adapter": N_("adapter"),
    "mixed": N_("partly trainable"),
}
NODE = Qt.ItemDataRole.UserRole
SHARE = Qt.ItemDataRole.UserRole + 1

Index = QModelIndex | QPersistentModelIndex


class _Item:
    """A node at its place in the tree."""

    def __init__(self, node: Node, row: int, parent: _Item | None) -> None:
        self.node, self.row, self.parent = node, row, parent
        self.children = [_Item(child, at, self) for at, child in enumerate(node.children)]

    def renew(self, node: Node) -> None:
        """Take over the new state of the same row."""
        self.node = node
        for item, child in zip(self.children, node.children, strict=True):
            item.renew(child)


class LayerModel(QAbstractItemModel):
    """Rows of parts with columns name, kind, parameters, memory and state."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: list[_Item] = []
        self._memory = self._most = 1

    def show_nodes(self, nodes: Sequence[Node]) -> None:
        """Show `nodes`; where the rows are the same as before, what is selected and unfolded stays so."""
        self._memory = max(1, sum(node.memory for node in nodes))
        self._most = max((node.memory for node in nodes), default=1)
        if [_shape(item.node) for item in self._items] != [_shape(node) for node in nodes]:
            self.beginResetModel()
            self._items = [_Item(node, at, None) for at, node in enumerate(nodes)]
            self.endResetModel()
            return
        for item, node in zip(self._items, nodes, strict=True):
            item.renew(node)
        for parent in self._parents():
            last = self.rowCount(parent) - 1
            self.dataChanged.emit(self.index(0, 0, parent), self.index(last, STATE, parent))

    def nodes(self) -> list[Node]:
        """Return the nodes of the outermost rows, from top to bottom."""
        return [item.node for item in self._items]

    def part_rows(self) -> Iterator[QModelIndex]:
        """Yield the rows of the parts that can be chosen, from top to bottom."""
        for at, item in enumerate(self._items):
            here = self.index(at, 0)
            if item.node.kind == STAGE:
                yield from (self.index(below, 0, here) for below in range(len(item.children)))
            else:
                yield here

    def _parents(self) -> list[QModelIndex]:
        found = [QModelIndex()]
        for parent in found:
            inside = (self.index(at, 0, parent) for at in range(self.rowCount(parent)))
            found += [index for index in inside if self.rowCount(index)]
        return found if self._items else []

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008 (Qt's signature)
        """Return the index of a cell."""
        items = parent.internalPointer().children if parent.isValid() else self._items
        if not 0 <= row < len(items):
            return QModelIndex()
        return self.createIndex(row, column, items[row])

    def parent(self, child: Index = QModelIndex()) -> Any:  # noqa: B008 (Qt's signature)
        """Return the index of the row that `child` is in."""
        above = child.internalPointer().parent if child.isValid() else None
        return self.createIndex(above.row, 0, above) if above is not None else QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        """Return how many rows are in a row."""
        if parent.column() > 0:
            return 0
        return len(parent.internalPointer().children) if parent.isValid() else len(self._items)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        """Return the number of columns."""
        return len(HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name the columns; figures stand right."""
        if role == Qt.ItemDataRole.DisplayRole and orientation is Qt.Orientation.Horizontal:
            return tr(HEADERS[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows, says to a screen reader or explains."""
        if not index.isValid():
            return None
        node: Node = index.internalPointer().node
        if role == NODE:
            return node
        if role == SHARE:
            return node.memory / self._most
        if role == Qt.ItemDataRole.DisplayRole:
            return self._written(node, index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(index.column())
        if role == Qt.ItemDataRole.FontRole and index.column() in (PARAMETERS, MEMORY):
            return theme.font()
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._explained(node)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._explained(node) if index.column() == NAME else self._written(node, index.column())
        return None

    def _written(self, node: Node, column: int) -> str:
        if column == NAME:
            return node.name
        if column == KIND:
            return tr(KINDS[node.kind]) if KINDS[node.kind] else ""
        if column == PARAMETERS:
            return parameter_count(node.parameters) if node.parameters else "–"
        return self._share(node) if column == MEMORY else state_in_words(node)

    def _share(self, node: Node) -> str:
        share = node.memory / self._memory
        return percent(share) if share >= 0.005 else f"< {percent(0.01)}"

    def _explained(self, node: Node) -> str:
        words = tr("{name}: {parameters} parameters, {memory} with what learning needs, {state}")
        return words.format(
            name=self._written(node, NAME),
            parameters=number(node.parameters),
            memory=byte_size(node.memory),
            state=state_in_words(node),
        )


def state_in_words(node: Node) -> str:
    """Say whether a row learns: `frozen`, `trainable`, `from epoch 3`, `adapter 110.6 K`, `2 of 3 trainable`."""
    if node.state == "adapter":
        return f"{tr(STATES['adapter'])} {parameter_count(node.learning)}"
    if node.state == "learning" and node.joins:
        return tr("from epoch {epoch}").format(epoch=numbers.write(round(node.joins + 1, 1)))
    if node.state == "mixed":
        count = sum(child.state != "frozen" for child in node.children)
        words = tr_plural("{count} of {all} trainable", "{count} of {all} trainable", count)
        return words.format(count=count, all=len(node.children))
    return tr(STATES[node.state])


def _shape(node: Node) -> tuple[Any, ...]:
    return (node.name, node.kind, node.parameters, tuple(_shape(child) for child in node.children))


def _alignment(column: int) -> int:
    side = Qt.AlignmentFlag.AlignRight if column == PARAMETERS else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
