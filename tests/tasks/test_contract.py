"""What every task promises: a complete SPEC, valid advice for any facts, the whole protocol, no torch to be read."""

from __future__ import annotations

import inspect
import itertools
import subprocess
import sys
from typing import Any

import pytest

from ftstudio.core import catalog
from ftstudio.core.presets import Facts, propose, resolve
from ftstudio.core.settings import PRESETS, Overrides, fields, settings_problems
from ftstudio.core.specs import ColumnRole, Modality, TaskSpec
from ftstudio.core.text import Text
from ftstudio.core.tuning_methods import METHODS
from ftstudio.models.records import ModelKind

KEYS = catalog.tasks().keys()
DESIGNED = {
    *("text-classification", "token-classification", "question-answering", "text-generation"),
    *("text2text-generation", "image-classification", "object-detection"),
}
every_task = pytest.mark.parametrize("key", KEYS)


def spec_of(key: str) -> TaskSpec:
    spec: TaskSpec = catalog.tasks().spec(key)
    return spec


def test_the_first_tasks_are_there_and_no_key_is_made_up() -> None:
    assert {"text-classification", "image-classification"} <= set(KEYS) <= DESIGNED


@every_task
def test_a_spec_is_complete(key: str) -> None:
    spec = spec_of(key)

    assert spec.key == key
    assert spec.title
    assert spec.summary.endswith(".")
    assert spec.example
    assert spec.sample_view
    assert isinstance(spec.modality, Modality)
    assert set(spec.model_kinds) <= {kind.value for kind in ModelKind}
    assert spec.model_kinds
    assert spec.required
    assert not set(spec.required) & set(spec.optional)
    assert {ColumnRole(role) for role in (*spec.required, *spec.optional)}
    assert ColumnRole(spec.modality.value) in spec.required, "it must read what it is about"


@every_task
def test_metrics_are_described_and_the_monitored_one_is_among_them(key: str) -> None:
    spec = spec_of(key)
    keys = [metric.key for metric in spec.metrics]

    assert len(keys) == len(set(keys))
    assert spec.monitor in keys
    assert spec.metric(spec.monitor).key == spec.monitor
    assert not spec.metric("loss").higher_is_better
    assert all(metric.title and metric.help.endswith(".") for metric in spec.metrics)
    with pytest.raises(KeyError):
        spec.metric("no such metric")


FACTS = [
    Facts(
        rows=rows,
        classes=classes,
        smallest_class=smallest,
        median_length=length // 2,
        long_length=length,
        parameters=parameters,
        blocks=blocks,
        hidden_size=hidden,
        model_max_length=limit,
        input_size=size,
        model_source=source,
        device=device,
        memory_bytes=memory,
        cores=cores,
    )
    for (rows, classes, smallest), (parameters, blocks, hidden), (length, limit), (size, source), (
        device, memory, cores
    ) in itertools.product(
        [(0, 0, 0), (2, 2, 1), (250, 2, 3), (600, 5, 100), (20_000, 150, 2), (5_000_000, 2, 2_500_000)],
        [(0, 0, 0), (22_000_000, 6, 384), (7_000_000_000, 32, 4096)],
        [(0, 0), (12, 512), (9_000, 512), (100_000, 131_072), (40, 10)],
        [(224, "huggingface"), (0, "torchvision"), (384, "timm")],
        [("cpu", 0, 1), ("cuda", 80_000_000_000, 64)],
    )
]  # fmt: skip


