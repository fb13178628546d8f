"""The standalone folder as its receiver uses it: texts, files, folders, lines; a decision that is carried along."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from ftstudio.core.deciding import Decision
from ftstudio.core.settings import build
from ftstudio.engine.inference import answering
from ftstudio.engine.vision.picture_recipes import recipe_of
from ftstudio.engine.vision.pictures import huggingface_preparer, open_picture
from ftstudio.exporters import _predict
from ftstudio.project.decisions import write_decision
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.runs import find_run
from tests.exporters.projects import export

BLOCKED = ("torch", "transformers", "timm", "torchvision", "ftstudio")


@pytest.fixture(scope="module")
def folder(huggingface_text: ProjectLayout, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a standalone export whose model was told not to know what it is unsure of."""
    run = find_run(huggingface_text, None)
    write_decision(run.layout, Decision(temperature=0.25, dont_know_below=0.6, positive="good", threshold=0.4))
    target = tmp_path_factory.mktemp("standalone") / "model"
    try:
        document = export(huggingface_text, "standalone", target)
    finally:
        run.layout.decision.unlink()
    assert document["certificate"]["passed"], document
    return target


def _ask(folder: Path, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    block = "".join(f"sys.modules[{name!r}] = None; " for name in BLOCKED)
    code = f"import runpy, sys; {block}sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    command = [sys.executable, "-c", code, str(folder / "predict.py"), *words]
    return subprocess.run(command, input=given, capture_output=True, encoding="utf-8", check=False, cwd=folder.parent)


def test_its_answers_are_those_of_the_program_with_the_decision_applied(
    folder: Path, huggingface_text: ProjectLayout
) -> None:
    texts = ["a lovely film and a great story", "the plot was dull", "train river", ""]
    run = find_run(huggingface_text, None)
    decision = Decision(temperature=0.25, dont_know_below=0.6, positive="good", threshold=0.4)
    write_decision(run.layout, decision)
    try:
        wanted = answering.load(run).predict(texts)
    finally:
        run.layout.decision.unlink()

    done = _ask(folder, "--json", *texts)

    answers = json.loads(done.stdout)
    assert [one["label"] for one in answers] == [one.label for one in wanted], done.stderr
    assert [one["known"] for one in answers] == [one.known for one in wanted]
    for one, other in zip(answers, wanted, strict=True):
        assert one["probabilities"] == pytest.approx(other.probabilities, abs=1e-4)


def test_files_folders_and_lines_are_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "letters" / "inner").mkdir(parents=True)
    (tmp_path / "letters" / "one.txt").write_text("a great film", encoding="utf-8")
    (tmp_path / "letters" / "inner" / "two.txt").write_text("an awful plot — ünicode", encoding="utf-8")

    from_folder = json.loads(_ask(folder, "--json", str(tmp_path / "letters")).stdout)
    from_file = json.loads(_ask(folder, "--json", str(tmp_path / "letters" / "one.txt")).stdout)
    from_lines = json.loads(_ask(folder, "--json", given="a great film\nan awful plot — ünicode\n").stdout)

    assert sorted(one["text"] for one in from_folder) == ["a great film", "an awful plot — ünicode"]
    assert from_file[0]["label"] == from_lines[0]["label"]
    assert len(from_lines) == 2


def test_without_json_it_prints_a_table_that_says_when_it_does_not_know(folder: Path) -> None:
    done = _ask(folder, "a lovely film", "river")

    lines = done.stdout.splitlines()
    assert len(lines) == 2, done.stderr
    assert all("%" in line for line in lines)
    assert "'a lovely film'" in lines[0]


def test_help_names_what_it_needs_and_no_blank_was_left_open(folder: Path) -> None:
    words = _ask(folder, "--help").stdout

    assert "onnxruntime numpy tokenizers" in words
    assert not any(place in words for place in ("{packages}", "{example}", "{inputs}", "{row}"))


def test_the_program_is_short_and_names_nothing_of_ours(folder: Path) -> None:
    program = (folder / "predict.py").read_text(encoding="utf-8")

    assert len(program.splitlines()) < 230
    assert "ftstudio" not in program
    assert "torch" not in program


