"""Whole runs where rows have several labels, or a number: every method, the loss of Trainer, answers, export."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from PIL import Image

from ftstudio.core import catalog, plain_numbers
from ftstudio.core.errors import InputError
from ftstudio.core.settings import build
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.core.tuning_methods import METHODS
from ftstudio.datasets.store import Dataset
from ftstudio.engine.answers.shaped import task_of
from ftstudio.engine.inference import answering
from ftstudio.engine.learning.evaluation import logits_of
from ftstudio.engine.learning.feeds import ModelFeed
from ftstudio.planning.output_answers import read_output_answers
from ftstudio.project.decisions import read_decision
from ftstudio.project.runs import find_run
from tests.engine.layers.test_features import FP32
from tests.engine.projects import SIGNS, WORDS, Tiny, copy
from tests.engine.projects import _import as imported
from tests.engine.runs.test_parity import VALUES, our_curve
from tests.engine.trainer_curves import trainer_curve

OF_METHOD: dict[str, dict[str, Any]] = {
    "top_layers": {"top_layers": 1},
    "gradual": {"gradual_epochs": 0.5},
    "custom": {"custom_layers": "encoder.layer.1"},
}
MONITOR = {"labels": "average_precision", "number": "r2"}


def rows_of(kind: str, rows: int = 160) -> list[tuple[str, str]]:
    """Texts with signs of any number of three classes; their labels, or 40 000 and 500 more for each sign."""
    chance = np.random.default_rng(7)
    found = []
    for _ in range(rows):
        words = [str(one) for one in chance.choice(WORDS[:20], size=chance.integers(4, 16))]
        there = [label for label in sorted(SIGNS) if chance.random() < 0.4]
        words += [str(chance.choice(SIGNS[label].split())) for label in there]
        number = f"{40_000 + 500 * len(there) + chance.normal(0, 20):.1f}"
        found.append((" ".join(chance.permutation(words)), "|".join(there) or "[]" if kind == "labels" else number))
    return found


@pytest.fixture(scope="module", params=["labels", "number"])
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    root = tmp_path_factory.mktemp("shaped") / request.param
    with root.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *rows_of(request.param)])
    return request.param, imported(root, "text-classification", root.with_suffix(".csv"))


@pytest.fixture
def shaped(template: tuple[str, Path], tmp_path: Path, tiny_text_model: Path) -> tuple[str, Tiny]:
    return template[0], copy(template[1], tmp_path / "project", tiny_text_model)


@pytest.mark.parametrize("method", [key for key in METHODS if key != "qlora"])
def test_every_tuning_method_leaves_all_that_it_promises(shaped: tuple[str, Tiny], method: str) -> None:
    kind, project = shaped
    document = project.train(tuning_method=method, monitor=MONITOR[kind], **OF_METHOD.get(method, {}))

    spec = task_of("text-classification", Answer(kind)).SPEC
    for split in ("validation", "test"):
        assert set(document["metrics"][split]) == {metric.key for metric in spec.metrics}
        assert all(math.isfinite(value) for value in document["metrics"][split].values())
        assert set(document["intervals"][split]) == set(document["metrics"][split])
    config = json.loads((project.run(document["run"]).model / "config.json").read_text(encoding="utf-8"))
    assert config["problem_type"] == {"labels": "multi_label_classification", "number": "regression"}[kind]
    assert project.job("evaluate")["metrics"] == pytest.approx(document["metrics"]["test"], rel=1e-3, abs=1e-4)


def test_it_learns_what_is_easy(shaped: tuple[str, Tiny]) -> None:
    kind, project = shaped
    values = {"epochs": 30.0, "learning_rate": 1e-2, "dropout": 0.0, "patience": 20}
    document = project.train(monitor=MONITOR[kind], tuning_method="full", **values)

    assert document["metrics"]["test"][MONITOR[kind]] > {"labels": 0.9, "number": 0.4}[kind]
    first, second, third = (SIGNS[label].split()[0] for label in sorted(SIGNS))
    texts = [f"{WORDS[0]} {first} {second}", f"{WORDS[0]} {third}"]
    answers = project.job("predict", texts=texts)["predictions"]
    if kind == "labels":
        assert answers[0]["labels"] == tuple(sorted(SIGNS)[:2])
        assert answers[0]["label"] == "|".join(sorted(SIGNS)[:2])
        assert set(answers[0]["probabilities"]) == set(SIGNS)
    else:
        assert 40_000 < answers[1]["number"] < answers[0]["number"] < 41_500


def test_thresholds_are_chosen_on_validation_rows_and_kept(shaped: tuple[str, Tiny]) -> None:
    kind, project = shaped
    document = project.train(monitor=MONITOR[kind], max_steps=3)
    run = find_run(project.layout, document["run"])
    decision, model = read_decision(run.layout), answering.load(run)
    dataset = Dataset.open(project.layout.data)
    feed = model.feed(dataset.table(Split.VALIDATION), dataset.folder)
    chosen = model.task.choose(logits_of(feed, FP32), feed.truth, model.bundle.labels)  # type: ignore[attr-defined]

    assert decision.thresholds == pytest.approx(chosen.thresholds, abs=1e-3)
    assert (kind == "number") <= (not decision.thresholds)


def test_the_export_is_what_plain_transformers_load(shaped: tuple[str, Tiny], tmp_path: Path) -> None:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    kind, project = shaped
    project.train(monitor=MONITOR[kind])
    made = project.job("export", format="hf-folder", to=str(tmp_path / "out"))
    assert made["certificate"]["passed"], made["certificate"]
    assert made["certificate"]["agreement"] == 1.0
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert ("answers with a number" in card) is (kind == "number")
    assert ("Give each label whose probability" in card) is (kind == "labels")
    assert "one of its labels" not in card

    passage = rows_of(kind)[3][0]
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path / "out")
    tokens = AutoTokenizer.from_pretrained(tmp_path / "out")(passage, return_tensors="pt")
    with torch.no_grad():
        said = model(**tokens).logits[0]
    (answer,) = project.job("predict", texts=[passage])["predictions"]
    if kind == "number":
        assert float(said[0]) == pytest.approx(answer["number"], abs=0.1)
    else:
        shares = [answer["probabilities"][name] for name in model.config.id2label.values()]
        assert torch.sigmoid(said).tolist() == pytest.approx(shares, abs=1e-4)


def test_a_whole_file_is_answered(shaped: tuple[str, Tiny], tmp_path: Path) -> None:
    kind, project = shaped
    project.train(monitor=MONITOR[kind])
    source, target = project.root.parent / "new.csv", tmp_path / "answers.csv"
    source.write_text("text\n" + "\n".join(text for text, _ in rows_of(kind, 12)) + "\n", encoding="utf-8")
    document = project.job("predict_table", source=str(source), to=str(target), shares=True)

    with target.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert document["answered"] == len(rows) == 12
    if kind == "number":
        assert all(math.isfinite(float(row["label"])) for row in rows)
    else:
        assert {f"probability: {label}" for label in SIGNS} <= set(rows[0])


def test_an_interrupted_run_goes_on_where_it_was(shaped: tuple[str, Tiny]) -> None:
    from ftstudio.core.messages import Measured, Stop
    from ftstudio.engine.control import Control

    kind, project = shaped
    whole = project.train(monitor=MONITOR[kind], max_steps=8, probe_first=False)
    control = Control()

    def stop(event: Any) -> None:
        if isinstance(event, Measured) and event.split == "train" and event.step == 4:
            control.obey(Stop())

    cut = project.train(control, stop, monitor=MONITOR[kind], max_steps=8, probe_first=False)
    resumed = project.train(resume=cut["run"])
    assert resumed["metrics"]["test"] == pytest.approx(whole["metrics"]["test"], rel=1e-6)


def feed_with(kind: str, model: Path, truth: np.ndarray, **values: object) -> ModelFeed:
    settings = build({"max_length": 32, "dropout": 0.0, **values})
    task = task_of("text-classification", Answer(kind))
    torch.manual_seed(0)
    labels = ["number"] if kind == "number" else sorted(SIGNS)
    bundle = task.load(model, labels, settings, trained=False)
    table = pa.table({"text": [text for text, _ in rows_of(kind, len(truth))], "label": truth.tolist()})
    return ModelFeed(task, bundle, task.encode(bundle, table, Path()), settings)


@pytest.mark.parametrize("kind", ["labels", "number"])
def test_the_loss_curve_is_that_of_transformers_trainer(kind: str, tiny_text_model: Path, tmp_path: Path) -> None:
    """Of numbers that are standardised already, because Trainer does not standardise any."""
    values = {**VALUES, "monitor": MONITOR[kind]}
    settings = build({**values, "dropout": 0.0})
    cells = np.array([cell for _, cell in rows_of(kind, 60)])
    if kind == "number":
        numbers = cells.astype(np.float64)
        cells = ((numbers - numbers.mean()) / numbers.std()).astype(str)
    losses, batches = our_curve(feed_with(kind, tiny_text_model, cells, **values), settings, tmp_path / "ours")

    feed = feed_with(kind, tiny_text_model, cells, **values)
    collated = [feed.examples.batch(rows.tolist(), None) for rows in batches]
    wanted = [batch.labels[:, :1] if kind == "number" else batch.labels for batch in collated]
    rows = [{**batch.inputs, "labels": truth} for batch, truth in zip(collated, wanted, strict=True)]
    told = trainer_curve(feed.bundle.model, rows, tmp_path / "theirs", per_device_train_batch_size=12)

    assert losses[0] != losses[-1]
    np.testing.assert_allclose(losses, told, atol=1e-4)  # Trainer rounds what it logs


@pytest.mark.parametrize("kind", ["labels", "number"])
def test_of_pictures_the_loss_curve_is_that_of_trainer_too(kind: str, tiny_image_model: Path, tmp_path: Path) -> None:
    values = {**VALUES, "monitor": MONITOR[kind], "max_length": 32}
    chance, names = np.random.default_rng(3), []
    for at in range(48):
        pixels = chance.integers(0, 255, (40, 40, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{at}.png")
        names.append(f"{at}.png")
    cells = ["light|even" if at % 3 else "even" for at in range(48)]
    cells = [f"{one:.4f}" for one in chance.normal(size=48)] if kind == "number" else cells

    def feed() -> ModelFeed:
        settings, task = build({**values, "dropout": 0.0}), task_of("image-classification", Answer(kind))
        torch.manual_seed(0)
        labels = ["number"] if kind == "number" else ["even", "light"]
        bundle = task.load(tiny_image_model, labels, settings, trained=False)
        table = pa.table({"image": names, "label": cells})
        return ModelFeed(task, bundle, task.encode(bundle, table, tmp_path), settings)

    losses, batches = our_curve(feed(), build({**values, "dropout": 0.0}), tmp_path / "ours")
    other = feed()
    collated = [other.examples.batch(rows.tolist(), None) for rows in batches]
    unit = float(collated[0].labels[0, 1]) if kind == "number" else 1.0
    wanted = [batch.labels[:, :1] if kind == "number" else batch.labels for batch in collated]
    rows = [{**batch.inputs, "labels": truth} for batch, truth in zip(collated, wanted, strict=True)]
    told = trainer_curve(other.bundle.model, rows, tmp_path / "theirs", per_device_train_batch_size=12)

    assert losses[0] != losses[-1]
    if kind == "labels":
        np.testing.assert_allclose(losses, told, atol=1e-4)  # Trainer rounds what it logs
    else:  # its loss is in the unit of the numbers, ours in standard ones: Adam does not mind, its epsilon hardly
        np.testing.assert_allclose(losses, np.array(told) / unit**2, rtol=2e-3, atol=1e-3)


@pytest.mark.parametrize("way", ["squared", "huber", "absolute"])
def test_large_errors_count_as_the_settings_say(way: str) -> None:
    from torch.nn import functional

    logits, truth = torch.randn(60, 1) * 5, torch.stack((torch.randn(60), torch.full((60,), 2.0)), dim=1)
    error, none = (logits[:, 0] - truth[:, 0]) / 2, torch.zeros(60)
    wanted = {
        "squared": error**2,
        "huber": 2 * functional.huber_loss(error, none, reduction="none"),
        "absolute": error.abs(),
    }
    task = task_of("text-classification", Answer.NUMBER)
    torch.testing.assert_close(task.loss(logits, truth, build({"number_loss": way}), None), wanted[way])


def test_what_means_nothing_for_such_labels_is_refused(shaped: tuple[str, Tiny]) -> None:
    kind, project = shaped
    with pytest.raises(InputError, match="r_drop"):
        project.train(monitor=MONITOR[kind], r_drop=1.0, dropout=0.1)
    with pytest.raises(InputError, match="macro_precision"):
        project.train(monitor="macro_precision")


def test_pictures_and_pairs_learn_them_too(
    tmp_path: Path, tiny_image_model: Path, tiny_text_model: Path, request: pytest.FixtureRequest
) -> None:
    chance = np.random.default_rng(2)
    source = tmp_path / "pictures"
    source.mkdir()
    rows, pairs = [], []
    for at in range(60):
        pixels = chance.integers(0, 60, (32, 32, 3))
        light = int(chance.integers(0, 180))
        pixels += light
        Image.fromarray(pixels.astype(np.uint8)).save(source / f"{at}.png")
        kinds = "|".join(name for name, is_so in (("light", light > 90), ("even", at % 2 == 0)) if is_so) or "[]"
        rows.append((f"{at}.png", kinds, f"{light / 7:.2f}"))
        first, second = rows_of("labels", 60)[at][0], rows_of("labels", 61)[at + 1][0]
        pairs.append((first, second, rows_of("labels", 60)[at][1]))
    for name, column in (("kinds", 1), ("amount", 2)):
        table = source / f"{name}.csv"
        with table.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("image", "label"), *((row[0], row[column]) for row in rows)])
        project = copy(
            imported(tmp_path / name, "image-classification", table), tmp_path / f"{name}-run", tiny_image_model
        )
        kind = Dataset.open(project.layout.data).answer
        assert kind is {"kinds": Answer.LABELS, "amount": Answer.NUMBER}[name]
        document = project.train(monitor=MONITOR[kind.value])
        (answer,) = project.job("predict", files=[str(source / "3.png")])["predictions"]
        assert (answer["number"] is None) is (kind is Answer.LABELS)
        assert project.job("export", format="hf-folder", to=str(tmp_path / f"{name}-out"))["certificate"]["passed"]
        assert set(document["metrics"]) == {"validation", "test"}

    table = tmp_path / "pairs.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "text_pair", "label"), *pairs])
    project = copy(imported(tmp_path / "pairs", "text-classification", table), tmp_path / "pairs-run", tiny_text_model)
    assert Dataset.open(project.layout.data).answer is Answer.LABELS
    project.train(monitor="average_precision")
    (answer,) = project.job("predict", texts=["a b"], pairs=["c d"])["predictions"]
    assert set(answer["probabilities"]) == set(SIGNS)
    assert project.job("export", format="hf-folder", to=str(tmp_path / "pairs-out"))["certificate"]["passed"]


def test_every_classifier_says_which_kinds_of_label_it_learns() -> None:
    for key in ("text-classification", "image-classification"):
        assert catalog.tasks().spec(key).answers == (Answer.LABEL, Answer.LABELS, Answer.NUMBER)


def test_stored_answers_are_read_back_with_the_worst_row_first(shaped: tuple[str, Tiny]) -> None:
    kind, project = shaped
    document = project.train(monitor=MONITOR[kind], max_steps=4)
    dataset, run = Dataset.open(project.layout.data), project.run(document["run"])
    found = read_output_answers(run, dataset, Split.TEST, Answer(kind))

    assert len(found) == dataset.count(Split.TEST)
    assert [one.off for one in found] == sorted((one.off for one in found), reverse=True)
    table = dataset.table(Split.TEST).to_pylist()
    cells = {row["row"]: (row["text"], row["label"]) for row in table}
    numbers = [float(row["label"]) for row in table] if kind == "number" else [0.0]
    written = plain_numbers.for_reading(float(np.std(numbers)))
    for one in found:
        text, cell = cells[one.row]
        assert one.shown == text
        if kind == "number":
            assert one.truth == written(float(cell))
            assert one.off == pytest.approx(abs(float(one.truth) - float(one.said)), abs=1.0)
        else:
            assert set(one.truth.split(", ")) - {""} == set(cell.split("|")) - {"[]"}
            wrong = (set(one.truth.split(", ")) ^ set(one.said.split(", "))) - {""}
            assert one.off == len(wrong)
    if kind == "number":
        assert np.mean([one.off for one in found]) == pytest.approx(document["metrics"]["test"]["mae"], rel=1e-3)
