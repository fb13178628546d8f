"""Tries a chat template before it is used: it is a program of others, and one that never ends must not hang a training.

The sandbox of transformers keeps a template from everything but time and memory. So each is run once on a short
conversation in a process of its own that may have little of both.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import lru_cache

from ftstudio.core.errors import InputError
from ftstudio.core.text import Text, text
from ftstudio.engine.language import render_template

DOOR = "--try-template"
SECONDS, BYTES = 5, 256 << 20
_WALL = 60.0  # seconds; of a process that others keep from computing
_TALK = (
    {"role": "user", "content": "What is two and two?"},
    {"role": "assistant", "content": "Four."},
    {"role": "user", "content": "And three and three?"},
    {"role": "assistant", "content": "Six."},
)


@lru_cache(maxsize=16)
def check(template: str) -> None:
    """Raise `InputError` for a template that writes a short conversation for seconds, or endlessly long."""
    tokens = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "</s>", "unk_token": "<unk>"}
    asked = {"template": template, "messages": _TALK, "tokens": tokens, "seconds": SECONDS, "bytes": BYTES}
    frozen = getattr(sys, "frozen", False)
    command = [sys.executable, DOOR] if frozen else [sys.executable, "-P", render_template.__file__]
    try:
        done = subprocess.run(
            command, input=json.dumps(asked), text=True, capture_output=True, timeout=_WALL, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _endless() from error
    if done.returncode == render_template.TOO_LARGE:
        raise _bad(text("The chat template of this model writes more than fits into memory."))
    if done.returncode < 0:  # ended by the system: its time was over
        raise _endless()


def _endless() -> InputError:
    return _bad(text("The chat template of this model does not come to an end."))


def _bad(message: Text) -> InputError:
    return InputError(message, text("Choose another model, or put a sound template into its folder."), field="model")
