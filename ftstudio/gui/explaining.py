"""Explanations asked of a worker, one at a time, and kept: going back to a sample shows its reasons at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ftstudio.core.errors import ErrorDocument
from ftstudio.core.messages import Progress, Request
from ftstudio.core.samples import Explanation
from ftstudio.core.translation import tr
from ftstudio.gui.operations import Operation, Operations
from ftstudio.gui.session import Session

KEPT = 200
Key = tuple[str, int, str]


class Explaining:
    """Runs the job `explain` on the open project; a key names run, row and label."""

    def __init__(self, session: Session, operations: Operations) -> None:
        self._session, self._operations = session, operations
        self._kept: OrderedDict[Key, Explanation] = OrderedDict()
        self._operation: Operation | None = None
        self._asked: Key | None = None
        session.project_changed.connect(self.forget)

    def known(self, key: Key) -> Explanation | None:
        """Return an explanation that was made before."""
        return self._kept.get(key)

    def working_on(self, key: Key) -> bool:
        """Whether this explanation is being made."""
        return self._asked == key

    def ask(
        self,
        key: Key,
        options: dict[str, Any],
        *,
        on_success: Callable[[Explanation], None],
        on_failure: Callable[[tuple[str, str]], None],
        on_progress: Callable[[str], None],
    ) -> None:
        """Have an explanation made; one that is being made for another sample is given up."""
        self.cancel()
        project = self._session.project
        if project is None:
            return
        self._asked = key

        def succeed(document: dict[str, Any]) -> None:
            found = Explanation.model_validate(document["explanation"])
            self._keep(key, found)
            on_success(found)

        def fail(error: Any) -> None:
            self._end(key)
            on_failure(_in_words(error))

        self._operation = self._operations.run_job(
            Request(job="explain", project=project.layout.root, options=options),
            title=tr("Explaining an answer"),
            on_success=succeed,
            on_failure=fail,
            on_progress=lambda progress: on_progress(_said(progress)),
        )

    def cancel(self) -> None:
        """Give up what is being made."""
        if self._operation is not None and self._operation in self._operations.running:
            self._operation.cancel()
        self._operation, self._asked = None, None

    def forget(self) -> None:
        """Forget everything: another project was opened."""
        self.cancel()
        self._kept.clear()

    def _keep(self, key: Key, found: Explanation) -> None:
        self._end(key)
        self._kept[key] = found
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def _end(self, key: Key) -> None:
        if self._asked == key:
            self._operation, self._asked = None, None


def _said(progress: Progress) -> str:
    return progress.phase.render()


def _in_words(error: Any) -> tuple[str, str]:
    document = error if isinstance(error, ErrorDocument) else ErrorDocument.of(error)
    return document.message.render(), document.hint.render() if document.hint else ""
