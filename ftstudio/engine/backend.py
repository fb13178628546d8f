"""Prepares this process for the heavy libraries; called before transformers, timm or torchvision are imported."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from ftstudio.core import offline


@cache
def prepare() -> None:
    """Go offline, make torchvision importable, silence progress bars. Cheap to call again."""
    os.environ.update(offline.VARIABLES)
    from ftstudio.engine.vision import torchvision_compat

    torchvision_compat.ensure()
    import transformers

    logging: Any = transformers.utils.logging  # untyped there
    logging.set_verbosity_error()
    logging.disable_progress_bar()
