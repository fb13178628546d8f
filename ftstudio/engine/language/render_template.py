"""Writes one conversation by a chat template, in a process of its own with little time and memory.

Run by path; imports nothing of this program. Reads a JSON object with `template`, `messages`, `tokens`, `seconds` and
`bytes` from stdin; ends with 0 and the number of letters on stdout where that went well or where the template merely
refuses these messages, with `TOO_LARGE` where memory did not suffice. Too much time ends it from outside.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from datetime import datetime
from typing import Any, NoReturn

TOO_LARGE = 3


def main() -> int:
    """Write the conversation on stdin."""
    request = json.load(sys.stdin)
    from jinja2 import TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def refuse(message: str) -> NoReturn:
        raise TemplateError(message)

    around: Any = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    around.filters["tojson"] = lambda value, indent=None: json.dumps(value, ensure_ascii=False, indent=indent)
    around.globals |= {"raise_exception": refuse, "strftime_now": lambda form: datetime.now().strftime(form)}
    _limit(request["seconds"], request["bytes"])
    letters = 0
    try:
        for piece in around.from_string(request["template"]).generate(
            messages=request["messages"], add_generation_prompt=False, **request["tokens"]
        ):
            letters += len(piece)
            if letters > request["bytes"]:
                return TOO_LARGE
    except MemoryError:
        return TOO_LARGE
    except Exception:  # what is wrong with a template is told where its words are wanted
        return 0
    print(letters)
    return 0


def _limit(seconds: int, size: int) -> None:
    """Let this process compute for some seconds and take some bytes more than it has, where the system can."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        import psutil

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + size,) * 2)


if __name__ == "__main__":
    sys.exit(main())
