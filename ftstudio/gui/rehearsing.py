"""A rehearsal by itself before a long run: what it will take as one sentence, and a warning where it does not fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ftstudio.core.messages import Request
from ftstudio.core.translation import tr
from ftstudio.gui import notifications

if TYPE_CHECKING:
    from ftstudio.gui.session import Session

LONG_RUN = 180.0
STUDY = "rehearse"


def takes_over(session: Session, begin: Callable[[], None]) -> bool:
    """Rehearse first if the run to come will be long and was not rehearsed as it is; then call `begin`.

    Returns False, with nothing done, where there is nothing to rehearse. Starting again meanwhile skips the rest of
    the rehearsal. Where the run does not fit, `begin` is left to the user.
    """
    running = [one for one in session.operations.running if one.title == _title()]
    for operation in running:
        operation.cancel()
    if running or not _is_long(session) or _is_known(session) or session.project is None:
        return False
    project = session.project

    def still_open() -> bool:
        return session.project is project and session.can_train()

    def tell(document: dict[str, Any]) -> None:
        if still_open():
            _tell(session, document, begin)

    operation = session.operations.run_job(
        Request(job=STUDY, project=project.layout.root, options={"alternatives": False}),
        title=_title(),
        on_success=tell,
        on_failure=lambda _: begin() if still_open() else None,  # what is wrong will show in the run itself
    )

    def skip() -> None:
        operation.cancel()
        if still_open():
            begin()

    words = tr("Rehearsing the run first: three steps on the longest rows. It starts by itself if it fits.")
    notifications.centre().post(words, actions=((tr("Start at once"), skip),))
    return True


def _title() -> str:
    return tr("Rehearsing the run")


def _is_long(session: Session) -> bool:
    from ftstudio.gui.panels.cost import cost_of

    return session.resolved is not None and session.facts is not None and cost_of(session).seconds > LONG_RUN


def _is_known(session: Session) -> bool:
    """Whether the newest rehearsal was made with the data, the model and the settings as they are."""
    from ftstudio.project.studies import list_studies

    if session.project is None or session.resolved is None or session.dataset is None or session.model is None:
        return False
    made = list_studies(session.project.layout, STUDY)
    now = session.resolved.settings.model_dump(mode="json")
    return bool(made) and (
        made[0].report.data_fingerprint == session.dataset.fingerprint
        and made[0].report.model_fingerprint == session.model.fingerprint
        and made[0].report.settings == now
    )


def _tell(session: Session, document: dict[str, Any], begin: Callable[[], None]) -> None:
    sentence = document["advice"][0]["sentence"]
    if document["fits"]:
        notifications.centre().post(sentence, "success")
        begin()
        return

    def find_what_fits() -> None:
        session.stage_requested.emit("advice")
        session.command_requested.emit("start_study", STUDY)

    actions = ((tr("Find what fits"), find_what_fits), (tr("Start anyway"), begin))
    notifications.centre().post(sentence, "warning", actions=actions)
