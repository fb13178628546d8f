"""Gives a trained model away in one of the catalogue's formats: whole, checked in a fresh process, or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.file_names import safe_name
from ftstudio.core.messages import Request
from ftstudio.core.specs import ExporterSpec, JobSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_
from ftstudio.engine import write_errors
from ftstudio.engine.context import JobContext
from ftstudio.engine.model_card import CARD, MAKER
from ftstudio.engine.trained import TrainedModel, open_trained
from ftstudio.project import atomic, disk_errors
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.runs import find_run

SPEC = JobSpec(key="export", title=N_("Export a trained model"))

_SOURCES = {"huggingface": "Hugging Face"}


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Export `run` in `format` to the folder `to` and return the `export` document.

    An existing target is refused unless `overwrite`, and then only an earlier export is replaced. `path` in the
    document tells where it really lies: the name is changed where some system would refuse it.
    """
    options = request.options
    exporter = catalog.exporters().module(str(options.get("format")))
    project = context.project().layout
    trained = open_trained(project, find_run(project, options.get("run")))
    refuse_unsuitable(exporter.SPEC, trained.source)
    target = _target(str(options.get("to") or ""), project, overwrite=bool(options.get("overwrite")))
    context.progress(text("Writing the export"), 0, 2)
    with _building(target) as folder:
        exporter.export(trained, folder)
        context.control.check()
        context.progress(text("Checking the export in a fresh process"), 1, 2)
        certificate = _certificate(exporter.LOADER, trained, folder, project)
        context.control.check()
    return {
        "run": trained.run,
        "format": exporter.SPEC.key,
        "path": str(target),
        "files": sorted(path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()),
        "certificate": certificate,
    }


def refuse_unsuitable(spec: ExporterSpec, source: str) -> None:
    """Raise `InputError`, saying why, if a model of this source cannot be written in this format."""
    if source not in spec.suits:
        others = [other.key for other in catalog.exporters() if source in other.suits]
        raise InputError(
            text(
                "The format “{key}” is not made for {source} models.", key=spec.key, source=_SOURCES.get(source, source)
            ),
            text("Choose one of: {choices}.", choices=", ".join(others)),
            field="format",
        )
    missing = " ".join(name for name in spec.needs if find_spec(name) is None)
    if missing:
        raise InputError(
            text("The format “{key}” needs packages that are not installed: {names}.", key=spec.key, names=missing),
            text("Install them with: pip install {names}.", names=missing),
            field="format",
        )


def _target(wanted: str, project: ProjectLayout, *, overwrite: bool) -> Path:
    """Return where the export goes, after refusing every place it must not go; nothing is written yet."""
    given = Path(os.path.normpath(Path(wanted).expanduser().absolute()))
    if not wanted.strip() or not given.name:
        raise InputError(text("There is no name for the export."), text("Give a folder to write it to."), field="to")
    target = given.with_name(safe_name(given.name))
    own = (project.runs.resolve(), project.data.resolve())
    real = target.parent.resolve() / target.name
    if project.root.resolve().is_relative_to(real) or any(real.is_relative_to(folder) for folder in own):
        raise InputError(
            text("“{path}” belongs to the project itself.", path=str(target)),
            text("Choose a folder outside of it, or one in its “exports” folder."),
            field="to",
            file=str(target),
        )
    if os.path.lexists(target):
        _refuse_existing(target, overwrite=overwrite)
    return target


def _refuse_existing(target: Path, *, overwrite: bool) -> None:
    if not overwrite:
        raise InputError(
            text("“{path}” exists already.", path=str(target)),
            text("Choose another name, or allow it to be replaced (--overwrite)."),
            field="to",
            file=str(target),
        )
    if not _is_an_export(target):
        raise InputError(
            text("“{path}” is not an earlier export, so it is not replaced.", path=str(target)),
            text("Choose another name, or remove it yourself."),
            field="to",
            file=str(target),
        )


def _is_an_export(target: Path) -> bool:
    if target.is_symlink() or not target.is_dir():
        return False
    try:
        return not any(target.iterdir()) or MAKER in (target / CARD).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


@contextmanager
def _building(target: Path) -> Iterator[Path]:
    """Yield a folder that becomes `target` at the end; folders made on the way to it are removed again on failure."""
    made = [folder for folder in target.parents if not folder.exists()]
    try:
        _check_writable(target)
        with write_errors.told(target), atomic.building_folder(target, replace=target.exists()) as folder:
            yield folder
    finally:
        if not target.exists():
            for folder in made:
                with suppress(OSError):
                    folder.rmdir()


def _check_writable(target: Path) -> None:
    """Make the folder that the target lies in; raises `InputError` if nothing can be written there."""
    probe = atomic.temporary_sibling(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        probe.mkdir()
        probe.rmdir()
    except OSError as error:
        raise disk_errors.refuse(error, target) from error


def _certificate(loader: Path, trained: TrainedModel, folder: Path, project: ProjectLayout) -> dict[str, Any] | None:
    """Return the proof that the export answers as the trained model does, None where there are no rows."""
    from ftstudio.engine import proving

    with tempfile.TemporaryDirectory(prefix="ftstudio-") as scratch:
        expected = proving.expect(trained, project.data, Path(scratch))
        return proving.prove(folder, loader, trained, expected) if expected else None
