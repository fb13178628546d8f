"""Asks for a place and writes the project's data there as it is now, with the labels and boxes that were corrected."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from ftstudio.core import paths
from ftstudio.core.file_names import safe_name
from ftstudio.core.specs import Answer
from ftstudio.core.translation import number, tr
from ftstudio.gui import notifications
from ftstudio.gui.session import Session

if TYPE_CHECKING:
    from ftstudio.datasets.store import Dataset


def ask(parent: QWidget, session: Session) -> None:
    """Let the user choose the place (the system asks before a file is replaced), then write in the background."""
    dataset = session.dataset
    if dataset is None:
        return
    folders = _folders() if dataset.answer is Answer.BOXES else {}
    tables = {tr("Table (*.csv)"): ".csv", tr("JSON lines (*.jsonl)"): ".jsonl", tr("Parquet (*.parquet)"): ".parquet"}
    name = f"{safe_name(dataset.manifest.name.removesuffix('.json'))}-corrected"
    proposed = paths.projects_folder() / (name if folders else f"{name}.csv")
    choices = ";;".join((*folders, *tables))
    chosen, form = QFileDialog.getSaveFileName(parent, tr("Export the data"), str(proposed), choices)
    if not chosen:
        return
    if form in folders:
        _write_folder(session, dataset, Path(chosen), folders[form])
    else:
        _write_table(session, dataset, Path(chosen), tables.get(form, ".csv"))


def _folders() -> dict[str, str]:
    return {tr("Folder for COCO programs (*)"): "coco", tr("Folder for YOLO programs (*)"): "yolo"}


def _write_folder(session: Session, dataset: Dataset, target: Path, form: str) -> None:
    from ftstudio.planning import box_export

    def tell(count: int) -> None:
        words = tr("{count} pictures with their boxes written to {folder}.").format(
            count=number(count), folder=target.name
        )
        notifications.centre().post(words, "success", str(target))

    session.operations.run(
        lambda progress, cancelled: box_export.export(dataset, target, form, progress, cancelled),
        title=tr("Exporting the data"),
        with_progress=True,
        on_success=tell,
    )


def _write_table(session: Session, dataset: Dataset, chosen: Path, usual: str) -> None:
    from ftstudio.datasets import row_files
    from ftstudio.planning import table_export

    has_ending = chosen.suffix.lower() in row_files.ENDINGS
    target = chosen if has_ending else chosen.with_name(chosen.name + usual)

    def tell(rows: int) -> None:
        words = tr("{rows} rows written to {file}.").format(rows=number(rows), file=target.name)
        notifications.centre().post(words, "success", str(target))

    session.operations.run(  # the system's dialog has asked about the chosen name, and about no other
        lambda: table_export.export(dataset, target, overwrite=has_ending),
        title=tr("Exporting the data"),
        on_success=tell,
    )
