"""The same run in two processes: the same result, one writer, one voice, and one list of what broke meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from ftstudio.core.messages import Remark
from ftstudio.core.states import RunState, Split
from ftstudio.datasets.store import Dataset
from ftstudio.project.journal import read_events
from ftstudio.project.layout import RunLayout
from ftstudio.project.runs import list_runs
from tests.engine.projects import FAST, Tiny

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = {**FAST, "optimizer": "sgd", "learning_rate": 0.05, "dropout": 0.0, "max_steps": 8, "epochs": 5.0}
# On processors alone `accelerate launch` starts several processes only through MPI; there one must do.
LAUNCHERS = {
    "torchrun": ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"],
    "accelerate": ["-m", "accelerate.commands.launch", "--cpu", "--num_processes=1", "--num_machines=1",
                   "--mixed_precision=no", "--dynamo_backend=no"],
}  # fmt: skip
PROCESSES = {"torchrun": 2, "accelerate": 1}


def launch(
    launcher: str, project: Tiny, program: str = "ftstudio", loses: str = "", **values: Any
) -> subprocess.CompletedProcess[str]:
    settings = [word for key, value in {**SETTINGS, **values}.items() for word in ("--set", f"{key}={value}")]
    command = [sys.executable, *LAUNCHERS[launcher], "-m", program, "train", str(project.root), *settings, "--json"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "LOSES": loses}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", timeout=280, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("launcher", "kind", "values"),
    [
        ("torchrun", "text_project", {}),
        # Batch norm takes its statistics from what one process sees, so the image model keeps its own.
        ("torchrun", "image_project", {"tuning_method": "head"}),
        ("torchrun", "text_project", {"tuning_method": "gradual", "gradual_epochs": 0.4}),
        ("torchrun", "text_project", {"tuning_method": "lora", "lora_rank": 4}),
        ("accelerate", "text_project", {}),
    ],
)
def test_launched_processes_train_what_one_trains(
    request: pytest.FixtureRequest, launcher: str, kind: str, values: dict[str, Any]
) -> None:
    project: Tiny = request.getfixturevalue(kind)
    alone = project.train(**{**SETTINGS, **values})

    done = launch(launcher, project, **values)

    assert done.returncode == 0, done.stderr[-3000:]
    document = json.loads(done.stdout)  # one document: one voice
    assert (document["state"], document["steps"]) == ("finished", alone["steps"])
    assert len(list(project.layout.runs.iterdir())) == 2, "one run each, whoever many processes"
    together = project.run(document["run"])
    _assert_close(project.run(alone["run"]), together)
    for split in ("validation", "test"):
        assert document["metrics"][split] == pytest.approx(alone["metrics"][split], abs=1e-3)
    assert json.loads(together.environment.read_text(encoding="utf-8"))["processes"] == PROCESSES[launcher]
    steps = [json.loads(line) for line in together.metrics.read_text(encoding="utf-8").splitlines()]
    assert [one["step"] for one in steps if one.get("split") == "train"] == list(range(1, document["steps"] + 1))


def _assert_close(one: RunLayout, other: RunLayout) -> None:
    expected = load_file(one.last / "weights.safetensors")
    found = load_file(other.last / "weights.safetensors")
    assert expected.keys() == found.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, atol=1e-4, err_msg=name)


@pytest.mark.slow
def test_bad_input_is_told_once_and_ends_both(text_project: Tiny) -> None:
    done = launch("torchrun", text_project, monitor="rouge")

    assert done.returncode != 0
    assert set(json.loads(done.stdout)) == {"error"}
    assert not text_project.layout.runs.exists() or not list(text_project.layout.runs.iterdir())


def lost(project: Tiny, split: Split, places: dict[int, int]) -> dict[int, str]:
    """Return names of pictures of a split, one for each rank, which `places` are those of."""
    names = Dataset.open(project.layout.data).table(split)["image"].to_pylist()
    return {rank: Path(names[at]).name for rank, at in places.items()}


@pytest.mark.slow
@pytest.mark.parametrize("values", [{"tuning_method": "head"}, {"tuning_method": "full", "augmentation": "light"}])
def test_what_one_process_cannot_read_both_leave_out(image_project: Tiny, values: dict[str, Any]) -> None:
    learned, checked = lost(image_project, Split.TRAIN, {0: 3, 1: 5}), lost(image_project, Split.VALIDATION, {1: 2})
    rows = Dataset.open(image_project.layout.data).count(Split.TRAIN)
    loses = ",".join(f"{rank}:{name}" for some in (learned, checked) for rank, name in some.items())
    settings = {"probe_first": False, "batch_size": 4, "max_steps": 14, **values}

    done = launch("torchrun", image_project, "tests.support.losing_disk", loses, **settings)

    assert done.returncode == 0, done.stderr[-3000:]
    document = json.loads(done.stdout)
    assert (document["state"], document["steps"]) == ("finished", 14)
    assert sorted(document["left_out"]) == sorted([*learned.values(), *checked.values()])
    assert document["training_rows"] == rows - 2
    told = [one for one in read_events(image_project.run(document["run"]).metrics) if isinstance(one, Remark)]
    assert len([one for one in told if one.code == "picture_left_out"]) == 3
    if values["tuning_method"] == "head":
        for name in [*learned.values(), *checked.values()]:
            next(image_project.layout.data.rglob(name)).unlink()
        alone = image_project.train(**{**SETTINGS, **settings})
        _assert_close(image_project.run(alone["run"]), image_project.run(document["run"]))


@pytest.mark.slow
def test_too_many_broken_pictures_end_both_and_are_told_once(image_project: Tiny) -> None:
    names = Dataset.open(image_project.layout.data).table(Split.TRAIN)["image"].to_pylist()[:12]
    loses = ",".join(f"1:{Path(name).name}" for name in names)

    done = launch("torchrun", image_project, "tests.support.losing_disk", loses, tuning_method="full", batch_size=4)

    assert done.returncode != 0
    document = json.loads(done.stdout)  # one document: one voice
    assert "pictures cannot be read any more" in document["error"]["message"]
    (run,) = list_runs(image_project.layout)
    assert run.status.state is RunState.FAILED
