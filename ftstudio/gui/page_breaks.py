"""Where the pages of a printed report end: never within a row of a table, a chart or right below a heading."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtGui import (
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrame,
    QTextTable,
    QTextTableCell,
)

MOST_MOVES = 2_000
SMALL_TABLE = 0.4
"""Of the height of a page: a table that is no higher is not divided at all."""

Block = QTextBlock | QTextTable


@dataclass(frozen=True)
class Piece:
    """What stays on one page, from `top` to `bottom` in the document, and how it goes `by` some height to the next."""

    top: float
    bottom: float
    move: Callable[[float], None]

    def is_broken(self, page: float) -> bool:
        """Whether a page of this height ends within it; what is higher than a page has to be broken."""
        return self.bottom - self.top < page and int(self.top // page) != int((self.bottom - 0.5) // page)


def keep_whole(document: QTextDocument, scale: float) -> None:
    """Move what a page would end within to the next page, from the top to the bottom.

    The document has its page size; `scale` is how many points of the paper's device are one of the document.
    """
    page = document.pageSize().height()
    for _ in range(MOST_MOVES):  # each move changes where all that follows lies
        broken = [piece for piece in pieces(document) if piece.is_broken(page)]
        if not broken:
            return
        first = min(broken, key=lambda piece: (piece.top, -piece.bottom))
        first.move((page - first.top % page) / scale)


def pieces(document: QTextDocument) -> Iterator[Piece]:
    """Yield charts, small tables, rows of tables, and headings with what follows them."""
    headings: list[QTextBlock] = []
    for element in _elements(document.rootFrame()):
        if isinstance(element, QTextBlock) and element.blockFormat().headingLevel():
            headings.append(element)
            continue
        if isinstance(element, QTextTable):
            yield from _rows(document, element)
        top, bottom = _extent(document, element)
        if headings:
            top = _extent(document, headings[0])[0]
            yield Piece(top, bottom, _new_page(headings[0]))
        elif bottom > top:
            yield Piece(top, bottom, _new_page(element))
        headings = []


def _rows(document: QTextDocument, table: QTextTable) -> Iterator[Piece]:
    for row in range(table.rows()):
        yield Piece(*_row_extent(document, table, row), _push_down(table, row))


def _elements(frame: QTextFrame) -> Iterator[Block]:
    at = frame.begin()
    while not at.atEnd():
        child = at.currentFrame()
        if isinstance(child, QTextTable):
            yield child
        elif at.currentBlock().text():
            yield at.currentBlock()
        at += 1


def _extent(document: QTextDocument, element: Block) -> tuple[float, float]:
    """Return where what stays together of an element begins and ends: of a large table its head and first row."""
    if isinstance(element, QTextBlock):
        rect = document.documentLayout().blockBoundingRect(element)
        return rect.top(), rect.bottom()
    top = _row_extent(document, element, 0)[0]
    whole = _row_extent(document, element, element.rows() - 1)[1]
    if whole - top <= SMALL_TABLE * document.pageSize().height():
        return top, whole
    return top, _row_extent(document, element, min(1, element.rows() - 1))[1]


def _row_extent(document: QTextDocument, table: QTextTable, row: int) -> tuple[float, float]:
    rects = [
        document.documentLayout().blockBoundingRect(block)
        for column in range(table.columns())
        for block in _blocks(table.cellAt(row, column))
    ]
    return min(rect.top() for rect in rects), max(rect.bottom() for rect in rects)


def _blocks(cell: QTextTableCell) -> Iterator[QTextBlock]:
    block, last = cell.firstCursorPosition().block(), cell.lastCursorPosition().block()
    yield block
    while block != last:
        block = block.next()
        yield block


def _new_page(element: Block) -> Callable[[float], None]:
    policy = QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore

    def move(_: float) -> None:
        if isinstance(element, QTextTable):
            table = element.format().toTableFormat()
            table.setPageBreakPolicy(policy)
            element.setFormat(table)
            return
        change = QTextBlockFormat()
        change.setPageBreakPolicy(policy)
        QTextCursor(element).mergeBlockFormat(change)

    return move


def _push_down(table: QTextTable, row: int) -> Callable[[float], None]:
    """A row begins no page by itself, so room is put below the words of the row before it, or above its own.

    Room above its own would stand on the next page as well: Qt moves such a row there with it.
    """

    def move(by: float) -> None:
        for column in range(table.columns()):
            cell = table.cellAt(row - 1 if row else row, column)
            look = cell.format().toTableCellFormat()
            if row:
                look.setBottomPadding(look.bottomPadding() + by)
            else:
                look.setTopPadding(look.topPadding() + by + 1)
            cell.setFormat(look)

    return move
