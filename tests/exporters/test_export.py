"""Exports as users make them: every format, every source, every place it must not go."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftstudio.core import catalog, units
from ftstudio.core.deciding import Decision
from ftstudio.core.errors import CancelledError, InputError, StudioError
from ftstudio.core.messages import Request
from ftstudio.core.states import Split
from ftstudio.datasets.store import Dataset
from ftstudio.engine.control import Control
from ftstudio.engine.export import proving
from ftstudio.engine.run import execute
from ftstudio.engine.vision import torchvision_compat
from ftstudio.exporters import _predict_places
from ftstudio.planning.export_offers import Exportable, exportable, refusal
from ftstudio.project import seal
from ftstudio.project.decisions import write_decision
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.runs import RunReport, find_run, write_report
from tests.cli.running import ftstudio
from tests.exporters.projects import export, front_matter, read_json
from tests.support.faults import left_behind

PROJECTS = (
    "huggingface_text",
    "lora_text",
    "huggingface_image",
    "torchvision_image",
    "tagged_text",
    "lora_tagged",
    "asked_text",
    "lora_asked",
    "several_texts",
    "number_texts",
    "lora_several",
    "lora_number",
    "several_pictures",
    "number_pictures",
    "several_networks",
    "number_networks",
)


@pytest.fixture(params=PROJECTS)
def project(request: pytest.FixtureRequest) -> ProjectLayout:
    return request.getfixturevalue(request.param)


@pytest.fixture
def unproven(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare tests of everything else the seconds that a fresh process takes."""
    monkeypatch.setattr(proving, "expect", lambda *arguments: None)


@pytest.mark.usefixtures("with_base")
@pytest.mark.parametrize("key", catalog.exporters().keys())
def test_every_format_writes_a_proven_export_or_says_why_not(key: str, project: ProjectLayout, tmp_path: Path) -> None:
    target = tmp_path / "out" / "model"

    if refusal(catalog.exporters().spec(key), exportable(find_run(project, None))) is not None:
        with pytest.raises(InputError) as refused:
            export(project, key, target)
        assert refused.value.hint is not None
        assert not target.parent.exists()
        return
    document = export(project, key, target)

    assert (document["format"], document["path"]) == (key, str(target))
    assert document["files"] == sorted(p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file())
    assert "README.md" in document["files"]
    _check_certificate(document, key)
    assert [path.name for path in target.parent.iterdir()] == ["model"]


def _check_certificate(document: dict, key: str) -> None:
    certificate, target = document["certificate"], Path(document["path"])
    spec = catalog.exporters().spec(key)

    assert certificate["passed"] is True
    assert certificate["agreement"] == 1.0 or spec.lossy, "untrained models waver"
    assert certificate["rows"] > 0
    loose = spec.lossy or "tolerance" not in certificate["bounds"]
    assert certificate["largest_difference"] < (0.1 if loose else 1e-3)
    assert certificate["metrics"]["before"].keys() == certificate["metrics"]["after"].keys()
    assert min(certificate["milliseconds_a_row"].values()) > 0
    assert not set(spec.without) & set(certificate["runs_with"]), "it was asked without these"
    assert set(certificate["files"]) == set(document["files"]) - {"certificate.json", "CERTIFICATE.txt"}
    for name, file in certificate["files"].items():
        assert file["sha256"] == hashlib.sha256((target / name).read_bytes()).hexdigest()
    assert read_json(target / "certificate.json") == certificate
    readable = (target / "CERTIFICATE.txt").read_text(encoding="utf-8")
    assert "PASSED" in readable
    assert all(file["sha256"] in readable for file in certificate["files"].values())
    assert read_json(target / "decision.json")["temperature"] == 1.0


@pytest.mark.usefixtures("unproven")
def test_a_stranger_loads_the_folder_without_the_program(huggingface_text: ProjectLayout, tmp_path: Path) -> None:
    """As the card says, in a Python that cannot import ftstudio (nor a torchvision that does not fit its torch)."""
    target = Path(export(huggingface_text, "hf-folder", tmp_path / "model")["path"])
    code = (
        "import runpy, sys; sys.modules['ftstudio'] = None\n"
        f"compat = runpy.run_path({torchvision_compat.__file__!r}); compat['ensure']()\n"
        "from transformers import pipeline\n"
        "answer = pipeline('text-classification', model='.')('a lovely film')\n"
        "print(answer[0]['label'])"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=target, capture_output=True, text=True, check=False)

    assert done.stdout.strip() in {"good", "bad"}, done.stderr


@pytest.mark.usefixtures("unproven")
def test_the_card_counts_rows_and_quotes_none(huggingface_text: ProjectLayout, tmp_path: Path) -> None:
    export(huggingface_text, "hf-folder", tmp_path / "model")
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    rows = Dataset.open(huggingface_text.data)

    assert "pipeline_tag: text-classification" in front_matter(card)
    assert f"- train: {rows.counts()['train']} rows" in card
    assert "| macro_f1 | 0.7500 |" in card
    assert "`bad`, `good`" in card
    assert "Always answering `bad`, the most frequent label, would have an accuracy of 0.5000." in card
    assert not any(text in card for text in rows.table(Split.TRAIN)["text"].to_pylist())