def _processors() -> dict[str, Callable[[], Any]]:
    import transformers as t

    return {
        "exact": lambda: t.ViTImageProcessor(size={"height": 40, "width": 56}),
        "shorter side and crop": lambda: t.MobileNetV2ImageProcessor(
            size={"shortest_edge": 48}, crop_size={"height": 40, "width": 40}
        ),
        "crop share": lambda: t.ConvNextImageProcessor(size={"shortest_edge": 48}, crop_pct=0.875),
        "no crop share": lambda: t.ConvNextImageProcessor(size={"shortest_edge": 384}, crop_pct=0.875),
        "bicubic": lambda: t.ViTImageProcessor(size={"height": 40, "width": 40}, resample=3),
        "no resizing": lambda: t.ViTImageProcessor(do_resize=False),
        "no normalising": lambda: t.ViTImageProcessor(size={"height": 40, "width": 40}, do_normalize=False),
    }


def _pictures(folder: Path) -> list[Path]:
    chance = np.random.default_rng(1)
    coarse = Image.fromarray(chance.integers(0, 255, (9, 13, 4)).astype(np.uint8), "RGBA")
    noise = np.asarray(coarse.resize((101, 70), Image.Resampling.BICUBIC))  # no finer than photographs are
    made = {
        "wide.png": Image.fromarray(noise[:, :, :3]),
        "tall.png": Image.fromarray(noise[:, :50, :3].swapaxes(0, 1).repeat(2, axis=0)),
        "clear.png": Image.fromarray(noise, "RGBA"),
        "grey.png": Image.fromarray(noise[:, :, 0]),
        "deep.png": Image.fromarray(noise[:, :, 0].astype(np.uint16) << 8),
        "palette.png": Image.fromarray(noise[:, :, :3]).quantize(16),
    }
    for name, picture in made.items():
        picture.save(folder / name)
    turned = Image.fromarray(noise[:, :, :3])
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(folder / "turned.jpg", exif=exif, quality=95)
    return sorted(folder.iterdir())


@pytest.mark.parametrize("kind", list(_processors()))
def test_pictures_are_prepared_as_the_processor_does_it(kind: str, tmp_path: Path) -> None:
    processor = _processors()[kind]()
    preparer = huggingface_preparer(processor)
    recipe = recipe_of(processor, preparer)
    model = _predict.Model.__new__(_predict.Model)
    model.recipe = recipe
    for path in _pictures(tmp_path):
        wanted = preparer.normalised(preparer.shape(open_picture(path))[None]).numpy()

        found = model._pixels(str(path))["pixel_values"]

        assert found.shape == wanted.shape, path.name
        steps = np.abs(found - wanted) * np.asarray(recipe["std"]).reshape(-1, 1, 1) * 255
        assert steps.mean() < 0.5, f"{path.name}: {steps.mean()} grey values"
        assert steps.max() < 6.5, f"{path.name}: {steps.max()} grey values"


@pytest.mark.parametrize("way", ["head", "tail", "both"])
@pytest.mark.parametrize("paired", [False, True])
def test_long_texts_are_cut_as_in_training(way: str, paired: bool, tiny_text_model: Path, tmp_path: Path) -> None:
    from tokenizers import Tokenizer

    from ftstudio.core import catalog

    task = catalog.tasks().module("text-classification")
    bundle = task.load(tiny_text_model, ["a", "b"], build({"max_length": 16, "long_text": way}), trained=False)
    text, pair = " ".join(["a great film and the plot"] * 9), "the music was dull " * 5
    table = pa.table({"text": [text], **({"text_pair": [pair]} if paired else {})})
    wanted = task.encode(bundle, table, Path()).batch([0], None).inputs
    bundle.processor.backend_tokenizer.save(str(tmp_path / "tokenizer.json"))
    model = _predict.Model.__new__(_predict.Model)
    model.recipe = {"max_length": 16, "long_text": way, "inputs": list(wanted)}
    model.tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    model.tokenizer.no_truncation()

    found = model._tokens({"text": text, **({"text_pair": pair} if paired else {})})

    for name, values in wanted.items():
        length = int(wanted["attention_mask"].sum())
        assert found[name].tolist() == values[:, :length].tolist(), name
