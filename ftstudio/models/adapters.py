"""Adapters as peft writes them: what one was made for, where that may lie, and whether it fits. No torch.

An adapter is no model by itself: it changes some layers of a base model, which its folder only names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ftstudio.core.errors import InputError
from ftstudio.core.text import Text, text
from ftstudio.models import starters
from ftstudio.models.json_files import read_object, read_optional
from ftstudio.models.records import ModelKind
from ftstudio.models.safetensors_header import read_header
from ftstudio.models.weights import INDEX, SINGLE

ADAPTER_CONFIG, ADAPTER_WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_PREFIX = "base_model.model."
_KINDS = {
    "CAUSAL_LM": ModelKind.TEXT_DECODER,
    "SEQ_CLS": ModelKind.TEXT_ENCODER,
    "TOKEN_CLS": ModelKind.TEXT_ENCODER,
    "QUESTION_ANS": ModelKind.TEXT_ENCODER,
    "SEQ_2_SEQ_LM": ModelKind.TEXT_TO_TEXT,
}


@dataclass(frozen=True)
class Adapter:
    """A LoRA adapter: what its base is called, what it was trained for, and the matrices it adds to, (out, in) each."""

    folder: Path
    base: str
    task_type: str
    layers: Mapping[str, tuple[int, int]]
    transposed: bool

    @property
    def kind(self) -> ModelKind:
        """The kind of its base, as far as the adapter tells."""
        return _KINDS.get(self.task_type, ModelKind.OTHER)


def is_adapter(folder: Path) -> bool:
    """Tell whether a folder holds an adapter of peft and no whole model."""
    if any((folder / name).is_file() for name in (SINGLE, INDEX)):
        return False
    return bool(read_optional(folder / ADAPTER_CONFIG).get("peft_type"))


def read_adapter(folder: Path) -> Adapter:
    """Describe the adapter in a folder; raises `InputError` if it is damaged or of a kind that is not known."""
    said = read_object(folder / ADAPTER_CONFIG)
    base, kind = said.get("base_model_name_or_path"), said.get("peft_type")
    if kind != "LORA":
        raise _unusable(folder, text("its kind is {kind}, and only LoRA is known here", kind=str(kind)))
    if not isinstance(base, str) or not base.strip():
        raise _unusable(folder, text("it does not say what base model it was made for"))
    if not (folder / ADAPTER_WEIGHTS).is_file():
        raise _unusable(folder, text("{file} is missing", file=ADAPTER_WEIGHTS))
    return Adapter(
        folder=folder,
        base=base,
        task_type=str(said.get("task_type") or ""),
        layers=_layers(folder),
        transposed=said.get("fan_in_fan_out") is True,
    )


def _layers(folder: Path) -> dict[str, tuple[int, int]]:
    shapes = read_header(folder / ADAPTER_WEIGHTS).shapes
    found = {}
    for name, down in shapes.items():
        layer, mark, _ = name.partition(".lora_A.")
        up = shapes.get(name.replace(".lora_A.", ".lora_B.")) if mark else None
        if up and len(down) == len(up) == 2:
            found[layer.removeprefix(_PREFIX)] = (up[0], down[1])
    if not found:
        raise _unusable(folder, text("it holds no layers of LoRA"))
    return found


def base_folders(adapter: Adapter, found: Iterable[tuple[str, Path]]) -> Iterator[Path]:
    """Yield where the base may lie, the likeliest first: at its path, among the starters, and in what was `found`.

    `found` are names of models with their folders. A model of the same last name counts, whoever offers it.
    """
    for path in (Path(adapter.base).expanduser(), adapter.folder / adapter.base):
        if path.is_dir() and path.resolve() != adapter.folder.resolve():
            yield path
    for one in starters.STARTERS:
        if adapter.base in (one.title, one.name) and one.is_installed():
            yield one.prepared() if one.needs_preparing else one.installed()
    wanted = _last(adapter.base)
    yield from (path for name, path in found if _last(name) == wanted and path.resolve() != adapter.folder.resolve())


def _last(name: str) -> str:
    return name.replace("\\", "/").rstrip("/").rpartition("/")[2].casefold()


def misfit(adapter: Adapter, shapes: Mapping[str, tuple[int, ...]]) -> Text | None:
    """Return why an adapter was not made for a model with weights of these shapes; None if it fits."""
    for layer, wanted in adapter.layers.items():
        shape = _shape_of(layer, shapes)
        if shape is None:
            return text("it has no layer “{layer}”", layer=layer)
        if shape != (wanted[::-1] if adapter.transposed else wanted):
            return text(
                "its layer “{layer}” is {found}, and the adapter was made for {wanted}",
                layer=layer,
                found=" × ".join(map(str, shape)),
                wanted=" × ".join(map(str, wanted)),
            )
    return None


def _shape_of(layer: str, shapes: Mapping[str, tuple[int, ...]]) -> tuple[int, ...] | None:
    """Return the shape of a layer's matrix; files may name it with a step less, or one more, in front."""
    weight = f"{layer}.weight"
    for name in (weight, weight.partition(".")[2]):
        if name in shapes:
            return shapes[name]
    return next((shape for name, shape in shapes.items() if name.endswith(f".{weight}")), None)


def wrong_base(adapter: Adapter, base: Path, reason: Text) -> InputError:
    """Return the refusal of a base model that an adapter was not made for."""
    return InputError(
        text(
            "The adapter {name} was not made for the model in {base}: {reason}.",
            name=adapter.folder.name,
            base=str(base),
            reason=reason,
        ),
        text("Get the base model that it names: {name}.", name=adapter.base),
        file=str(adapter.folder),
    )


def without_base(adapter: Adapter) -> InputError:
    """Return the refusal of an adapter whose base model is not on this computer."""
    return InputError(
        text(
            "The base model “{base}” of the adapter {name} was not found.", base=adapter.base, name=adapter.folder.name
        ),
        text("Put its folder beside that of the adapter, or add the folder it lies in on the Model page."),
        file=str(adapter.folder),
    )


def _unusable(folder: Path, reason: Text) -> InputError:
    return InputError(
        text("The adapter {name} cannot be used: {reason}.", name=folder.name, reason=reason),
        text("Copy or download it again, or choose another one."),
        file=str(folder),
    )