@pytest.mark.usefixtures("unproven")
def test_the_card_of_a_model_that_marks_places_names_kinds_and_no_tags(
    tagged_text: ProjectLayout, tmp_path: Path
) -> None:
    export(tagged_text, "hf-folder", tmp_path / "model")
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")

    assert "with 2 kinds of places: `place`, `praise`." in card
    assert "B-place" not in card
    assert "marks places of its kinds, also for input unlike" in card
    assert "It reads at most 32 tokens" in card
    assert 'pipeline("token-classification", model="path/to/this/folder", aggregation_strategy="first")' in card


@given(st.text())
def test_the_receiver_finds_the_words_that_the_program_finds(passage: str) -> None:
    assert _predict_places.words(passage).tolist() == units.units_of(passage).tolist()


@pytest.mark.usefixtures("with_base")
def test_the_verb_exports_an_adapter_in_a_process_that_has_imported_nothing_yet(
    lora_text: ProjectLayout, tmp_path: Path
) -> None:
    ended = ftstudio("export", lora_text.root, "--format", "adapter", "--to", tmp_path / "model", "--json")

    assert ended.document["certificate"]["passed"] is True
    assert {"adapter_config.json", "adapter_model.safetensors"} <= set(ended.document["files"])


@pytest.mark.usefixtures("unproven")
def test_the_decision_goes_along_and_the_card_explains_it(huggingface_text: ProjectLayout, tmp_path: Path) -> None:
    run = find_run(huggingface_text, None).layout
    decision = Decision(temperature=1.7, dont_know_below=0.8, positive="good", threshold=0.3)
    write_decision(run, decision)
    try:
        export(huggingface_text, "hf-folder", tmp_path / "model")
    finally:
        run.decision.unlink()
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")

    assert Decision.model_validate(read_json(tmp_path / "model" / "decision.json")) == decision
    assert "by 1.7 before softmax" in card
    assert "Answer `good` when its probability is at least 0.3, else `bad`" in card
    assert "“don't know” when the probability of the answer is below 0.8" in card
    assert "always answers" not in card


@pytest.mark.usefixtures("unproven")
def test_figures_of_sealed_test_rows_are_not_told(huggingface_text: ProjectLayout, tmp_path: Path) -> None:
    run = find_run(huggingface_text, None)
    before = run.layout.report.read_bytes()
    document = {**run.report.document, "metrics": {"validation": {"accuracy": 0.8}, "test": {"accuracy": 0.4321}}}
    write_report(run.layout, RunReport(document=document))
    try:
        export(huggingface_text, "hf-folder", tmp_path / "sealed")
        seal.record(huggingface_text, [run], "window", "results")
        export(huggingface_text, "hf-folder", tmp_path / "opened")
    finally:
        run.layout.report.write_bytes(before)
        huggingface_text.looks.unlink()

    sealed, opened = ((tmp_path / name / "README.md").read_text(encoding="utf-8") for name in ("sealed", "opened"))
    assert "0.4321" not in sealed and "kept sealed" in sealed
    assert "0.4321" in opened and "looked at once" in opened


