"""Prepares this process for the heavy libraries; called before transformers, timm or torchvision are imported."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
}


@cache
def prepare() -> None:
    """Go offline, make torchvision importable, silence progress bars. Cheap to call again."""
    os.environ.update(OFFLINE)
    from ftstudio.engine import torchvision_compat

    torchvision_compat.ensure()
    import transformers

    logging: Any = transformers.utils.logging  # untyped there
    logging.set_verbosity_error()
    logging.disable_progress_bar()
