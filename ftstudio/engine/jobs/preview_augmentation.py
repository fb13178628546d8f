"""The job `preview_augmentation`: a few pictures of the project as training will see them, for the settings page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftstudio.core.messages import Request
from ftstudio.core.specs import JobSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.context import JobContext

SPEC = JobSpec(key="preview_augmentation", title=N_("Preview of changed pictures"))


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Write small PNG files into the project's cache; returns their paths.

    Options: `settings` (keys and values of the settings to show), `rows`, `variants`.
    """
    from ftstudio.core.settings import build
    from ftstudio.datasets.store import Dataset
    from ftstudio.engine.vision import augmentation_preview, torchvision_compat

    project = context.project()
    settings = build(dict(request.options.get("settings") or {}))
    context.progress(text("Changing pictures"), 0, 1)
    torchvision_compat.ensure()
    shown = augmentation_preview.write(
        Dataset.open(project.layout.data),
        settings,
        project.layout.cache / "augmentation",
        rows=int(request.options.get("rows", 2)),
        variants=int(request.options.get("variants", 4)),
    )
    return {"pictures": shown}
