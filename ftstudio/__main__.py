"""The one door into the program: the window, a worker, or a verb of the command line; only the chosen one is imported.

The same door serves a checkout, an installed wheel and a frozen application (`sys.executable --worker`).
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ftstudio.cli.window import Opening

WORKER = "--worker"
PROBE = "--probe"
PRINT = "--print"
TRY_TEMPLATE = "--try-template"


def main(argv: Sequence[str] | None = None) -> int:
    """Run what `argv` (default: the process's own arguments) asks for and return the exit code."""
    multiprocessing.freeze_support()
    _give_streams()
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == [WORKER]:
        from ftstudio.worker.main import main as work

        return work()
    if arguments[:1] == [PROBE]:
        from ftstudio.cli.checkup.probe import main as probe

        return probe()
    if arguments[:1] == [PRINT]:
        from ftstudio.gui.printing import main as draw

        return draw(arguments[1:])
    if arguments[:1] == [TRY_TEMPLATE]:
        from ftstudio.engine.language.render_template import main as render

        return render()
    from ftstudio.cli.main import main as command

    return command(arguments, _open_window)


def _open_window(opening: Opening) -> int:
    from ftstudio.gui.app import main as show

    return show(opening.project, opening.sample, opening.train)


def _give_streams() -> None:
    """Send prints to the log where there is no console, as in a windowed program on Windows (streams are None)."""
    if sys.stdout is None or sys.stderr is None:  # pythonw, a windowed bundle
        from ftstudio.core.paths import log_folder

        log = (log_folder() / "output.txt").open("a", encoding="utf-8", errors="backslashreplace", buffering=1)
        sys.stdout = sys.stdout or log
        sys.stderr = sys.stderr or log


if __name__ == "__main__":
    sys.exit(main())
