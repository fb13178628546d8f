"""What the program is, and two sentences of help on each page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from ftstudio import __version__
from ftstudio.core import paths
from ftstudio.core.translation import N_, tr
from ftstudio.gui import icons, theme
from ftstudio.gui.widgets.buttons import button
from ftstudio.gui.widgets.labels import caption, label, title

HELP = {
    "home": N_(
        "Begin here: open one of your projects, make a new one, or try a sample. "
        "A project is an ordinary folder; copying it moves everything."
    ),
    "model": N_(
        "Choose the pretrained model that will learn your task. "
        "Smaller ones are quicker; each card says whether the model fits and why not."
    ),
    "data": N_(
        "Drop a table or a folder of pictures here. "
        "The program copies it into the project, divides it and reports what may spoil the training."
    ),
    "settings": N_(
        "A preset chooses every value from your data, model and computer and says why. "
        "Change what you like: mistakes are shown beside their field, and everything can be undone."
    ),
    "train": N_(
        "Watch the model learn. The blue curve is measured on rows it does not learn from: "
        "when it gets worse while the grey one improves, the model is learning by heart. The best point is kept."
    ),
    "results": N_(
        "How good the kept model is on rows it has never seen. "
        "The baseline is what always answering the most frequent label would score."
    ),
    "try": N_("Give the trained model something new and see what it answers, and how sure it is."),
    "export": N_(
        "Take the trained model out of the program, in a form that others can load without it. "
        "Nothing is uploaded anywhere."
    ),
}


def show(parent: QWidget) -> QDialog:
    """Say what the program is and where it keeps its things."""
    dialog, column = _dialog(parent, tr("About Fine-Tuning Studio"))
    picture = label()
    picture.setPixmap(icons.application_icon().pixmap(64, 64))
    column.addWidget(picture)
    column.addWidget(title("Fine-Tuning Studio"))
    column.addWidget(label(tr("Version {version}").format(version=__version__)))
    column.addWidget(
        label(tr("Fine-tunes pretrained models on your own computer. Nothing you put in ever leaves it."), wrap=True)
    )
    places = "\n".join(
        (
            tr("Projects: {folder}").format(folder=paths.projects_folder()),
            tr("Settings: {folder}").format(folder=paths.settings_folder()),
            tr("Prepared models: {folder}").format(folder=paths.data_folder()),
        )
    )
    column.addWidget(caption(places, wrap=True))
    column.addWidget(caption(tr("Licence: Apache 2.0")))
    _finish(dialog, column)
    return dialog


def show_help(parent: QWidget, stage: str) -> QDialog:
    """Explain a stage in a few sentences."""
    dialog, column = _dialog(parent, tr("Help"))
    column.addWidget(label(tr(HELP.get(stage, "")), wrap=True))
    column.addWidget(caption(tr("A “?” beside a field explains it. All shortcuts: Ctrl+/."), wrap=True))
    _finish(dialog, column)
    return dialog


def _dialog(parent: QWidget, heading: str) -> tuple[QDialog, QVBoxLayout]:
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(heading)
    dialog.setMinimumWidth(440)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(theme.XL, theme.XL, theme.XL, theme.XL)
    column.setSpacing(theme.M)
    return dialog, column


def _finish(dialog: QDialog, column: QVBoxLayout) -> None:
    close = button(tr("Close"), clicked=dialog.close)
    column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
    dialog.show()
