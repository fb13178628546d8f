"""The rows of the layer map as a tree of plain values: stages, the parts that can be chosen, the modules inside them.

The output is on top and the input at the bottom, so that “top layers” and “above” mean what the eye sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ftstudio.core.adapters import adaptable_layers, adapter_parameters, chosen_layers
from ftstudio.core.effort import LEARNING_BYTES, WEIGHT_BYTES, PartEffort, part_efforts
from ftstudio.core.module_tree import BLOCK, Part
from ftstudio.core.settings import TrainingSettings

STAGE, MODULE = "stage", "module"


@dataclass(frozen=True)
class Node:
    """One row: `kind` is that of a part, `stage` (several parts) or `module` (something inside a part).

    `parts` are the names of the parts it stands for (a module stands for the part it is in). `state` is `frozen`,
    `learning`, `adapter` or `mixed`; `learning` counts parameters; `memory` is in bytes; `joins` an epoch.
    """

    name: str
    kind: str
    parts: tuple[str, ...]
    parameters: int
    learning: int
    memory: int
    state: str
    joins: float = 0.0
    children: tuple[Node, ...] = ()


def build_nodes(parts: Sequence[Part], settings: TrainingSettings) -> tuple[Node, ...]:
    """Return the rows for the parts of a model under these settings, from output to input."""
    adapters = (
        _adapters(parts, settings) if any(one.state == "adapter" for one in part_efforts(parts, settings)) else {}
    )
    nodes = [_part_node(one, adapters) for one in reversed(part_efforts(parts, settings))]
    stages = _stages(parts)
    rows: list[Node] = []
    for node in nodes:
        stage = stages.get(node.name, "")
        if stage and rows and rows[-1].kind == STAGE and rows[-1].name == stage:
            rows[-1] = _stage_node(stage, (*rows[-1].children, node))
        else:
            rows.append(_stage_node(stage, (node,)) if stage else node)
    return tuple(rows)


def _adapters(parts: Sequence[Part], settings: TrainingSettings) -> dict[str, int]:
    layers = adaptable_layers(parts)
    chosen = chosen_layers(layers, settings.lora_targets)
    return {layer: adapter_parameters(layers[layer], settings.lora_rank) for layer in chosen}


def _part_node(one: PartEffort, adapters: dict[str, int]) -> Node:
    part = one.part
    children = tuple(_module_node(name, members, one, adapters) for name, members in _modules(part).items())
    return Node(
        part.name,
        part.kind,
        (part.name,),
        part.parameters,
        one.learning,
        one.memory,
        one.state,
        one.joins,
        children if len(children) > 1 else (),
    )


def _modules(part: Part) -> dict[str, list[int]]:
    """Return the places of the weights of each module inside a part: the next step of their names in a block."""
    found: dict[str, list[int]] = {}
    for at, weight in enumerate(part.weights):
        name = weight.rpartition(".")[0]
        if part.kind == BLOCK and weight.startswith(f"{part.name}."):
            name = weight[len(part.name) + 1 :].partition(".")[0]
        found.setdefault(name or weight, []).append(at)
    return found


def _module_node(name: str, members: list[int], one: PartEffort, adapters: dict[str, int]) -> Node:
    part = one.part
    size = sum(_product(part.shapes[at]) for at in members) if part.shapes else 0
    layers = {part.weights[at].rpartition(".")[0] for at in members}
    adapter = sum(adapters.get(layer, 0) for layer in layers) if one.state == "adapter" else 0
    learning = size if one.state == "learning" else adapter
    state = one.state if one.state != "adapter" else "adapter" if adapter else "frozen"
    memory = WEIGHT_BYTES * (size + adapter) + LEARNING_BYTES * learning
    return Node(name, MODULE, (part.name,), size, learning, memory, state, one.joins)


def _product(shape: tuple[int, ...]) -> int:
    size = 1
    for side in shape:
        size *= side
    return size


def _stage_node(name: str, children: tuple[Node, ...]) -> Node:
    states = {child.state for child in children}
    return Node(
        name,
        STAGE,
        tuple(part for child in children for part in child.parts),
        sum(child.parameters for child in children),
        sum(child.learning for child in children),
        sum(child.memory for child in children),
        states.pop() if len(states) == 1 else "mixed",
        min(child.joins for child in children),
        children,
    )


def _stages(parts: Sequence[Part]) -> dict[str, str]:
    """Return the stage of each block, for models whose blocks lie in several stages of which one has several."""
    stages = {part.name: part.name.rpartition(".")[0] for part in parts if part.kind == BLOCK}
    several = set(stages.values())
    return stages if 1 < len(several) < len(stages) and all(several) else {}
