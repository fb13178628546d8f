"""The report of the run that is shown: how many rows of the data it may hold, and where it goes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from ftstudio.core import paths
from ftstudio.core.file_names import safe_name
from ftstudio.core.translation import number, tr, tr_plural
from ftstudio.gui import notifications, theme
from ftstudio.gui.opening import show_file
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.feedback import FormRow
from ftstudio.gui.widgets.labels import muted

SAMPLES = (0, 5, 10, 20, 50)
FORMS = {"HTML (*.html)": ".html", "PDF (*.pdf)": ".pdf"}


class ReportDialog(QDialog):
    """Open beside the window; closes with Escape."""

    def __init__(self, parent: QWidget, session: Session) -> None:
        super().__init__(parent)
        self._session = session
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Report"))
        self.setMinimumWidth(520)
        run = session.run()
        about = tr(
            "One page about “{run}”: its scores, its mistakes in figures, the data in counts, and the settings. "
            "It needs no program to be read, and loads nothing from elsewhere."
        ).format(run=run.name if run is not None else "")
        self.samples = QComboBox()
        for count in SAMPLES:
            words = tr_plural("the {count} worst answer", "the {count} worst answers", count)
            self.samples.addItem(words.format(count=number(count)) if count else tr("none"), count)
        hint = tr("These are rows of your data. Leave them out if the reader may not see them.")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.XL, theme.XL, theme.XL, theme.XL)
        column.setSpacing(theme.M)
        column.addWidget(muted(about))
        column.addWidget(FormRow(tr("Rows that are shown"), self.samples, hint=hint))
        row = QHBoxLayout()
        row.addStretch(1)
        self.cancel_button = button(tr("Cancel"), clicked=self.close)
        self.save_button = button(tr("Save report…"), "primary", icon="save", clicked=self.save)
        row.addWidget(self.cancel_button)
        row.addWidget(self.save_button)
        column.addLayout(row)

    def save(self) -> None:
        """Let the user choose the file (the system asks before one is replaced), then write it."""
        run = self._session.run()
        if run is None or self._session.file is None:
            return
        name = safe_name(f"{self._session.file.name} {run.name}")
        proposed = paths.projects_folder() / f"{name}.html"
        chosen, form = QFileDialog.getSaveFileName(self, tr("Save report"), str(proposed), ";;".join(FORMS))
        if chosen:
            target = Path(chosen)
            named = target if target.suffix.lower() in FORMS.values() else Path(chosen + FORMS.get(form, ".html"))
            write(self._session, run.id, named, int(self.samples.currentData()), overwrite=named == target)
            self.close()


def write(session: Session, run: str, target: Path, samples: int, *, overwrite: bool) -> None:
    """Write the report in the background and tell where it is; a failure is told, with nothing half written."""
    project = session.project
    if project is None:
        return

    def make() -> Path:
        from ftstudio.gui import printing
        from ftstudio.planning.reporting import target as targets

        whole, kind = targets.check(target, project, overwrite=overwrite)
        if kind == targets.PDF:
            printing.write_pdf(project, run, whole, samples)
        else:
            targets.write_page(project, run, whole, samples)
        return whole

    def tell(path: Path) -> None:
        words = tr("The report is written: {file}").format(file=path.name)
        notifications.centre().post(words, "success", str(path), actions=((tr("Open"), lambda: show_file(path)),))

    session.operations.run(make, title=tr("Writing the report"), on_success=tell)
