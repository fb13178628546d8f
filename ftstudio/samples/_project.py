"""From a sample to a project: write its source, import it, choose its starter model."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from ftstudio.core import catalog
from ftstudio.core.messages import Progress
from ftstudio.core.translation import tr
from ftstudio.datasets.importing import ImportPlan, ImportResult, import_data
from ftstudio.models import library, starters
from ftstudio.project.schema import DataReference, ModelReference
from ftstudio.project.store import Project, create_project


def create(
    sample: ModuleType,
    root: Path,
    name: str,
    progress: Callable[[Progress], None],
    cancelled: Callable[[], bool],
) -> Project:
    """Make the project; whatever goes wrong, the folder is as before."""
    spec = sample.SPEC
    starters.find(spec.starter).installed()
    was_there = root.exists()
    with tempfile.TemporaryDirectory(prefix="ftstudio-sample-") as folder:
        source = sample.write_source(Path(folder))
        project = create_project(root, name or tr(spec.title), spec.task)
        try:
            plan = ImportPlan(sources=(source,))
            result = import_data(project.layout.data, catalog.tasks().spec(spec.task), plan, progress, cancelled)
            project.save(project.file.model_copy(update=_references(spec.starter, result)))
        except BaseException:
            project.close()
            shutil.rmtree(project.layout.root, ignore_errors=True)
            if was_there:
                root.mkdir(exist_ok=True)
            raise
    return project


def _references(starter: str, result: ImportResult) -> dict[str, object]:
    record = library.starter(starter)
    manifest = result.manifest
    return {
        "model": ModelReference(name=record.name, source=record.origin, fingerprint=record.fingerprint),
        "data": DataReference(name=manifest.name, fingerprint=manifest.fingerprint, imported=manifest.imported),
    }
