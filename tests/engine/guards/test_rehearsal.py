"""The rehearsal: figures that can be true, nothing left behind, and other settings measured where it does not fit."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch

from ftstudio.core.errors import InputError
from ftstudio.core.settings import Overrides, build
from ftstudio.core.states import Split
from ftstudio.datasets.store import Dataset
from ftstudio.engine.guards import rehearsal, rehearsal_report
from ftstudio.engine.guards.largest_rows import LargestRows
from ftstudio.engine.guards.rehearsal import Rehearsed
from ftstudio.engine.guards.rehearsal_report import read_bytes
from ftstudio.engine.guards.smaller_settings import candidates
from ftstudio.engine.learning.steps import Stepper, StepResult
from ftstudio.engine.peak_memory import Peak, there_is
from ftstudio.gui.panels.estimate import steps_of
from ftstudio.planning.facts import gather
from ftstudio.project.store import open_project
from tests.engine.learning.test_out_of_memory import let_fail
from tests.engine.projects import FAST, Tiny
from tests.support.tiny_projects import make_project

CPU = torch.device("cpu")


def files_of(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


def rehearsed(project: Tiny, *, options: dict[str, Any] | None = None, **values: Any) -> dict[str, Any]:
    settings = Overrides(values={**FAST, **values}).model_dump()
    return project.job("rehearse", settings=settings, **(options or {}))


@pytest.mark.parametrize("kind", ["text_project", "image_project"])
@pytest.mark.parametrize("method", ["full", "head"])
def test_it_tells_what_a_run_needs_and_leaves_the_project_as_it_was(
    request: pytest.FixtureRequest, kind: str, method: str
) -> None:
    project: Tiny = request.getfixturevalue(kind)
    before = files_of(project.root)
    found = rehearsed(project, tuning_method=method)

    after = {name: digest for name, digest in files_of(project.root).items() if not name.startswith("studies/")}
    assert after == before
    assert [path.name for path in project.layout.studies.iterdir()] == [found["study"]], "something was left there"
    assert found["fits"] is True
    assert found["alternatives"] == []
    assert found["advice"][0]["mood"] == "good"
    assert found["peak_memory_bytes"] > 50_000_000, "a process with torch takes more"
    assert found["peak_memory_bytes"] < found["memory_limit_bytes"]
    assert 0 < found["seconds_per_step"] < found["total_seconds"]
    assert found["rows_at_once"] == 16


def test_steps_and_disk_are_those_of_the_run_that_follows(text_project: Tiny) -> None:
    found = rehearsed(text_project)
    document = text_project.train()

    assert found["steps"] == document["steps"]
    run = text_project.run(document["run"])
    weights = (run.best / "weights.safetensors").stat().st_size
    assert 5 * weights < found["disk_bytes"] < 12 * weights, "best, last with two moments of each weight, twice"


@pytest.mark.parametrize("kind", ["book", "stories"])
@pytest.mark.parametrize("length", [64, 128])
def test_steps_are_those_of_blocks_where_texts_are_read_on(
    tiny_writer: Path, tmp_path: Path, kind: str, length: int
) -> None:
    words = ["".join(f"the {number} cat sat on {word}. " for number in range(80)) for word in ("a mat", "it", "me") * 9]
    source = tmp_path / "source.txt" if kind == "book" else tmp_path / "source.jsonl"
    rows = "".join(json.dumps({"text": f"{at}: {one}"}) + "\n" for at, one in enumerate(words))
    source.write_text("".join(words) if kind == "book" else rows, encoding="utf-8")
    values = {"monitor": "loss", "max_length": length, "batch_size": 4, "dropout": 0.0, "epochs": 1.0}
    project = Tiny(make_project(tmp_path / kind, "text-generation", source, tiny_writer, **values))
    with open_project(project.root, write=False) as opened:
        facts = gather(opened)
    planned = steps_of(build(values), facts.learned_rows(build(values)))
    told = rehearsed(project, **values)["steps"]
    done = project.train(**values)["steps"]

    assert told == done, "so few rows that all are measured"
    assert abs(planned - done) <= 0.05 * done
    assert done > 2 * facts.rows / 4, "more blocks than rows"


def test_the_three_steps_are_on_the_longest_rows(text_project: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []
    real = Stepper.step

    def step(self: Stepper, batch: Any, number: int, seed: int) -> StepResult:
        seen.append((number, int(self.feed.lengths[batch].min())))
        return real(self, batch, number, seed)

    monkeypatch.setattr(Stepper, "step", step)
    rehearsed(text_project, batch_size=8)

    lengths = sorted(_lengths(text_project), reverse=True)
    assert seen == [(0, lengths[7]), (1, lengths[7]), (2, lengths[7])]


def _lengths(project: Tiny) -> list[int]:
    """Words and two special tokens: every word of these texts is in the vocabulary."""
    texts = Dataset.open(project.layout.data).table(Split.TRAIN)["text"].to_pylist()
    return [len(text.split()) + 2 for text in texts]


def test_where_it_does_not_fit_others_are_measured_and_those_that_fit_are_offered(
    text_project: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made-up needs: the memory a process has taken once is not always given back, so real ones are not comparable."""
    asked: list[dict[str, Any]] = []

    def needs(study: Any, settings: Any, limit: int, extra: int = 0) -> Rehearsed:
        asked.append({"rows": settings.micro_batch_size, "method": settings.tuning_method})
        rows = settings.micro_batch_size or settings.batch_size
        share = {"full": 1.0, "head": 0.1}.get(settings.tuning_method, 0.6)
        peak = int(rows * settings.max_length * share * 1e6)
        return Rehearsed(settings, peak, 1.0, 100.0, 100, 0.1, 1000, rows, settings.max_length)

    monkeypatch.setattr(rehearsal_report, "rehearse", needs)
    found = rehearsed(text_project, options={"memory_limit": "200 MB"}, max_length=64)

    assert found["fits"] is False
    fitting = [one["settings"] for one in found["alternatives"] if one["fits"]]
    assert {"micro_batch_size": 2} in fitting, "16 → 8 → 4 → 2, the nearest that fits"
    assert {"micro_batch_size": 1} not in [one["settings"] for one in found["alternatives"]]
    assert {"tuning_method": "head"} in fitting
    remedies = [one["values"] for one in found["advice"][0]["remedies"]]
    assert remedies == fitting
    assert len(asked) == 1 + len(found["alternatives"])
    assert found["tables"][0]["rows"][0][-1]["template"] == "no"


