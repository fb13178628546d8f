"""Where everything lies in a project folder. Only names: nothing here reads or writes.

The folder is plain and portable: copying it moves the project, and no file in it names a place outside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ftstudio.core.errors import InputError
from ftstudio.core.text import text

PROJECT_FILE = "project.ftstudio"


@dataclass(frozen=True)
class RunLayout:
    """The folder of one run, `runs/<time>-<name>/`."""

    root: Path

    @property
    def id(self) -> str:
        """Return the run's id, the name of its folder."""
        return self.root.name

    @property
    def request(self) -> Path:
        """Return the file that says what was asked for."""
        return self.root / "request.json"

    @property
    def environment(self) -> Path:
        """Return the file of library versions, hardware and hashes."""
        return self.root / "environment.json"

    @property
    def metrics(self) -> Path:
        """Return the journal of everything measured, one JSON line each."""
        return self.root / "metrics.jsonl"

    @property
    def log(self) -> Path:
        """Return the log of technical output."""
        return self.root / "log.txt"

    @property
    def report(self) -> Path:
        """Return the file of results, written at the end."""
        return self.root / "report.json"

    @property
    def head(self) -> Path:
        """Return the file of the few figures of the report that lists show."""
        return self.root / "head.json"

    @property
    def notes(self) -> Path:
        """Return the file of what the user noted with the run: name, star, words."""
        return self.root / "notes.json"

    @property
    def state(self) -> Path:
        """Return the file that says how the run stands."""
        return self.root / "status.json"

    @property
    def checkpoints(self) -> Path:
        """Return the folder of `best` and `last`."""
        return self.root / "checkpoints"

    @property
    def best(self) -> Path:
        """Return the checkpoint with the best monitored value."""
        return self.checkpoints / "best"

    @property
    def last(self) -> Path:
        """Return the checkpoint to resume from."""
        return self.checkpoints / "last"

    @property
    def model(self) -> Path:
        """Return the folder of the trained model."""
        return self.root / "model"

    @property
    def decision(self) -> Path:
        """Return the file that says how the model decides; there is none while it decides as it was trained."""
        return self.root / "decision.json"

    @property
    def adapter(self) -> Path:
        """Return the folder of what LoRA learned, by itself; only runs with that method have it."""
        return self.root / "adapter"

    @property
    def weights(self) -> Path:
        """Return the file of the hashes that the files of model and adapter had when they were written."""
        return self.root / "weights.json"

    @property
    def predictions(self) -> Path:
        """Return the folder of predictions: `predictions.arrow` holds split, row, label and logits of scored rows."""
        return self.root / "predictions"


@dataclass(frozen=True)
class ProjectLayout:
    """The folder of one project."""

    root: Path

    @property
    def file(self) -> Path:
        """Return the project file, which a double click opens."""
        return self.root / PROJECT_FILE

    @property
    def data(self) -> Path:
        """Return the folder of the imported data."""
        return self.root / "data"

    @property
    def runs(self) -> Path:
        """Return the folder of all runs."""
        return self.root / "runs"

    @property
    def trash(self) -> Path:
        """Return the folder of deleted runs, which can be restored until it is emptied."""
        return self.runs / ".trash"

    @property
    def studies(self) -> Path:
        """Return the folder of what was measured outside training runs (see `project.studies`)."""
        return self.root / "studies"

    @property
    def exports(self) -> Path:
        """Return the folder proposed for exports."""
        return self.root / "exports"

    @property
    def looks(self) -> Path:
        """Return the record of every look at the test rows (see `project.seal`)."""
        return self.root / "test_looks.jsonl"

    @property
    def lock(self) -> Path:
        """Return the file that names the process that may write."""
        return self.root / ".lock"

    @property
    def cache(self) -> Path:
        """Return the folder of what can be computed again; it may be deleted at any time."""
        return self.root / ".cache"

    def run(self, run_id: str) -> RunLayout:
        """Return the folder of one run, which need not exist; raises `InputError` for an id that is a path."""
        if not run_id or run_id.startswith(".") or set(run_id) & set('/\\:\0"<>|?*'):
            raise InputError(text("“{run}” is not the id of a run.", run=run_id), field="run")
        return RunLayout(self.runs / run_id)
