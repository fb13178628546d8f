"""The certificate of an export: what it answered beside what the trained model answers, and what was allowed.

It goes with the export as JSON and as text for people; both are in English, because they travel with the files. It
holds counts, scores, sizes and hashes, never rows of the user's data.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ftstudio import __version__
from ftstudio.core.specs import ExporterSpec
from ftstudio.core.text import Text
from ftstudio.core.translation import english
from ftstudio.engine.export.judging import Judgement
from ftstudio.engine.runs.trained import TrainedModel
from ftstudio.project import atomic
from ftstudio.project.certificate_figures import compares_numbers
from ftstudio.project.weights import describe

DOCUMENT, READABLE = "certificate.json", "CERTIFICATE.txt"


def certificate(trained: TrainedModel, spec: ExporterSpec, folder: Path, judgement: Judgement) -> dict[str, Any]:
    """Return the certificate of the export in `folder`, with the hash and the size of every file."""
    files = {path.relative_to(folder).as_posix(): describe(path).model_dump() for path in _files(folder)}
    return {
        "passed": judgement.passed,
        "reason": judgement.reason.model_dump() if judgement.reason else None,
        "format": spec.key,
        "run": trained.run,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "made_with": {"ftstudio": __version__, "python": platform.python_version()},
        "machine": f"{platform.system()} {platform.machine()}",
        **judgement.figures,
        "bytes": {
            "before": sum(path.stat().st_size for path in _files(trained.folder)),
            "after": sum(file["bytes"] for file in files.values()),
        },
        "files": files,
    }


def write(document: Mapping[str, Any], folder: Path) -> None:
    """Put a certificate beside the export it is about; raises `OSError`."""
    atomic.write_json(folder / DOCUMENT, document)
    atomic.write_text(folder / READABLE, readable(document))


def readable(document: Mapping[str, Any]) -> str:
    """Return a certificate as a person reads it, in English."""
    with english():
        return _readable(document)


def _readable(document: Mapping[str, Any]) -> str:
    verdict = "PASSED" if document["passed"] else f"FAILED: {Text.model_validate(document['reason'])}"
    lines = [f"Certificate of an export as “{document['format']}”", "", verdict, "", *_story(document)]
    lines += ["", "Files (SHA-256, bytes, name)", ""]
    lines += [f"{file['sha256']}  {file['bytes']:>12,}  {name}" for name, file in document["files"].items()]
    return "\n".join(lines) + "\n"


def _story(document: Mapping[str, Any]) -> list[str]:
    versions = ", ".join(f"{name} {version}" for name, version in document.get("runs_with", {}).items())
    lines = [
        f"Made from the run {document['run']} on {document['made']} with ftstudio {document['made_with']['ftstudio']}.",
        f"The files were loaded in a fresh process of their own and asked about {document['rows']} rows of the "
        f"{document['split']} data.",
    ]
    if versions:
        lines.append(f"They ran with: {versions}; {document['machine']}.")
    return [*lines, "", *_comparison(document)] if "agreeing" in document else lines


def _comparison(document: Mapping[str, Any]) -> list[str]:
    times, sizes, metrics = document["milliseconds_a_row"], document["bytes"], document["metrics"]
    texts = document.get("texts")
    lines = [
        f"Same answers          {document['agreeing']} of {document['asked']} ({document['agreement']:.1%})",
        *([f"Same texts written    {texts['same']} of {texts['asked']}"] if texts else []),
        f"Largest difference    {_largest(document)}",
        f"Allowed               {_allowed(document['bounds'])}",
        "",
        f"{'':22}{'trained model':>14}{'export':>14}",
    ]
    lines += [f"{key:22}{metrics['before'][key]:>14.4f}{metrics['after'][key]:>14.4f}" for key in metrics["before"]]
    lines.append(f"{'ms a row':22}{times['before']:>14.2f}{times['after']:>14.2f}")
    lines.append(f"{'bytes':22}{sizes['before']:>14,}{sizes['after']:>14,}")
    return [*lines, *_beside(document.get("beside", {}))]


def _largest(document: Mapping[str, Any]) -> str:
    if compares_numbers(document):
        return f"{document['largest_difference']:.2g} (in the unit of the numbers)"
    shares = document["largest_probability_difference"]
    return f"{document['largest_difference']:.2g} (before softmax), {shares:.2g} (probabilities)"


def _beside(figures: Mapping[str, float]) -> list[str]:
    """Say what a loader found that had the trained model beside the export."""
    if not figures:
        return []
    return [
        "",
        f"Texts cut into the same tokens           {figures['same_tokens']:.1%}",
        f"Same likeliest next token                {figures['same_next_token']:.1%}",
        f"Largest difference of any next token     {figures['largest_logit_difference']:.2g} (before softmax)",
    ]


def _allowed(allowed: Mapping[str, float]) -> str:
    if "tolerance_of_spread" in allowed:
        return f"{allowed['tolerance_of_spread']:g} of the standard deviation of the numbers, beside rounding"
    if "tolerance" in allowed:
        return f"{allowed['tolerance']:g} of the largest value before softmax"
    if "most_probability_difference" in allowed:
        return f"{allowed['most_probability_difference']:g} of a probability (pictures are resized by another library)"
    within = allowed.get("same_within_of_spread")
    same = f" (within {within:g} of their standard deviation)" if within else ""
    return f"{allowed['least_agreement']:.0%} same answers at least{same}, a loss of {allowed['most_loss']:g} at most"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in (DOCUMENT, READABLE))
