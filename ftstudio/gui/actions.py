"""Menus and shortcuts as data. What an action does is the method of the same name in `commands.Commands`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from ftstudio.core.translation import N_

SEPARATOR = "-"


@dataclass(frozen=True)
class ActionSpec:
    """One menu entry. `needs` names the condition under which it can be used (see `commands.CONDITIONS`)."""

    key: str
    menu: str
    title: str
    shortcut: str
    needs: str = ""
    argument: str = ""
    checkable: bool = False
    group: int = 0


MENUS = {
    "file": N_("&File"),
    "edit": N_("&Edit"),
    "model": N_("&Model"),
    "data": N_("&Data"),
    "train": N_("&Train"),
    "export": N_("E&xport"),
    "view": N_("&View"),
    "help": N_("&Help"),
}

ACTIONS = (
    ActionSpec("new_project", "file", N_("New project"), "Ctrl+N"),
    ActionSpec("open_project", "file", N_("Open project…"), "Ctrl+O"),
    ActionSpec("save_project", "file", N_("Save"), "Ctrl+S", "writable", group=1),
    ActionSpec("show_folder", "file", N_("Show project folder"), "Ctrl+Shift+F", "project", group=1),
    ActionSpec("close_project", "file", N_("Close project"), "Ctrl+W", "project", group=1),
    ActionSpec("preferences", "file", N_("Preferences"), "Ctrl+,", group=2),
    ActionSpec("quit", "file", N_("Quit"), "Ctrl+Q", group=3),
    ActionSpec("undo", "edit", N_("Undo"), "Ctrl+Z", "undo"),
    ActionSpec("redo", "edit", N_("Redo"), "Ctrl+Shift+Z", "redo"),
    ActionSpec("rename_project", "edit", N_("Rename project"), "F2", "writable", group=1),
    ActionSpec("browse_models", "model", N_("Browse models"), "Ctrl+Shift+M"),
    ActionSpec("add_model_folder", "model", N_("Add a folder of models…"), "Ctrl+Shift+A"),
    ActionSpec("import_data", "data", N_("Import data…"), "Ctrl+I", "writable"),
    ActionSpec("check_data", "data", N_("Check data again"), "Ctrl+K", "data"),
    ActionSpec("label_doctor", "data", N_("Find wrong labels…"), "Ctrl+Shift+D", "data", group=1),
    ActionSpec("correct_boxes", "data", N_("Correct boxes…"), "Ctrl+Shift+B", "boxes", group=1),
    ActionSpec("export_data", "data", N_("Export the data…"), "Ctrl+Shift+E", "data", group=1),
    ActionSpec("start_training", "train", N_("Start training"), "Ctrl+R", "can_train"),
    ActionSpec("pause_training", "train", N_("Pause or go on"), "Ctrl+P", "training"),
    ActionSpec("stop_training", "train", N_("Stop and keep the best"), "Ctrl+.", "training"),
    ActionSpec("resume_run", "train", N_("Resume the last run"), "Ctrl+Shift+R", "can_resume", group=1),
    ActionSpec("export_model", "export", N_("Export model…"), "Ctrl+E", "result"),
    ActionSpec("write_report", "export", N_("Report…"), "Ctrl+Shift+P", "result"),
    ActionSpec("fold_rail", "view", N_("Fold the rail"), "Ctrl+B", checkable=True, group=1),
    ActionSpec("show_messages", "view", N_("Messages"), "Ctrl+Shift+L", checkable=True, group=1),
    ActionSpec("set_theme", "view", N_("Theme: as the system"), "Ctrl+Alt+1", argument="system", group=2),
    ActionSpec("set_theme", "view", N_("Theme: light"), "Ctrl+Alt+2", argument="light", group=2),
    ActionSpec("set_theme", "view", N_("Theme: dark"), "Ctrl+Alt+3", argument="dark", group=2),
    ActionSpec("set_theme", "view", N_("Theme: high contrast"), "Ctrl+Alt+4", argument="contrast", group=2),
    ActionSpec("full_screen", "view", N_("Full screen"), "F11", checkable=True, group=3),
    ActionSpec("help", "help", N_("Help on this page"), "F1"),
    ActionSpec("shortcuts", "help", N_("Keyboard shortcuts"), "Ctrl+/"),
    ActionSpec("about", "help", N_("About Fine-Tuning Studio"), "Shift+F1", group=1),
)


def of_stages(stages: list[tuple[str, str]]) -> list[ActionSpec]:
    """Return the entries that go to each stage (key, title), Ctrl+1 to Ctrl+9 and Ctrl+0."""
    return [
        ActionSpec("go_to", "view", title, f"Ctrl+{at % 10}" if at <= 10 else "", argument=key)
        for at, (key, title) in enumerate(stages, start=1)
    ]


def of_studies(studies: list[tuple[str, str]]) -> list[ActionSpec]:
    """Return the entries that show each study (key, title) on the Advice page, Ctrl+Alt+Shift+1 onwards."""
    return [
        ActionSpec("show_study", "train", title, f"Ctrl+Alt+Shift+{at}" if at < 10 else "", "project", key, group=2)
        for at, (key, title) in enumerate(studies, start=1)
    ]


def of_exporters(formats: list[tuple[str, str]]) -> list[ActionSpec]:
    """Return the entries that export in each format (key, title), Ctrl+Shift+1 to 9, 0, and F1 onwards."""
    keys = [*"1234567890", *(f"F{at}" for at in range(1, 13))]
    return [
        ActionSpec("export_as", "export", title, f"Ctrl+Shift+{press}" if press else "", "result", key, group=1)
        for (key, title), press in zip_longest(formats, keys[: len(formats)])
    ]
