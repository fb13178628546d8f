"""Where trainings of a study keep their checkpoints: a folder of the project that cannot be made is told as such."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from ftstudio.core.errors import StudioError
from ftstudio.engine.guards import trials
from ftstudio.engine.runs import checkpoints, training_run
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.runs import list_runs
from ftstudio.project.studies import list_studies
from tests.engine.guards.test_cross_validation import overrides
from tests.engine.projects import Tiny


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    layout = ProjectLayout(tmp_path)
    layout.cache.write_text("a file where the folder should be", encoding="utf-8")

    with (
        pytest.raises(StudioError, match=r"could not be accessed|not there any more") as raised,
        trials.scratch(layout),
    ):
        pass
    assert raised.value.where.file == str(layout.cache)
    assert raised.value.hint


def test_a_disk_that_is_full_when_a_run_begins_is_told_in_a_sentence(
    text_project: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, document: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(training_run, "write_json", full)
    with pytest.raises(StudioError, match="no room left on the disk"):
        text_project.train()
    (run,) = list_runs(text_project.layout)
    assert run.status is not None
    assert "no room left" in str(run.status.message)


@pytest.mark.parametrize("study", ["cross_validate", "learning_curve"])
def test_a_study_on_a_full_disk_is_not_to_be_resumed(
    study: str, text_project: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(weights: Any, path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(checkpoints, "save_file", full)
    with pytest.raises(StudioError, match="checkpoint could not be written") as raised:
        text_project.job(study, settings=overrides(tuning_method="full", epochs=1))
    assert "resume" not in str(raised.value.hint)
    assert "start it again" in raised.value.hint.render() if raised.value.hint else False
    assert list_studies(text_project.layout) == []
