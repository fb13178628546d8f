"""Which forms a trained model can leave the program in, on this computer, and why not in the others. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.specs import ExporterSpec, Modality, TaskSpec
from ftstudio.core.text import Text, text
from ftstudio.core.tuning_methods import METHODS
from ftstudio.models import library
from ftstudio.project.runs import RunRequest, RunSummary

_SOURCES = {
    "huggingface": text("Hugging Face models"),
    "timm": text("timm models"),
    "torchvision": text("torchvision networks"),
}
_KINDS = {Modality.TEXT: text("models that read texts"), Modality.IMAGE: text("models that read pictures")}


@dataclass(frozen=True)
class Exportable:
    """What decides the forms that a run's model can have: where it comes from, what it does, how it was tuned."""

    source: str
    task: TaskSpec
    method: str


def exportable(run: RunSummary) -> Exportable:
    """Return what an export has to know of a finished run; raises `InputError` if its model cannot be read."""
    if run.request is None or not run.layout.model.is_dir():
        raise InputError(
            text("The run “{run}” left no model.", run=run.name),
            text("Choose a run that finished, or resume this one."),
            field="run",
        )
    return described(run.request, library.read_model(run.layout.model).source)


def described(request: RunRequest, source: str) -> Exportable:
    """Return what an export has to know of a run, for a model of a known source; nothing is read."""
    task = request.spec
    return Exportable(source, task, str(request.settings.get("tuning_method", "")))


def refusal(spec: ExporterSpec, model: Exportable) -> InputError | None:
    """Return why this model cannot be written in this form here, with what to do about it; None if it can."""
    return _unsuited(spec, model) or incomplete(spec)


def incomplete(spec: ExporterSpec) -> InputError | None:
    """Return what this computer lacks to make an export of this form, and how to get it; None if it lacks nothing."""
    lacking = " ".join(name for name in spec.needs if find_spec(name) is None)
    if lacking:
        return InputError(
            text(
                "“{title}” needs packages that are not installed: {names}.",
                title=text(spec.title),
                names=lacking,
            ),
            text("Install them with: pip install {names}", names=lacking),
            field="format",
        )
    return spec.missing()


def _unsuited(spec: ExporterSpec, model: Exportable) -> InputError | None:
    reason = _why_unsuited(spec, model)
    if reason is None:
        return None
    others = ", ".join(other.key for other in formats_in_order() if _why_unsuited(other, model) is None)
    return InputError(reason, text("Choose one of: {choices}.", choices=others), field="format")


def is_conceivable(spec: ExporterSpec, model: Exportable) -> bool:
    """Whether a model of this make and task can have this form at all, however tuned, whatever is installed."""
    return _why_inconceivable(spec, model) is None


def _why_unsuited(spec: ExporterSpec, model: Exportable) -> Text | None:
    if (reason := _why_inconceivable(spec, model)) is not None:
        return reason
    if spec.methods and model.method not in spec.methods:
        methods = ", ".join(str(text(METHODS[key].title)).partition(":")[0] for key in sorted(spec.methods))
        return text("“{title}” is only for runs tuned with {methods}.", title=text(spec.title), methods=methods)
    return None


def _why_inconceivable(spec: ExporterSpec, model: Exportable) -> Text | None:
    title = text(spec.title)
    if model.source not in spec.suits:
        kind = _SOURCES.get(model.source, model.source)
        return text("“{title}” is not made for {kind}.", title=title, kind=kind)
    if model.task.modality not in spec.modalities:
        return text("“{title}” is not made for {kind}.", title=title, kind=_KINDS[model.task.modality])
    if model.task.answer not in spec.answers:
        return text("“{title}” is not made for the task “{task}” yet.", title=title, task=text(model.task.title))
    return None


def formats_in_order() -> list[ExporterSpec]:
    """Return the formats in the order they are shown."""
    return sorted(catalog.exporters(), key=lambda spec: (spec.order, spec.key))
