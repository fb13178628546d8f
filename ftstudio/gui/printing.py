"""A report drawn as PDF by Qt: in the window, or in a process of its own for the verb (`ftstudio --print`)."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QMarginsF, QRectF, QSizeF, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage, QPageLayout, QPageSize, QPainter, QPdfWriter, QTextDocument
from PySide6.QtSvg import QSvgRenderer

from ftstudio.gui.page_breaks import keep_whole
from ftstudio.planning.reporting.document import PICTURE, Paper
from ftstudio.planning.reporting.document import paper as paper_of
from ftstudio.project import atomic, disk_errors
from ftstudio.project.store import Project

MARGIN_MM = 16.0
SHARPNESS = 3
DOTS_PER_INCH = 96
FOOT = 28
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom


def main(arguments: Sequence[str]) -> int:
    """Draw the report in the first file (JSON of page and charts) into the second; returns the exit code."""
    application = QGuiApplication.instance() or QGuiApplication(["ftstudio"])
    source, target = map(Path, arguments[:2])
    found = json.loads(source.read_text(encoding="utf-8"))
    draw(Paper(found["page"], found["charts"]), target)
    del application
    return 0 if target.is_file() else 1


def write_pdf(project: Project, run: str | None, target: Path, samples: int) -> None:
    """Write the report of a run as PDF, whole or not at all; raises `StudioError` when it cannot be."""
    made = paper_of(project, run, samples)
    with tempfile.TemporaryDirectory(prefix="ftstudio-report-") as folder:
        drawn = Path(folder) / "report.pdf"
        draw(made, drawn)
        try:
            with atomic.room_for(target):
                atomic.write_bytes(target, drawn.read_bytes())
        except OSError as error:
            raise disk_errors.refuse(error, target) from error


def draw(paper: Paper, target: Path) -> None:
    """Draw a report into a PDF file, A4 with page numbers; a page application of Qt must exist."""
    document = QTextDocument()
    document.setDocumentMargin(0)
    for number, chart in enumerate(paper.charts):
        kind = QTextDocument.ResourceType.ImageResource.value
        document.addResource(kind, QUrl(PICTURE.format(number=number)), _picture(chart))
    document.setHtml(paper.page)
    writer = QPdfWriter(str(target))
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    margins = QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM)
    writer.setPageMargins(margins, QPageLayout.Unit.Millimeter)
    writer.setCreator("Fine-Tuning Studio")
    writer.setTitle(document.metaInformation(QTextDocument.MetaInformation.DocumentTitle))
    _paint(document, writer)


def _paint(document: QTextDocument, writer: QPdfWriter) -> None:
    """Draw the pages one after the other: `QTextDocument.print_` would break rows, and leave two margins."""
    scale = writer.logicalDpiY() / DOTS_PER_INCH
    foot = FOOT * scale
    width, height = float(writer.width()), writer.height() - foot
    document.documentLayout().setPaintDevice(writer)
    document.setPageSize(QSizeF(width, height))
    keep_whole(document, scale)
    painter = QPainter(writer)
    for number in range(document.pageCount()):
        if number:
            writer.newPage()
        painter.save()
        painter.translate(0, -number * height)
        document.drawContents(painter, QRectF(0, number * height, width, height))
        painter.restore()
        painter.setFont(document.defaultFont())
        painter.drawText(QRectF(0, height, width, foot), RIGHT, str(number + 1))
    painter.end()


def _picture(chart: str) -> QImage:
    renderer = QSvgRenderer(QByteArray(chart.encode("utf-8")))
    size = renderer.defaultSize() * SHARPNESS
    picture = QImage(size, QImage.Format.Format_RGB32)
    picture.fill(0xFFFFFFFF)
    painter = QPainter(picture)
    renderer.render(painter)
    painter.end()
    return picture
