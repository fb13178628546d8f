"""Asks for a file and writes the project's data into it as it is now, with the labels that were fixed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from ftstudio.core import paths
from ftstudio.core.file_names import safe_name
from ftstudio.core.translation import number, tr
from ftstudio.gui import notifications
from ftstudio.gui.session import Session


def ask(parent: QWidget, session: Session) -> None:
    """Let the user choose the file (the system asks before one is replaced), then write it in the background."""
    from ftstudio.datasets import row_files
    from ftstudio.planning import table_export

    dataset = session.dataset
    if dataset is None:
        return
    proposed = paths.projects_folder() / f"{safe_name(dataset.manifest.name)}-corrected.csv"
    forms = {tr("Table (*.csv)"): ".csv", tr("JSON lines (*.jsonl)"): ".jsonl", tr("Parquet (*.parquet)"): ".parquet"}
    chosen, form = QFileDialog.getSaveFileName(parent, tr("Export the data"), str(proposed), ";;".join(forms))
    if not chosen:
        return
    target = Path(chosen)
    if target.suffix.lower() not in row_files.ENDINGS:
        target = target.with_name(target.name + forms.get(form, ".csv"))
    asked = target == Path(chosen)  # the system's dialog has asked about this name, and about no other

    def tell(rows: int) -> None:
        words = tr("{rows} rows written to {file}.").format(rows=number(rows), file=target.name)
        notifications.centre().post(words, "success", str(target))

    session.operations.run(
        lambda: table_export.export(dataset, target, overwrite=asked), title=tr("Exporting the data"), on_success=tell
    )
