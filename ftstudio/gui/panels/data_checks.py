"""Keeps the report on the data true: checks run in the background once for each state of data, model and settings."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from ftstudio.core.problems import Problem
from ftstudio.core.specs import Modality
from ftstudio.core.translation import tr
from ftstudio.gui.operations import Operations
from ftstudio.gui.panels.data_charts import Lengths, measure
from ftstudio.gui.session import Session

SETTING = "setting"


class DataChecks(QObject):
    """Tells the session what was found. `measured(Lengths, object)` carries the lengths and the limit in tokens."""

    measured = Signal(object, object)

    def __init__(self, session: Session, operations: Operations, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._operations = session, operations
        self._state: tuple[Any, ...] = ()
        self._found: list[Problem] = []
        self._doubts: list[Problem] = []
        self._searched: tuple[Any, ...] = ()
        self.is_known = False
        session.data_changed.connect(self.check)
        session.model_changed.connect(self.check)
        session.settings_changed.connect(self.check)
        session.runs_changed.connect(self._look_for_doubts)  # a search for wrong labels has ended

    def again(self) -> None:
        """Check although nothing seems to have changed."""
        self._state = ()
        self.check()

    def check(self) -> None:
        """Check if anything that matters has changed since."""
        session = self._session
        dataset, task, model = session.dataset, session.task, session.model
        if dataset is None or task is None:
            self._state, self.is_known = (), False
            return
        self._look_for_doubts()
        is_text = task.modality is Modality.TEXT
        limits = self._limits(is_text)
        state = (dataset, dataset.fingerprint, str(model.path) if model else "", limits)
        if state == self._state:
            self._tell()
            return
        self._state, self._found, self.is_known = state, [], False

        def work() -> list[Problem]:
            from ftstudio.datasets.checks import run_checks

            return run_checks(dataset, task, model, *limits)

        self._operations.run(
            work, title=tr("Checking the data"), on_success=lambda problems: self._take(state, problems)
        )
        if is_text:
            tokenizer = model.path / "tokenizer.json" if model is not None else None
            self._operations.run(
                lambda: measure(dataset, tokenizer),
                title=tr("Measuring the texts"),
                on_success=lambda lengths: self._pass_on(state, lengths, limits[0]),
            )

    def _limits(self, is_text: bool) -> tuple[int | None, int | None, int | None]:
        """Return how long the texts are that are read and written, and the size that pictures are read at."""
        settings = self._session.resolved.settings if self._session.resolved else None
        if settings is None:
            return None, None, None
        if is_text:
            return settings.max_length, settings.target_length, None
        return None, None, settings.picture_size

    def _look_for_doubts(self) -> None:
        """Read what the latest search for wrong labels found, if there was one or something was decided since."""
        from ftstudio.planning.doubtful_labels import findings, latest_search

        project, dataset = self._session.project, self._session.dataset
        if project is None or dataset is None:
            return
        layout = project.layout
        searched = (dataset, tuple(dataset.edits), latest_search(layout))
        if searched == self._searched:
            return
        self._searched, self._doubts = searched, []
        if searched[-1]:
            self._operations.run(
                lambda: list(findings(layout, dataset)),
                title=tr("Checking the data"),
                on_success=lambda found: self._take_doubts(searched, found),
            )

    def _take_doubts(self, searched: tuple[Any, ...], found: list[Problem]) -> None:
        if searched == self._searched:
            self._doubts = found
            self._tell()

    def _take(self, state: tuple[Any, ...], problems: list[Problem]) -> None:
        if state == self._state:
            self._found, self.is_known = problems, True
            self._tell()

    def _pass_on(self, state: tuple[Any, ...], lengths: Lengths, limit: int | None) -> None:
        if state == self._state:
            self.measured.emit(lengths, limit)

    def _tell(self) -> None:
        """Hand over what the checks found, less what the settings have mended since."""
        if self.is_known:
            found = [problem for problem in self._found if not self._is_mended(problem)]
            self._session.set_problems([*found, *self._doubts])

    def _is_mended(self, problem: Problem) -> bool:
        resolved = self._session.resolved
        if problem.fix is None or problem.fix.key != SETTING or resolved is None:
            return False
        settings = resolved.settings.model_dump()
        return all(settings.get(key) == value for key, value in problem.fix.params.items())
