"""The tuning methods over outlines: what each chooses, how a user may name parts, and what is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ftstudio.core import adapters, effort
from ftstudio.core.layer_names import naming_problem
from ftstudio.core.module_tree import Part, outline, with_new_head
from ftstudio.core.presets import Facts, Recommendation, propose
from ftstudio.core.settings import Overrides, TrainingSettings, build, fields, parse_assignment
from ftstudio.core.tuning_methods import METHODS, groups_from_top, matters, parts_named


def encoder(prefix: str = "", blocks: int = 12) -> list[Part]:
    """A small encoder as its file names it, with the head it will get."""
    shapes: dict[str, tuple[int, ...]] = {f"{prefix}embeddings.word_embeddings.weight": (100, 8)}
    for at in range(blocks):
        base = f"{prefix}encoder.layer.{at}"
        for name in ("attention.self.query", "attention.self.value", "attention.output.dense"):
            shapes |= {f"{base}.{name}.weight": (8, 8), f"{base}.{name}.bias": (8,)}
        shapes |= {f"{base}.intermediate.dense.weight": (32, 8), f"{base}.output.LayerNorm.weight": (8,)}
    shapes |= {f"{prefix}pooler.dense.weight": (8, 8)}
    return with_new_head(outline(shapes), 8, 3)


def settings(method: str, **values: Any) -> TrainingSettings:
    return build({"tuning_method": method, **values})


def learning(method: str, parts: list[Part], **values: Any) -> list[str]:
    chosen = METHODS[method].learning(parts, settings(method, **values))
    return [part.name for part in parts if part.name in chosen]


def test_methods_and_choices_are_the_same() -> None:
    field = next(field for field in fields() if field.key == "tuning_method")
    assert list(field.choices) == list(METHODS) == ["head", "top_layers", "gradual", "full", "lora", "custom"]
    for key in METHODS:
        assert settings(key).tuning_method == key


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
def test_each_is_explained_in_two_sentences_with_its_cost(method: Any) -> None:
    sentences = re.split(r"(?<=[.])\s+(?=[A-Z])", re.sub(r"et al\.", "et al", method.summary))
    assert len(sentences) == 2, sentences
    assert re.search(r"cost|memory|time", method.summary)
    assert ":" in method.title


def test_what_each_method_chooses() -> None:
    parts = encoder(blocks=3)
    blocks = [f"encoder.layer.{at}" for at in range(3)]
    assert learning("head", parts) == ["head"]
    assert learning("top_layers", parts, top_layers=2) == [*blocks[1:], "top", "head"]
    assert learning("top_layers", parts, top_layers=9) == [*blocks, "top", "head"]
    assert learning("full", parts) == learning("gradual", parts) == ["embeddings", *blocks, "top", "head"]
    assert learning("lora", parts) == [*blocks, "top", "head"]
    assert learning("lora", parts, lora_targets="layer.1.intermediate.dense") == ["encoder.layer.1", "head"]
    assert learning("custom", parts, custom_layers="head, encoder.layer.1") == ["encoder.layer.1", "head"]


@pytest.mark.parametrize("loaded", ["", "bert."])
@pytest.mark.parametrize(
    ("name", "blocks"),
    [("encoder.layer.1", [1]), ("bert.encoder.layer.1", [1]), ("layer.1", [1]), ("encoder.layer", list(range(12)))],
)
def test_a_block_can_be_named_as_in_file_or_model_and_never_means_another(
    loaded: str, name: str, blocks: list[int]
) -> None:
    if loaded and name == "encoder.layer":
        assert len(parts_named(encoder(loaded), name)) == 12
        return
    found = parts_named(encoder(loaded), name)
    assert [int(part.name.rpartition(".")[2]) for part in found] == blocks


def test_a_block_that_loading_renames_is_found_by_its_numbers() -> None:
    shapes = {f"vit.layers.{at}.mlp.weight": (4, 4) for at in range(3)}
    assert [part.name for part in parts_named(outline(shapes), "vit.encoder.layer.2")] == ["vit.layers.2"]
    both = {f"{side}.block.{at}.mlp.weight": (4, 4) for at in range(2) for side in ("encoder", "decoder")}
    assert parts_named(outline(both), "other.layer.1") == [], "two have this number, so neither is meant"
    assert parts_named(outline(both), "classifier") == []


def test_groups_of_gradual_go_from_the_top_to_the_embeddings() -> None:
    assert groups_from_top(encoder(blocks=2)) == [
        {"top", "head"},
        {"encoder.layer.1"},
        {"encoder.layer.0"},
        {"embeddings"},
    ]


@pytest.mark.parametrize(
    ("method", "values", "field", "told"),
    [
        ("custom", {}, "custom_layers", "nothing would learn"),
        ("custom", {"custom_layers": " , "}, "custom_layers", "nothing would learn"),
        ("custom", {"custom_layers": "head, encoder.layer.77"}, "custom_layers", "encoder.layer.77"),
        ("lora", {"lora_targets": "query, q_proj"}, "lora_targets", "q_proj"),
        ("lora", {"lora_targets": " "}, "lora_targets", "No layers"),
    ],
)
def test_what_names_nothing_is_refused_with_what_there_is(
    method: str, values: dict[str, Any], field: str, told: str
) -> None:
    problem = naming_problem(encoder(), settings(method, **values))

    assert problem is not None and problem.where.field == field
    assert told in str(problem.message) and problem.hint is not None
    assert problem.as_error().where.field == field


def test_good_names_and_other_methods_have_no_problem() -> None:
    parts = encoder()
    assert naming_problem(parts, settings("custom", custom_layers="top,layer.11")) is None
    assert naming_problem(parts, settings("lora", lora_targets="attention")) is None
    assert naming_problem(parts, settings("lora", lora_targets="q_proj"), loaded=False) is None, (
        "loading may rename layers: the file alone denies no name, the job asks the loaded model before a run is made"
    )
    assert naming_problem(parts, settings("full", custom_layers="nonsense", lora_targets="x")) is None
    convolutions = outline({f"layer{at}.0.conv1.weight": (8, 8, 3, 3) for at in (1, 2)})
    problem = naming_problem(convolutions, settings("lora", lora_targets="attention"), loaded=False)
    assert problem is not None and "conv1" in str(problem.hint)


def test_custom_layers_come_from_the_command_line_as_they_are_written() -> None:
    key, value = parse_assignment("custom_layers=head,encoder.layer.5")
    assert learning("custom", encoder(), **{key: value}) == ["encoder.layer.5", "head"]


def test_settings_matter_only_for_the_methods_that_use_them() -> None:
    assert matters("lora_rank", "lora") and not matters("lora_rank", "full")
    assert matters("gradual_epochs", "gradual") and not matters("gradual_epochs", "head")
    assert all(matters("learning_rate", method) for method in METHODS)
    known = {field.key for field in fields()}
    assert all(method.settings <= known for method in METHODS.values())


def test_adapters_have_the_size_of_their_two_thin_matrices() -> None:
    assert adapters.adapter_parameters((32, 8), 4) == 4 * (32 + 8)
    assert adapters.adapter_parameters((16, 8, 3, 3), 4) == 4 * (8 * 9) + 4 * 16
    found = adapters.part_adapters(encoder(blocks=1), "all", 2)
    assert found == {"encoder.layer.0": 3 * 2 * 16 + 2 * 40, "top": 2 * 16}


def test_efforts_count_what_learns() -> None:
    parts = encoder(blocks=2)
    sizes = {part.name: part.parameters for part in parts}
    found = {one.part.name: one for one in effort.part_efforts(parts, settings("lora", lora_rank=2))}
    assert [one.state for one in found.values()] == ["frozen", "adapter", "adapter", "adapter", "learning"]
    assert found["embeddings"].memory == 4 * sizes["embeddings"]
    assert found["head"].memory == 16 * sizes["head"]
    assert found["top"].memory == 4 * sizes["top"] + 16 * found["top"].learning

    gradual = effort.part_efforts(parts, settings("gradual", gradual_epochs=0.5))
    assert [one.joins for one in gradual] == [1.5, 1.0, 0.5, 0.0, 0.0]


def test_effort_is_a_share_of_parameters_and_of_layers_passed() -> None:
    parts = encoder(blocks=4)
    full, head = effort.effort(parts, settings("full")), effort.effort(parts, settings("head"))
    assert full == effort.Effort(1.0, 1.0)
    assert 0 < head.share < 0.05 and 0 < head.reach < 0.05
    half = effort.effort(parts, settings("custom", custom_layers="encoder.layer.2"))
    assert 0.4 < half.reach < 0.6 and half.share < half.reach / 2
    assert effort.effort(parts, settings("lora")).reach == 1.0
    assert effort.effort([], settings("full")) == effort.Effort(1.0, 1.0)


def test_rates_left_to_the_preset_follow_the_method() -> None:
    asked: list[str] = []

    def recommend(preset: str, facts: Facts) -> Recommendation:
        asked.append(facts.tuning_method)
        return Recommendation({})

    for chosen in ({"tuning_method": "lora"}, {}, {"tuning_method": "magic"}, {"tuning_method": [3]}):
        propose(recommend, Facts(rows=10), Overrides(values=chosen))
    assert asked == ["lora", "", "", ""]
