"""The catalogue finds everything, and the keys scripts rely on are there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ftstudio.core import catalog
from ftstudio.core.catalog import Catalog
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.specs import ColumnRole, ExporterSpec, JobSpec, ReaderSpec, TaskSpec, VerbSpec

CATALOGUES: list[tuple[Callable[[], Catalog], type]] = [
    (catalog.tasks, TaskSpec),
    (catalog.exporters, ExporterSpec),
    (catalog.readers, ReaderSpec),
    (catalog.jobs, JobSpec),
    (catalog.verbs, VerbSpec),
]

REQUIRED = {
    "tasks": {"text-classification", "image-classification"},
    "exporters": {"hf-folder", "torchvision"},
    "jobs": {"import_data", "check", "train", "evaluate", "predict", "export", "prepare_model"},
    "verbs": {"new", "check", "train", "evaluate", "predict", "export", "runs", "models", "tasks", "formats", "doctor"},
}

SETTINGS = {
    *("tuning_method", "top_layers", "learning_rate", "layer_decay", "epochs"),
    *("max_steps", "batch_size", "schedule", "warmup", "weight_decay"),
    *("max_grad_norm", "dropout", "label_smoothing", "class_weights", "augmentation"),
    *("max_length", "long_text", "precision", "early_stopping", "patience"),
    *("monitor", "seed", "device"),
}


@pytest.mark.parametrize(("find", "kind"), CATALOGUES, ids=[find.__name__ for find, _ in CATALOGUES])
def test_every_entry_can_be_read(find: Callable[[], Catalog], kind: type) -> None:
    found = find()

    assert [(failure.module, failure.reason) for failure in found.failures] == []
    assert found.keys() != []
    assert all(isinstance(spec, kind) for spec in found)


@pytest.mark.parametrize("name", REQUIRED)
def test_the_fixed_keys_exist(name: str) -> None:
    found: Catalog = getattr(catalog, name)()

    assert REQUIRED[name] - set(found.keys()) == set()


def test_the_fixed_settings_exist() -> None:
    assert SETTINGS - set(TrainingSettings.model_fields) == set()


def test_the_fixed_column_roles_exist() -> None:
    assert {role.value for role in ColumnRole} == {"text", "text_pair", "label", "image", "group", "split", "id"}


def test_readers_cover_the_promised_files() -> None:
    suffixes = {suffix for spec in catalog.readers() for suffix in spec.suffixes}

    assert {".csv", ".tsv", ".jsonl", ".json", ".parquet", ".xlsx", ".xls", ".ods"} - suffixes == set()
    assert sum(spec.is_folder for spec in catalog.readers()) >= 2


@pytest.mark.parametrize("spec", list(catalog.verbs()), ids=lambda spec: spec.key)
def test_a_verb_lives_in_a_file_of_its_name(spec: VerbSpec) -> None:
    module = catalog.verbs().module(spec.key)

    assert module.__name__.rpartition(".")[2] == spec.key.replace("-", "_")
    assert all(callable(getattr(module, name, None)) for name in ("configure", "run", "show"))
