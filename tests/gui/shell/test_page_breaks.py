"""A printed report: no page ends within a row or a chart, nor right below a heading, and nothing is lost by that."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QSizeF, QUrl
from PySide6.QtGui import QImage, QTextDocument
from pytestqt.qtbot import QtBot

from ftstudio.gui import page_breaks

PAGE = 400.0
CHART = '<p><img src="chart:0" width="300" height="150"></p>'
ROWS = "".join(f"<tr><td>Row {at}{'<br>truth' * (at % 5)}</td><td>words</td></tr>" for at in range(60))
TABLE = f'<table width="100%" cellspacing="0" cellpadding="3">{ROWS}</table>'
SMALL = '<table width="100%"><tr><td>a</td></tr><tr><td>b</td></tr><tr><td>c</td></tr></table>'


def made(markup: str) -> QTextDocument:
    document = QTextDocument()
    document.setDocumentMargin(0)
    picture = QImage(300, 150, QImage.Format.Format_RGB32)
    document.addResource(QTextDocument.ResourceType.ImageResource.value, QUrl("chart:0"), picture)
    document.setHtml(markup)
    document.setPageSize(QSizeF(500, PAGE))
    return document


def broken(document: QTextDocument) -> int:
    return sum(piece.is_broken(PAGE) for piece in page_breaks.pieces(document))


@pytest.mark.parametrize(
    "markup",
    [
        f"<h1>Title</h1><p>words</p>{TABLE}",
        f"<h2>Above</h2><p>words</p>{TABLE}<h2>Below</h2>{CHART}<h4>Another</h4>{CHART}<h2>Data</h2>{SMALL}",
        "<p>words</p>" * 12 + "<h2>Heading</h2><h4>Second</h4>" + CHART + "<p>words</p>" * 3 + f"<h2>Small</h2>{SMALL}",
    ],
)
def test_what_belongs_together_stays_together(qtbot: QtBot, markup: str) -> None:
    document = made(markup)
    words = document.toPlainText()
    assert broken(document) > 0
    page_breaks.keep_whole(document, 1.0)

    assert broken(document) == 0
    assert document.toPlainText() == words


def fewest_pages(document: QTextDocument) -> int:
    """Return how many pages rows need that are laid one after the other, none divided."""
    tops = [*(piece.top for piece in page_breaks.pieces(document)), document.size().height()]
    tops = sorted(set(tops))
    pages, filled = 1, 0.0
    for height in (below - above for above, below in pairwise(tops)):
        pages, filled = (pages + 1, height) if filled + height > PAGE else (pages, filled + height)
    return pages


def test_pages_are_filled_as_far_as_they_can_be(qtbot: QtBot) -> None:
    document = made(TABLE)
    fewest = fewest_pages(document)
    page_breaks.keep_whole(document, 1.0)

    assert document.pageCount() <= fewest + 1


def test_what_is_higher_than_a_page_is_left_to_be_broken(qtbot: QtBot) -> None:
    document = made(f"<p>words</p><table><tr><td>{'word<br>' * 100}</td></tr></table>")
    page_breaks.keep_whole(document, 1.0)

    assert document.pageCount() > 2
