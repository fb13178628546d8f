"""Gives a trained model away in one of the catalogue's formats: whole, checked in a fresh process, or not at all.

What fails its check is kept aside under another name, with the certificate that says why, and is not called done.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ftstudio.core import catalog
from ftstudio.core.errors import ErrorDocument, InputError, StudioError
from ftstudio.core.file_names import safe_name
from ftstudio.core.messages import Request
from ftstudio.core.specs import JobSpec
from ftstudio.core.text import Text, text
from ftstudio.core.translation import N_
from ftstudio.engine.context import JobContext
from ftstudio.engine.export.model_card import CARD, MAKER
from ftstudio.engine.runs import write_errors
from ftstudio.engine.runs.trained import TrainedModel, open_trained
from ftstudio.planning.export_offers import exportable, refusal
from ftstudio.project import atomic, disk_errors, leftovers
from ftstudio.project.exports import FAILED_CHECK
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.own_files import is_own
from ftstudio.project.runs import find_run

SPEC = JobSpec(key="export", title=N_("Export a trained model"))

_NAMED = 3
_LEFTOVERS = frozenset({"__pycache__", ".DS_Store", "Thumbs.db", "desktop.ini"})  # nobody misses them


def run(request: Request, context: JobContext) -> dict[str, Any]:
    """Export `run` in `format` to the folder `to` and return the `export` document.

    An existing target is refused unless `overwrite`, and then only an earlier export is replaced. `path` in the
    document tells where it really lies: the name is changed where some system would refuse it. An export that failed
    its check lies aside, and the document says so under `error`.
    """
    options = request.options
    exporter = catalog.exporters().module(str(options.get("format")))
    project = context.project().layout
    summary = find_run(project, options.get("run"))
    refused = refusal(exporter.SPEC, exportable(summary))
    if refused is not None:
        raise refused
    trained = open_trained(project, summary)
    target = _target(str(options.get("to") or ""), project, overwrite=bool(options.get("overwrite")))
    with _building(target) as place:
        certificate = _make(exporter, trained, place.built, context)
        context.control.check()
        place.passed = certificate is None or bool(certificate["passed"])
    return {
        "run": trained.run,
        "format": exporter.SPEC.key,
        "path": str(place.lies),
        "files": sorted(path.relative_to(place.lies).as_posix() for path in place.lies.rglob("*") if path.is_file()),
        "certificate": certificate,
        **({} if place.passed else {"error": _failure(certificate or {}, place.lies)}),
    }


def _make(exporter: ModuleType, trained: TrainedModel, folder: Path, context: JobContext) -> dict[str, Any] | None:
    """Write and prove the export; returns its certificate, None where there are no rows to ask about."""
    from ftstudio.engine.export import certificates

    context.progress(text("Writing the export"))
    exporter.export(trained, folder)
    context.control.check()
    judgement = _judgement(exporter, trained, folder, context)
    if judgement is None:
        return None
    document = certificates.certificate(trained, exporter.SPEC, folder, judgement)
    certificates.write(document, folder)
    return document


def _judgement(exporter: ModuleType, trained: TrainedModel, folder: Path, context: JobContext) -> Any:
    from ftstudio.engine.export import judging, proving

    def tick(done: int, total: int) -> None:
        context.control.check()
        context.progress(text("Asking the trained model"), done, total)

    with tempfile.TemporaryDirectory(prefix="ftstudio-") as scratch:
        expected = proving.expect(trained, exporter.SPEC, Path(scratch), tick)
        if expected is None:
            return None
        context.progress(text("Checking the export in a fresh process"))
        return judging.judged(exporter, trained, folder, expected, context.control.check)


def _failure(certificate: dict[str, Any], lies: Path) -> dict[str, Any]:
    """Return the error of an export that answers otherwise than its model."""
    reason = Text.model_validate(certificate["reason"])
    error = StudioError(
        text("The export was made but failed its check: {reason}.", reason=reason),
        text(
            "It is kept aside in “{folder}” and is not to be used. Your run is unchanged; try another format.",
            folder=lies.name,
        ),
        file=str(lies),
    )
    return ErrorDocument.of(error).as_json()


def _target(wanted: str, project: ProjectLayout, *, overwrite: bool) -> Path:
    """Return where the export goes, after refusing every place it must not go; nothing is written yet."""
    given = Path(os.path.normpath(Path(wanted).expanduser().absolute()))
    if not wanted.strip() or not given.name:
        raise InputError(text("There is no name for the export."), text("Give a folder to write it to."), field="to")
    target = given.with_name(safe_name(given.name))
    real = Path(os.path.realpath(target.parent)) / target.name
    if Path(os.path.realpath(project.root)).is_relative_to(real) or is_own(project, target):
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
    added = _added(target)
    if added:
        some = ", ".join([*added[:_NAMED], *["…"] * (len(added) > _NAMED)])
        raise InputError(
            text("“{path}” holds files that the export did not write: {files}.", path=str(target), files=some),
            text("Move them elsewhere, or choose another name."),
            field="to",
            file=str(target),
        )


def _added(target: Path) -> list[str]:
    """Return what somebody put into an earlier export, by its certificate; [] where it has none to tell."""
    from ftstudio.engine.export.certificates import DOCUMENT, READABLE

    try:
        listed = json.loads((target / DOCUMENT).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    known, found = {*listed, DOCUMENT, READABLE}, (path for path in target.rglob("*") if not path.is_dir())
    names = (path.relative_to(target) for path in found)
    return sorted(
        name.as_posix() for name in names if name.as_posix() not in known and _LEFTOVERS.isdisjoint(name.parts)
    )


def _is_an_export(target: Path) -> bool:
    if target.is_symlink() or not target.is_dir():
        return False
    try:
        return not any(target.iterdir()) or MAKER in (target / CARD).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


@dataclass
class _Place:
    """Where an export is built, and where it comes to lie in the end."""

    built: Path
    lies: Path
    passed: bool = False


@contextmanager
def _building(target: Path) -> Iterator[_Place]:
    """Yield a folder that becomes `target` at the end, or one beside it if it has not `passed`.

    On failure it vanishes, and so do the folders that were made on the way to it.
    """
    made = [folder for folder in target.parents if not folder.exists()]
    place = _Place(atomic.temporary_sibling(target), target)
    try:
        _check_writable(target)
        with write_errors.told(target):
            place.built.mkdir()
            yield place
            place.lies = target if place.passed else _aside(target)
            atomic.place_folder(place.built, place.lies, replace=place.lies.exists())
    finally:
        atomic.remove_folder(place.built)
        if not place.lies.exists():
            for folder in made:
                with suppress(OSError):
                    folder.rmdir()


def _aside(target: Path) -> Path:
    """Return an unused name beside `target` for an export that failed its check."""
    names = (f"{target.name}{FAILED_CHECK}{f'-{number}' if number > 1 else ''}" for number in range(1, 10_000))
    return next(path for name in names if not os.path.lexists(path := target.with_name(name)))


def _check_writable(target: Path) -> None:
    """Make the folder that the target lies in; raises `InputError` if nothing can be written there."""
    probe = atomic.temporary_sibling(target)
    leftovers.sweep(target.parent)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        probe.mkdir()
        probe.rmdir()
    except OSError as error:
        raise disk_errors.refuse(error, target) from error