@pytest.mark.usefixtures("unproven")
def test_the_torchvision_export_keeps_labels_and_preprocessing(
    torchvision_image: ProjectLayout, tmp_path: Path
) -> None:
    export(torchvision_image, "torchvision", tmp_path / "model")

    assert read_json(tmp_path / "model" / "labels.json")["labels"] == ["dark", "light"]
    assert read_json(tmp_path / "model" / "preprocessing.json")["crop"] == 224
    assert "models.get_model" in (tmp_path / "model" / "README.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("unproven")
def test_an_existing_target_is_left_alone_unless_it_may_be_replaced(
    huggingface_text: ProjectLayout, tmp_path: Path
) -> None:
    target = tmp_path / "model"
    export(huggingface_text, "hf-folder", target)
    (target / "config.json").write_text("mine")

    with pytest.raises(InputError):
        export(huggingface_text, "hf-folder", target)
    assert (target / "config.json").read_text() == "mine"

    export(huggingface_text, "hf-folder", target, overwrite=True)
    assert (target / "config.json").read_text() != "mine"
    assert (target / "model.safetensors").is_file()


def test_what_somebody_put_into_an_export_is_not_deleted_with_it(
    huggingface_text: ProjectLayout, tmp_path: Path
) -> None:
    target = tmp_path / "model"
    export(huggingface_text, "hf-folder", target)
    mine = target / "results" / "my figures.txt"
    mine.parent.mkdir()
    mine.write_text("a week of work")

    with pytest.raises(InputError, match=r"results/my figures\.txt"):
        export(huggingface_text, "hf-folder", target, overwrite=True)
    assert mine.read_text() == "a week of work"

    mine.unlink()
    (target / "__pycache__").mkdir()
    (target / "__pycache__" / "predict.pyc").write_bytes(b"left by Python")
    export(huggingface_text, "hf-folder", target, overwrite=True)
    assert not (target / "__pycache__").exists()


@pytest.mark.usefixtures("unproven")
def test_overwrite_never_replaces_what_is_not_an_export(huggingface_text: ProjectLayout, tmp_path: Path) -> None:
    target = tmp_path / "holiday"
    target.mkdir()
    (target / "photo.jpg").write_bytes(b"precious")

    with pytest.raises(InputError):
        export(huggingface_text, "hf-folder", target, overwrite=True)

    assert (target / "photo.jpg").read_bytes() == b"precious"


@pytest.mark.parametrize(
    ("wanted", "real"),
    [("CON", "_CON"), ("a:b", "a_b"), ("name...", "name"), ("nul.txt", "_nul.txt"), ("x" * 300, "x" * 150)],
)
@pytest.mark.usefixtures("unproven")
def test_names_are_made_safe_for_every_system(
    wanted: str, real: str, huggingface_text: ProjectLayout, tmp_path: Path
) -> None:
    document = export(huggingface_text, "hf-folder", tmp_path / wanted)

    assert Path(document["path"]).name == real
    assert (tmp_path / real / "config.json").is_file()


@pytest.mark.parametrize("inside", ["", "data", "data/out", "runs/out", "runs"])
@pytest.mark.usefixtures("unproven")
def test_the_project_itself_is_no_target(inside: str, huggingface_text: ProjectLayout) -> None:
    before = sorted(huggingface_text.root.rglob("*"))

    with pytest.raises(InputError):
        export(huggingface_text, "hf-folder", huggingface_text.root / inside, overwrite=True)

    assert sorted(huggingface_text.root.rglob("*")) == before


@pytest.mark.parametrize("to", ["", "  ", "/"])
def test_a_target_without_a_name_is_refused(to: str, huggingface_text: ProjectLayout) -> None:
    options = {"format": "hf-folder", "to": to}

    with pytest.raises(InputError):
        execute(Request(job="export", project=huggingface_text.root, options=options), lambda event: None)


@pytest.mark.usefixtures("unproven")
def test_a_target_below_a_file_is_refused(huggingface_text: ProjectLayout, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    with pytest.raises(InputError) as refusal:
        export(huggingface_text, "hf-folder", tmp_path / "file" / "model")

    assert refusal.value.exit_code == 2
    assert "is a file, not a folder" in str(refusal.value)


@pytest.mark.usefixtures("unproven")
def test_a_target_below_a_link_that_leads_to_itself_is_refused(huggingface_text: ProjectLayout, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")

    with pytest.raises(InputError):
        export(huggingface_text, "hf-folder", tmp_path / "loop" / "model")


@pytest.mark.usefixtures("unproven")
def test_a_full_disk_leaves_nothing_behind(
    huggingface_text: ProjectLayout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("ftstudio.engine.export.model_folder.shutil.copy2", full)

    with pytest.raises(StudioError) as failure:
        export(huggingface_text, "hf-folder", tmp_path / "new" / "model")

    assert failure.value.exit_code == 1
    assert "room" in str(failure.value)
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_answers_differently_is_kept_aside_and_not_called_done(
    huggingface_text: ProjectLayout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = proving.expect

    def shifted(*arguments: object) -> proving.Expected:
        expected = original(*arguments)
        return dataclasses.replace(expected, logits=expected.logits + 0.1)

    monkeypatch.setattr(proving, "expect", shifted)

    document = export(huggingface_text, "hf-folder", tmp_path / "model")

    assert document["certificate"]["passed"] is False
    assert "differ" in document["error"]["message"]
    assert [path.name for path in tmp_path.iterdir()] == ["model.failed-check"]
    assert "FAILED" in (tmp_path / "model.failed-check" / "CERTIFICATE.txt").read_text(encoding="utf-8")
    again = export(huggingface_text, "hf-folder", tmp_path / "model")
    assert Path(again["path"]).name == "model.failed-check-2"


@pytest.mark.usefixtures("unproven")
def test_what_a_killed_export_left_there_goes(huggingface_text: ProjectLayout, tmp_path: Path) -> None:
    half = tmp_path / left_behind()
    half.mkdir()
    (half / "model.safetensors").write_bytes(b"half")
    export(huggingface_text, "hf-folder", tmp_path / "model")

    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert (tmp_path / "model").is_dir()


@pytest.mark.usefixtures("unproven")
def test_cancelling_leaves_nothing_behind(huggingface_text: ProjectLayout, tmp_path: Path) -> None:
    control = Control()
    options = {"format": "hf-folder", "to": str(tmp_path / "model")}
    request = Request(job="export", project=huggingface_text.root, options=options)

    with pytest.raises(CancelledError):
        execute(request, lambda event: control._stop.set(), control)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("source", ["timm", "torchvision"])
def test_an_adapter_alone_is_not_offered_where_its_receiver_could_not_load_it(source: str) -> None:
    model = Exportable(source, catalog.tasks().spec("image-classification"), "lora")

    refused = refusal(catalog.exporters().spec("adapter"), model)

    assert refused is not None and "is not made for" in refused.message.render()
    assert refused.hint is not None and "standalone" in refused.hint.render()