def test_without_alternatives_nothing_else_is_tried(text_project: Tiny) -> None:
    found = rehearsed(text_project, options={"memory_limit": "1MB", "alternatives": False})

    assert (found["fits"], found["fits_disk"], found["alternatives"]) == (False, True, [])
    assert found["advice"][0]["mood"] == "warning"
    assert "1.0 MB" in found["advice"][0]["sentence"]


def test_memory_that_runs_out_in_the_rehearsal_is_a_finding_not_an_error(
    text_project: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_of(text_project.root)
    let_fail(monkeypatch, MemoryError(), most_rows=4)
    found = rehearsed(text_project)

    assert found["fits"] is False
    assert found["rows_at_once"] == 4
    fitting = [one["settings"] for one in found["alternatives"] if one["fits"]]
    assert {"micro_batch_size": 2} in fitting
    assert {name for name in files_of(text_project.root) if not name.startswith("studies/")} == set(before)


def test_what_a_kill_leaves_of_it_goes_when_the_project_is_opened(
    text_project: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    places: list[Path] = []

    def killed(study: object, settings: object, limit: int, place: Path) -> Rehearsed:
        places.append(place)
        (place / "checkpoint").write_bytes(b"weights")
        # What another process would have left that is no longer there: the same name with a number of none.
        place.rename(left := place.with_name(place.name.replace(str(os.getpid()), "4194305")))
        places.append(left)
        raise KeyboardInterrupt

    monkeypatch.setattr(rehearsal, "_measured", killed)
    with pytest.raises(KeyboardInterrupt):
        rehearsed(text_project)
    assert places[1].is_dir()

    with open_project(text_project.root) as project:
        assert project.recovered.cleaned == (places[1],)
    assert not places[1].exists()


def test_when_not_even_a_row_fits_that_is_told(text_project: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    let_fail(monkeypatch, MemoryError(), most_rows=0)
    found = rehearsed(text_project, options={"alternatives": False})

    assert found["fits"] is False
    assert "too little memory" in str(found["problem"])


def test_the_longest_rows_are_chosen_by_their_characters(text_project: Tiny) -> None:
    dataset = Dataset.open(text_project.layout.data)
    chosen = LargestRows(dataset, 10)
    characters = sorted((len(one) for one in dataset.table(Split.TRAIN)["text"].to_pylist()), reverse=True)

    assert sorted(map(len, chosen.table(Split.TRAIN)["text"].to_pylist()), reverse=True) == characters[:10]
    assert chosen.table(Split.TEST).num_rows == 0
    assert chosen.labels == dataset.labels


def test_the_peak_is_that_of_the_stretch_and_not_of_what_was_before() -> None:
    big = torch.ones(60_000_000)
    del big
    with Peak(CPU) as small:
        pass
    with Peak(CPU) as large:
        kept = torch.ones(40_000_000)
    del kept

    assert 100_000_000 < large.bytes - small.bytes < 260_000_000
    assert large.bytes < there_is(CPU)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("2GB", 2 * 10**9), ("1.5 gb", 15 * 10**8), ("800MB", 8 * 10**8), ("123456", 123456), ("2GiB", 2**31)],
)
def test_amounts_of_memory_are_read(written: str, expected: int) -> None:
    assert read_bytes(written) == expected


@pytest.mark.parametrize("written", ["much", "-2GB", "0", "GB", "2 GB or so", "2XB"])
def test_what_is_no_amount_is_refused(text_project: Tiny, written: str) -> None:
    with pytest.raises(InputError, match="not an amount of memory") as caught:
        rehearsed(text_project, options={"memory_limit": written})

    assert caught.value.where.field == "memory_limit"
    assert not text_project.layout.studies.exists()


def test_the_nearest_settings_come_first_of_each_kind() -> None:
    settings = build({"batch_size": 32, "max_length": 256})
    asked = Rehearsed(settings, rows_at_once=32, longest=200)
    found = list(candidates(settings, asked, "text"))

    assert [one.values["micro_batch_size"] for one in found if one.kind == "rows"] == [16, 8, 4, 2]
    assert [one.values["max_length"] for one in found if one.kind == "length"] == [100, 50]
    assert [one.values["tuning_method"] for one in found if one.kind == "layers"] == ["top_layers", "head"]
    assert [one.values["gradient_checkpointing"] for one in found if one.kind == "again"] == [True]
    assert not any(one.kind in ("length", "again") for one in candidates(settings, asked, "image"))
    head = build({"tuning_method": "head", "micro_batch_size": 1})
    assert list(candidates(head, Rehearsed(head, rows_at_once=1, longest=40), "image")) == []


def test_a_gradual_run_is_rehearsed_with_all_its_layers() -> None:
    assert rehearsal._short(build({"tuning_method": "gradual"})).tuning_method == "full"
