"""How a run ended, as a banner: the result sentence and the way to look at it, or what happened and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftstudio.core.quantities import duration
from ftstudio.core.row_words import name_rows
from ftstudio.core.states import RunState
from ftstudio.core.text import Text
from ftstudio.core.translation import tr
from ftstudio.gui import seal
from ftstudio.gui.session import Session
from ftstudio.gui.widgets.feedback import Banner

if TYPE_CHECKING:
    from ftstudio.project.runs import RunSummary


def result_banner(run: RunSummary, session: Session, message: Text | None = None, hint: Text | None = None) -> Banner:
    """Return the banner of a run that has ended; `message` and `hint` are the outcome's, if it is known."""
    if run.status.state.has_result and run.report is not None:
        return _good(run, session)
    said = message or run.status.message or Text(template="This run has no result.")
    advice = hint or run.status.hint
    state = "danger" if run.status.state is RunState.FAILED else "warning"
    made = Banner(said.render(), state, advice.render() if advice else "")
    resumable = session.resumable()
    if resumable is not None and resumable.id == run.id:
        made.add_button(tr("Resume"), lambda: session.start_training(resume=run.id), "primary")
    return made


def _good(run: RunSummary, session: Session) -> Banner:
    document = seal.document_of(session, run)
    scored = document.headline(session.task)
    words = name_rows(tr("{title} {value} on {rows} {split} rows it had not learned from.")).format(
        title=scored.metric, value=scored.value, rows=scored.rows, split=scored.split_title
    )
    stopped = document.sentence("stopped_because")
    took = tr("It took {time}.").format(time=duration(run.status.seconds))
    made = Banner(words, "success", " ".join(part for part in (stopped, took) if part))

    def look() -> None:
        session.show_run(run.id)
        session.stage_requested.emit("results")

    made.add_button(tr("Look at the results"), look, "primary")
    return made
