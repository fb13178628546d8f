"""Reads a command, runs its verb (or opens the window) and turns whatever happens into an answer and an exit code.

Exit codes: 0 done, 1 failed while working, 2 wrong use or bad input (nothing was changed).
"""

from __future__ import annotations

import difflib
import locale
import os
import pkgutil
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ftstudio.cli import commands
from ftstudio.cli.console import (
    LostAnswerError,
    answers,
    claimed_stdout,
    deliver,
    hang_up,
    print_document,
    print_error,
    print_lines,
)
from ftstudio.cli.offline import offline
from ftstudio.core import translation
from ftstudio.core.errors import ErrorDocument, InputError, StudioError
from ftstudio.core.text import text

if TYPE_CHECKING:
    from ftstudio.cli.window import Opening


def main(words: Sequence[str], open_window: Callable[[Opening], int] | None = None) -> int:
    """Carry out the command `words` (without the program's name) and return the exit code.

    `open_window` is called for a command that is no verb; the command line itself knows no window.
    """
    translation.use(_language())
    try:
        try:
            return _answer(words, "--json" in words, open_window or _no_window)
        finally:
            deliver()
    except BrokenPipeError:
        # The reader has gone (`ftstudio runs DIR | head`): nothing to say, and nobody to say it to.
        hang_up()
        return 1
    except LostAnswerError as error:
        return _report(error, as_json=False)


def _answer(words: Sequence[str], as_json: bool, open_window: Callable[[Opening], int]) -> int:
    """Carry out the command; whatever goes wrong in it is reported, only a lost answer is the caller's business."""
    try:
        return _carry_out(words, as_json, open_window)
    except (BrokenPipeError, LostAnswerError):
        raise
    except KeyboardInterrupt:
        return _report(StudioError(text("Aborted."), text("A run in progress can be resumed.")), as_json)
    except StudioError as error:
        return _report(error, as_json)
    except Exception as error:
        return _report(error, as_json, traceback.format_exc())


def verb_names() -> list[str]:
    """Return the verbs there are, without importing them."""
    return sorted(info.name.replace("_", "-") for info in pkgutil.iter_modules(commands.__path__))


def _carry_out(words: Sequence[str], as_json: bool, open_window: Callable[[Opening], int]) -> int:
    first = next((word for word in words if word != "--json"), "")
    rest = [word for word in words if word != "--json"][1:]
    if first in verb_names():
        _check_here()
        return _run_verb(first, [*["--json"] * as_json, *rest], as_json)
    if first in ("-h", "--help", "help", "-V", "--version"):
        from ftstudio.cli.help import overview, version

        print_lines([version()] if "ersion" in first or first == "-V" else overview())
        return 0
    if first and not first.startswith("-") and not os.path.lexists(first):
        raise _unknown(first)
    _check_here()
    from ftstudio.cli.window import read_opening

    return open_window(read_opening(words))


def _run_verb(verb: str, words: Sequence[str], as_json: bool) -> int:
    from ftstudio.cli.arguments import Parser, add_json

    module = _load(verb)
    parser = Parser(f"ftstudio {verb}", translation.tr(module.SPEC.summary))
    module.configure(parser)
    add_json(parser)
    arguments = parser.read(words)
    with claimed_stdout(), offline():
        document: dict[str, Any] = module.run(arguments)
    if not answers():
        return 0
    if as_json:
        print_document(document)
    else:
        print_lines(module.show(document))
    exit_code = getattr(module, "exit_code", None)
    return int(exit_code(document)) if exit_code else 0


def _check_here() -> None:
    """Refuse to work in a folder that was removed: paths mean nothing there, and libraries fail in odd ways."""
    try:
        Path.cwd()
    except FileNotFoundError:
        raise InputError(
            text("The folder in which you started this is no longer there."),
            text("Go to another folder with “cd”, then repeat the command."),
        ) from None


def _no_window(opening: Opening) -> int:
    raise InputError(text("There is no window here."), text("“ftstudio --help” lists the verbs."))


def _load(verb: str) -> ModuleType:
    import importlib

    return importlib.import_module(f"{commands.__name__}.{verb.replace('-', '_')}")


def _report(error: BaseException, as_json: bool, details: str = "") -> int:
    document = ErrorDocument.of(error, details)
    print_error(document, as_json=as_json)
    if details and not as_json:
        print(details, file=sys.stderr)
    return document.exit_code


def _unknown(word: str) -> InputError:
    near = difflib.get_close_matches(word, verb_names(), n=1)
    if near:
        hint = text("Did you mean “{verb}”? “ftstudio --help” lists the verbs.", verb=near[0])
    else:
        hint = text("Give a project's folder, or one of the verbs that “ftstudio --help” lists.")
    return InputError(text("“{word}” is neither a verb nor a project's folder.", word=word), hint)


def _language() -> str:
    """Return the language to speak: `FTSTUDIO_LANGUAGE`, else that of the locale."""
    wanted = os.environ.get("FTSTUDIO_LANGUAGE") or _locale_name()
    for language in translation.LANGUAGES:
        if wanted[:2].lower() == language[:2]:
            return language
    return translation.SOURCE_LANGUAGE


def _locale_name() -> str:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(variable):
            return os.environ[variable]
    return locale.getlocale()[0] or ""
