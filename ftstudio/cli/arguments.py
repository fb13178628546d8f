"""Reading a command: a parser that raises instead of exiting, and the arguments that several verbs share."""

from __future__ import annotations

import argparse
import difflib
import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from ftstudio.cli.console import print_lines
from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.core.translation import tr


class _Help(argparse.HelpFormatter):
    """The layout of a help text, with its heading in the language in use."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """Begin with how the command is written."""
        super().add_usage(usage, actions, groups, prefix or f"{tr('usage')}: ")


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are `InputError`s, so that `--json` can report them as a document."""

    def __init__(self, program: str, description: str) -> None:
        super().__init__(
            prog=program, description=description, allow_abbrev=False, add_help=False, formatter_class=_Help
        )
        self._positionals.title, self._optionals.title = tr("arguments"), tr("options")
        self.add_argument("-h", "--help", action="help", help=tr("show this help and end"))

    def print_help(self, file: Any = None) -> None:
        """Show how the command is used; argparse would not notice that nobody can read it."""
        print_lines([self.format_help().rstrip()])

    def error(self, message: str) -> NoReturn:
        """Refuse the command, naming what is wrong and where its help is."""
        raise InputError(
            text("The command cannot be used like this: {reason}.", reason=message.rstrip(".")),
            text("“{program} --help” shows how it is used.", program=self.prog),
        )

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """Parse `words`; raises `InputError`, with the nearest known option for one that is misspelt."""
        arguments, strange = self.parse_known_args(words)
        if not strange:
            return arguments
        known = [option for action in self._actions for option in action.option_strings]
        near = difflib.get_close_matches(strange[0].partition("=")[0], known, n=1)
        hint = (
            text("Did you mean “{option}”? “{program} --help” shows all options.", option=near[0], program=self.prog)
            if near
            else text("“{program} --help” shows how it is used.", program=self.prog)
        )
        raise InputError(text("“{word}” is not understood here.", word=strange[0]), hint)


def a_path(word: str) -> Path:
    """Read a path; an empty word (an unset variable of a script) is refused, because it would mean this folder."""
    path = Path(a_word(word))
    _check_length(path)
    return path


def a_place(word: str) -> Path:
    """Read a path whose last name is made fit for all systems later, so that only what lies above must be possible."""
    path = Path(a_word(word))
    _check_length(path.parent)
    return path


def _check_length(path: Path) -> None:
    """Refuse a path that no file can have: Python's own questions about files fail on it, one by one."""
    try:
        os.lstat(path)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise argparse.ArgumentTypeError(tr("the path is longer than this system allows")) from None


def a_word(word: str) -> str:
    """Read a name that must not be empty."""
    if not word.strip():
        raise argparse.ArgumentTypeError(tr("it is empty"))
    return word


def a_count(word: str) -> int:
    """Read a whole number from 0 on."""
    if not word.isdecimal():
        raise argparse.ArgumentTypeError(tr("it is no whole number from 0 on"))
    return int(word)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json`, which every verb has."""
    parser.add_argument("--json", action="store_true", help=tr("print one JSON document on standard output"))


def add_project(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """Add the project folder as the first argument."""
    parser.add_argument(
        "project", metavar="DIR", type=a_path, nargs="?" if optional else None, help=tr("the project's folder")
    )


def add_run(parser: argparse.ArgumentParser) -> None:
    """Add `--run`, which chooses the run whose model is used."""
    parser.add_argument(
        "--run", metavar="RUN", type=a_word, help=tr("a run's id, or “best” (default: the latest finished run)")
    )


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add `--set KEY=VALUE`, which may be repeated."""
    parser.add_argument(
        "--set",
        dest="settings",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help=tr("a setting that differs from the preset (repeat for more); preset=quick|balanced|thorough"),
    )