@every_task
@pytest.mark.parametrize("preset", PRESETS)
def test_advice_is_valid_for_any_facts_and_has_reasons(key: str, preset: str) -> None:
    spec = spec_of(key)
    known = {field.key for field in fields()}
    for facts in FACTS:
        advice = spec.recommend(preset, facts)
        assert settings_problems(dict(advice.values)) == [], facts
        assert set(advice.values) <= known
        assert set(advice.reasons) <= known
        assert all(isinstance(reason, Text) and "{" not in str(reason) for reason in advice.reasons.values())
        assert "tuning_method" in advice.reasons
        resolved = resolve(advice, Overrides(preset=preset))  # type: ignore[arg-type]
        assert resolved.settings.monitor in [metric.key for metric in spec.metrics]
        if spec.modality is Modality.TEXT and facts.model_max_length:
            assert resolved.settings.max_length <= max(facts.model_max_length, 16), "more than the model reads"


@every_task
@pytest.mark.parametrize("preset", PRESETS)
def test_rates_suit_the_tuning_method_that_the_user_chose(key: str, preset: str) -> None:
    facts = Facts(rows=500, classes=3, smallest_class=90, long_length=60, parameters=22_000_000, blocks=6)
    rates: dict[str, float] = {}
    for method in METHODS:
        chosen = Overrides(preset=preset, values={"tuning_method": method})  # type: ignore[arg-type]
        advice = propose(spec_of(key).recommend, facts, chosen)
        rates[method] = resolve(advice, chosen).settings.learning_rate
        assert settings_problems(dict(advice.values)) == []
        assert "learning_rate" in advice.reasons
    assert 1e-4 <= rates["lora"] <= 1e-3, "an adapter starts from nothing"
    assert rates["full"] == rates["gradual"] == rates["top_layers"] == rates["custom"] < rates["lora"] <= rates["head"]


@every_task
def test_gradual_lets_all_blocks_join_by_mid_run(key: str) -> None:
    for blocks in (2, 6, 24):
        facts = Facts(rows=500, classes=3, smallest_class=90, parameters=22_000_000, blocks=blocks)
        for length in ({}, {"epochs": 40.0}, {"epochs": 3}):
            chosen = Overrides(values={"tuning_method": "gradual", **length})
            settings = resolve(propose(spec_of(key).recommend, facts, chosen), chosen).settings
            assert 0.8 < settings.gradual_epochs * (blocks + 1) / (settings.epochs / 2) < 1.2


@every_task
def test_advice_follows_from_the_facts_alone(key: str) -> None:
    spec = spec_of(key)

    assert all(
        spec.recommend(preset, facts) == spec.recommend(preset, facts) for preset in PRESETS for facts in FACTS[::37]
    )


@every_task
def test_the_quick_preset_is_no_slower_than_the_thorough_one(key: str) -> None:
    facts = Facts(rows=1000, classes=3, smallest_class=300, long_length=60, parameters=22_000_000, blocks=6)
    quick, thorough = (
        resolve(spec_of(key).recommend(one, facts), Overrides()).settings for one in ("quick", "thorough")
    )

    assert (quick.tuning_method == "head") or quick.epochs <= thorough.epochs


@every_task
def test_every_function_of_the_protocol_is_there_with_its_arguments(key: str) -> None:
    from ftstudio.engine.task import Task

    module: Any = catalog.tasks().module(key)
    asked = {name: one for name, one in vars(Task).items() if inspect.isfunction(one) and not name.startswith("_")}
    assert len(asked) >= 8
    for name, wanted in asked.items():
        offered = getattr(module, name, None)
        assert callable(offered), name
        expected = [(one.name, one.kind) for one in list(inspect.signature(wanted).parameters.values())[1:]]
        found = [(one.name, one.kind) for one in inspect.signature(offered).parameters.values()]
        assert found == expected, name


def test_tasks_can_be_read_without_torch() -> None:
    code = (
        "import sys\nfrom ftstudio.core import catalog\n"
        "from ftstudio.core.presets import Facts\n"
        "assert catalog.tasks().failures == [], catalog.tasks().failures\n"
        "for spec in catalog.tasks():\n    spec.recommend('balanced', Facts(rows=100, classes=2, smallest_class=40))\n"
        "heavy = {'torch', 'transformers', 'torchvision', 'timm', 'sklearn', 'accelerate'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
