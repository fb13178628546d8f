"""One question at a time: a large field, and beside it a large answer that follows the typing."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from ftstudio.core.errors import ErrorDocument
from ftstudio.core.samples import Explanation
from ftstudio.core.specs import Answer, ColumnRole, Modality
from ftstudio.core.text import text
from ftstudio.core.translation import tr
from ftstudio.gui import theme
from ftstudio.gui.operations import Operations
from ftstudio.gui.session import Session
from ftstudio.gui.trying.answer_card import AnswerCard
from ftstudio.gui.trying.conversation import Conversation
from ftstudio.gui.trying.history import History
from ftstudio.gui.trying.manner_row import MannerRow
from ftstudio.gui.trying.questions import QUESTIONS, PictureQuestion, Question, TextQuestion
from ftstudio.gui.trying.reasons import Reasons
from ftstudio.gui.trying.warm_worker import State, WarmWorker
from ftstudio.gui.widgets.card import Card, empty
from ftstudio.project.runs import RunSummary

DEBOUNCE_MS = 150
HISTORY_HEIGHT = 132
BASE = "base:"  # before a run's id: the model that it was made from (`engine.inference.untuned`)


class OneByOne(QWidget):
    """Asks the chosen run, and a second one if the user wants to compare."""

    def __init__(self, session: Session, operations: Operations) -> None:
        super().__init__()
        self._session = session
        self.worker = WarmWorker(session, operations)
        self.worker.changed.connect(self._show_state)
        self.worker.answered.connect(self._show_answers)
        self.worker.writing.connect(self._show_writing)
        self.conversation = Conversation()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DEBOUNCE_MS)
        self._timer.timeout.connect(self.ask)
        self._run: RunSummary | None = None
        self._project: object = None
        self._asked: Question | None = None
        self._kind = Answer.LABEL
        self.field: TextQuestion | PictureQuestion | None = None
        self.cards = (AnswerCard(), AnswerCard())
        self.compare = QComboBox()
        self.compare.setAccessibleName(tr("Compare with"))
        self.compare.activated.connect(lambda _: self._compare())
        self.reasons: Reasons | None = None
        self.history = History()
        self.history.chosen.connect(self._bring_back)
        self._build()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.L)
        left = QVBoxLayout()
        left.setSpacing(theme.L)
        self._question = Card(tr("What you ask"))
        left.addWidget(self._question, 1)
        self.manner = MannerRow()
        self.manner.asked.connect(self.ask)
        self.manner.stopped.connect(self._stop)
        self.manner.renewed.connect(self._renew)
        self._before = Card(tr("Asked before"))
        self.history.setFixedHeight(HISTORY_HEIGHT)
        self._before.add(self.history)
        self._before.hide()
        left.addWidget(self._before)
        row.addLayout(left, 4)
        answers, right = QHBoxLayout(), QVBoxLayout()
        answers.setSpacing(theme.L)
        for card in self.cards:
            answers.addWidget(card, 1)
        self.cards[1].hide()
        right.setSpacing(theme.M)
        right.addLayout(answers, 1)
        right.addWidget(self.compare, 0, Qt.AlignmentFlag.AlignRight)
        row.addLayout(right, 5)

    def show_run(self, run: RunSummary) -> None:
        """Answer with another run's model."""
        if self._session.project is not self._project:
            self._project = self._session.project
            self._build_field()
        known = self._run.id if self._run is not None else ""
        self._run = run
        self._list_others()
        self._name_cards()
        if known != run.id:
            self._ask_again()

    def _build_field(self) -> None:
        task = self._session.task
        if self.field is not None:
            self.field.hide()
            self.field.deleteLater()
        self.history.clear()
        self.conversation.clear()
        self.manner.renew.hide()
        self._before.hide()
        self._asked = None
        self.field = QUESTIONS[task.modality if task is not None else Modality.TEXT]()
        dataset = self._session.dataset
        self._kind = task.answer if task is not None else Answer.LABEL
        pairs = dataset is not None and ColumnRole.TEXT_PAIR in dataset.roles
        self.field.show_pairs(pairs, questions=self._kind is Answer.EXTRACT)
        self.field.changed.connect(self._changed)
        self.manner.setVisible(self._writes)
        resolved = self._session.resolved
        rewrites = self._kind is Answer.REWRITE and resolved is not None
        self.manner.show_kind(self._kind, resolved.settings.target_length if rewrites and resolved else None)
        self._question.add(self.field)
        self._question.add(self.manner)
        empty(self.cards[0].below)
        shown = self.field.picture if isinstance(self.field, PictureQuestion) else None
        self.reasons = Reasons(task.sample_view if task is not None else "text", shown)
        self.reasons.asked.connect(self._explain)
        self.reasons.cancelled.connect(self.worker.forget)
        self.cards[0].below.addWidget(self.reasons)
        self._show_empty()

    @property
    def _writes(self) -> bool:
        """Whether the model writes: then it is let to by a button, because that takes longer than typing on."""
        task = self._session.task
        return task is not None and task.answer.writes

    def _stop(self) -> None:
        self.worker.interrupt(self.runs())
        self._asked = None
        begun = [card for card in self._shown() if not card.written.isHidden() and not card.has_answer]
        for card in begun:
            card.show_stopped()
        if not begun:
            self._show_empty()

    def _renew(self) -> None:
        self.conversation.clear()
        self.manner.renew.hide()
        self._show_empty()

    def _list_others(self) -> None:
        kept = self.compare.currentData()
        self.compare.clear()
        self.compare.addItem(tr("Compare with…"), "")
        task = self._session.task
        if self._run is not None and task is not None and (task.answer is Answer.LABEL or task.answer.writes):
            self.compare.addItem(tr("The model before training"), f"{BASE}{self._run.id}")
        for run in self._session.runs:
            if run.report is not None and (self._run is None or run.id != self._run.id):
                self.compare.addItem(self._name_of(run), run.id)
        kept = f"{BASE}{self._run.id}" if self._run is not None and str(kept).startswith(BASE) else kept
        self.compare.setCurrentIndex(max(0, self.compare.findData(kept)))
        self.cards[1].setVisible(bool(self.compare.currentData()))

    def _name_of(self, run: RunSummary) -> str:
        runs = self._session.runs
        return tr("Run {number}: {name}").format(number=len(runs) - runs.index(run), name=run.name)

    def _name_cards(self) -> None:
        if self._run is not None:
            self.cards[0].set_name(self._name_of(self._run))
        other = str(self.compare.currentData() or "")
        about = tr("Unchanged, with the simplest answer layer there is, learned from up to 1,000 training rows.")
        if self._writes:
            about = tr("Unchanged, as it was before it learned from your data.")
        self.cards[1].set_name(self.compare.currentText() if other else "", about if other.startswith(BASE) else "")

    def _compare(self) -> None:
        self.cards[1].setVisible(bool(self.compare.currentData()))
        self.cards[1].show_nothing("")
        self._name_cards()
        self._ask_again()

    def runs(self) -> list[str]:
        """Return the runs that answer."""
        chosen = [self._run.id if self._run is not None else "", self.compare.currentData() or ""]
        return [run for run in chosen if run]

    # Asking

    def _changed(self) -> None:
        if self.field is not None and self.field.value() is None:
            self._timer.stop()
            self.worker.forget()
            self._asked = None
            self._show_empty()
        elif not self._writes:
            self._timer.start()

    def ask(self) -> None:
        """Ask what is in the field now."""
        self._timer.stop()
        question = self.field.value() if self.field is not None else None
        if question is not None and self._run is not None:
            if self._writes:
                texts = self.conversation.texts(str(question["text"]), self.runs())
                question = {**question, "manner": self.manner.value(), **({"texts": texts} if texts else {})}
            self._asked = question
            self.worker.ask(question, self.runs())

    def _explain(self, label: str) -> None:
        if self._asked is not None and self._run is not None:
            self.worker.ask({**self._asked, "explain": label}, [self._run.id])

    def _ask_again(self) -> None:
        self.conversation.clear()
        self.manner.renew.hide()
        if self.field is not None and self.field.value() is not None:
            self.ask()
        else:
            self._show_empty()

    def _bring_back(self, question: Question) -> None:
        if self.field is not None:
            self.field.show_value(question)
            self._ask_again()

    # Showing

    def _shown(self) -> list[AnswerCard]:
        return [card for card in self.cards if not card.isHidden()]

    def _show_empty(self) -> None:
        self._withdraw_reasons()
        at_once = tr("The answer appears here as soon as there is something to answer.")
        words = tr("What it writes appears here once you press Write.") if self._writes else at_once
        for card in self._shown():
            card.show_nothing(words)

    def _withdraw_reasons(self) -> None:
        if self.reasons is not None:
            self.reasons.withdraw()

    def _show_state(self) -> None:
        worker = self.worker
        self.manner.show_working(worker.is_asked)
        if worker.why is not None:
            self._withdraw_reasons()
            again = (tr("Load it again"), self._load_again)
            for card in self._shown():
                card.show_problem(worker.why, worker.hint or text("It comes back as soon as you ask."), again)
        elif worker.phase.template and self._asked is not None and worker.is_asked:
            words = tr("{phase}… this takes some seconds, once.").format(phase=worker.phase.render())
            for card in self._shown():
                if not card.has_answer or worker.state is State.WARMING:
                    card.show_nothing(words, working=True)

    def _load_again(self) -> None:
        self._show_empty()
        self._ask_again()
        self.worker.warm_up(self.runs())

    @property
    def _asked_in(self) -> str:
        """The part of a question that places are marked in."""
        return "file" if self._kind is Answer.BOXES else self._kind.passage.value

    def _show_answers(self, document: dict[str, Any], seconds: float) -> None:
        error = document.get("error")
        if error is not None:
            told = ErrorDocument.model_validate(error)
            self._withdraw_reasons()
            for card in self._shown():
                card.show_error(told)
            return
        if document.get("explanation") is not None and self.reasons is not None:
            self.reasons.show_explanation(Explanation.model_validate(document["explanation"]))
            return
        answers = {str(answer.get("run")): answer for answer in document.get("answers") or []}
        shown = [answers.get(run) for run in self.runs()]
        computed = sum(float(answer.get("seconds", 0.0)) for answer in answers.values())
        for card, answer in zip(self.cards, shown, strict=False):
            if answer is not None:  # what the way there and back took counts for each, the other's work does not
                took = max(0.0, seconds - computed) + float(answer.get("seconds", 0.0))
                card.show_answer(answer, took, str((self._asked or {}).get(self._asked_in, "")), self._kind)
        self._offer_reasons(shown[0])
        if self._asked is not None and all(shown):
            given = [answer for answer in shown if answer is not None]
            self._go_on(given)
            self.history.note(self._asked, given, writes=self._kind.writes)
            self._before.show()

    def _show_writing(self, run: str, words: str) -> None:
        """Show what is being written; of the cards the one whose run it is."""
        if self._asked is None:
            return
        for card, one in zip(self.cards, self.runs(), strict=False):
            if one == run:
                card.show_writing(words, self._said_before(run))

    def _said_before(self, run: str) -> str:
        if not self.conversation.asked:
            return ""
        said = self.conversation.transcript(run, str((self._asked or {}).get("text", "")))
        return f"{said}\n\n{tr('Model: {words}').format(words='')}"

    def _go_on(self, answers: list[dict[str, Any]]) -> None:
        """Remember a turn of a conversation, and make room for the next."""
        words = str((self._asked or {}).get("text", ""))
        if not all(one.get("talks") for one in answers) or (self._asked or {}).get("text_pair"):
            return
        for card, one in zip(self.cards, answers, strict=False):
            if self.conversation.asked:
                card.written.setPlainText(f"{self._said_before(str(one['run']))}{one['label']}")
                bar = card.written.verticalScrollBar()
                bar.setValue(bar.maximum())
        self.conversation.note(words, answers)
        self.manner.renew.show()
        if isinstance(self.field, TextQuestion):
            self.field.first.selectAll()  # what is typed next is the next turn

    def _offer_reasons(self, answer: dict[str, Any] | None) -> None:
        if self.reasons is not None and self._asked is not None and answer is not None:
            labels = list(answer.get("probabilities") or {})
            if not labels or self._kind is Answer.LABELS:  # marked places have no reasons to give
                return
            self.reasons.offer(self._asked, labels, str(answer.get("label", "")))

    def showEvent(self, event: QShowEvent) -> None:
        """Have the model ready by the time the first words are typed."""
        super().showEvent(event)
        if self._run is not None and not self._session.trainer.is_active:
            self.worker.warm_up(self.runs())

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask nothing more while nobody looks."""
        super().hideEvent(event)
        self._timer.stop()
