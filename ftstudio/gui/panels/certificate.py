"""The certificate of an export as a seal with its figures: proof that it answers as the trained model does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from ftstudio.core.translation import number, tr
from ftstudio.gui import theme
from ftstudio.gui.widgets.card import Card
from ftstudio.gui.widgets.labels import IconLabel, caption, label, muted


class CertificateCard(Card):
    """Green when every answer is the same, red when not, grey when nothing could be compared."""

    def __init__(self, certificate: dict[str, Any] | None, files: Sequence[str]) -> None:
        super().__init__()
        row = QHBoxLayout()
        row.setSpacing(theme.L)
        passed = bool(certificate and certificate.get("passed"))
        role = "success" if passed else "danger" if certificate else "muted"
        row.addWidget(IconLabel("seal", role, 40), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(theme.XS)
        words.addWidget(label(_heading(certificate), "section", wrap=True))
        words.addWidget(muted(_figures(certificate)))
        shown = ", ".join(list(files)[:8]) + ("…" if len(files) > 8 else "")
        words.addWidget(caption(tr("Files: {files}").format(files=shown), wrap=True))
        row.addLayout(words, 1)
        self.body.addLayout(row)
        self.setAccessibleName(_heading(certificate))


def _heading(certificate: dict[str, Any] | None) -> str:
    if not certificate:
        return tr("Nothing to compare: there were no rows to ask about.")
    if certificate.get("passed"):
        return tr("The export answers as the trained model does.")
    return tr("The export answers differently from the trained model.")


def _figures(certificate: dict[str, Any] | None) -> str:
    if not certificate:
        return ""
    return tr("Loaded in a fresh process and asked about {rows} rows; largest difference {difference}.").format(
        rows=number(int(certificate.get("rows", 0))), difference=number(float(certificate.get("largest_difference", 0)))
    )
