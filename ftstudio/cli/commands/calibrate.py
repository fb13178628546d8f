"""`ftstudio calibrate DIR`: correct how sure a model is, and choose when it answers and when it does not know."""

from __future__ import annotations

import argparse
import math
from typing import Any

from ftstudio.cli.arguments import a_word, add_project, add_run
from ftstudio.cli.tables import pairs, table
from ftstudio.core.errors import InputError
from ftstudio.core.quantities import percent, score
from ftstudio.core.specs import Answer, VerbSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_, number, tr

SPEC = VerbSpec(key="calibrate", summary=N_("correct how sure a model is, choose when it says that it does not know"))

_FIGURES = {
    "calibration_error": N_("calibration error"),
    "accuracy": N_("right"),
    "answered": N_("answered"),
    "right_when_answered": N_("right when answered"),
    "precision": N_("right of those given"),
    "recall": N_("found of those there are"),
    "f1": N_("F1"),
    "f1_with_answer": N_("F1 where there is an answer"),
    "right_without_answer": N_("right where there is none"),
    "micro_f1": N_("Micro-F1"),
    "macro_f1": N_("Macro-F1"),
    "subset_accuracy": N_("All labels right"),
}


_SCORES = ("calibration_error", "f1", "f1_with_answer", "micro_f1", "macro_f1")


def configure(parser: argparse.ArgumentParser) -> None:
    """Take the project, the run and what is wanted; nothing wanted shows what is in force."""
    add_project(parser)
    add_run(parser)
    parser.add_argument(
        "--temperature", metavar="X", type=_auto_or_number, help=tr("divide logits by X; auto: fit to validation rows")
    )
    limit = parser.add_mutually_exclusive_group()
    limit.add_argument(
        "--dont-know-below",
        metavar="X",
        type=_number,
        help=tr("say “don't know” where the answer is less likely than X"),
    )
    limit.add_argument("--coverage", metavar="X", type=_number, help=tr("answer this share of rows, say 0.9"))
    limit.add_argument("--accuracy", metavar="X", type=_number, help=tr("be right in this share of answers, say 0.98"))
    parser.add_argument(
        "--positive", metavar="LABEL", type=a_word, help=tr("the one of two labels that the threshold is for")
    )
    parser.add_argument(
        "--threshold",
        metavar="X",
        type=_auto_or_number,
        help=tr(
            "give the positive label, or each of several, from this probability on; auto: where F1 is best, if rows "
            "show that it is"
        ),
    )
    parser.add_argument(
        "--threshold-of",
        metavar="LABEL=X",
        type=_label_and_number,
        action="append",
        default=[],
        help=tr("of several labels: give this one from X on; auto: where F1 is best. May be given more than once"),
    )
    parser.add_argument(
        "--no-answer",
        metavar="X",
        type=_auto_or_number,
        help=tr("of questions: no answer where that is better by more than X; auto: where F1 is best"),
    )
    parser.add_argument(
        "--reset", action="store_true", help=tr("decide as the model was trained, before anything else")
    )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Choose, store and return how the run decides, with figures before and after."""
    from ftstudio.cli import box_thresholds
    from ftstudio.core.deciding import AS_TRAINED
    from ftstudio.datasets.store import Dataset
    from ftstudio.planning.answers import read_answers
    from ftstudio.planning.quality.choosing import Wish, choose
    from ftstudio.project import seal
    from ftstudio.project.decisions import write_decision
    from ftstudio.project.runs import find_run
    from ftstudio.project.schema import now
    from ftstudio.project.store import open_project

    keys = ("temperature", "positive", "threshold", "dont_know_below", "coverage", "accuracy")
    wish = Wish(**{key: getattr(arguments, key) for key in keys})
    of_questions, of_labels = arguments.no_answer is not None, bool(arguments.threshold_of)
    changes = arguments.reset or wish != Wish() or of_questions or of_labels
    with open_project(arguments.project, write=changes) as project:
        found = find_run(project.layout, arguments.run)
        answer = found.request.spec.answer if found.request is not None else Answer.LABEL
        if wish == Wish() and answer is Answer.EXTRACT:
            return _of_questions(arguments, project, found, changes=changes)
        if of_questions:
            raise _not_for_questions()
        if answer is Answer.LABELS and wish == Wish(threshold=wish.threshold):
            return _of_labels(arguments, project, found, changes=changes)
        if of_labels:
            raise _not_for_labels()
        if answer is Answer.BOXES:
            _refuse_all_but_threshold(wish)
            return box_thresholds.calibrate(project, found, wish.threshold, reset=arguments.reset, changes=changes)
        answers = read_answers(found.layout, Dataset.open(project.layout.data), edited=True)
        before = answers.decision
        after = choose(answers, AS_TRAINED if arguments.reset else before, wish)
        if changes:
            after = after.model_copy(update={"chosen": now()})
            write_decision(found.layout, after)
        splits = seal.visible_splits(project.layout, found)
        return {
            "run": found.id,
            "decision": after.model_dump(),
            "labels": answers.labels,
            "before": _figures(answers, before, splits),
            "after": _figures(answers, after, splits),
            "notes": _notes(arguments, after),
        }


def _refuse_all_but_threshold(wish: Any) -> None:
    from ftstudio.planning.quality.choosing import Wish

    if wish != Wish(threshold=wish.threshold):
        raise InputError(
            text("Runs that draw boxes have a threshold and nothing else to choose."),
            text("Give --threshold with a probability, or with “auto”."),
            field="threshold",
        )


def _not_for_labels() -> InputError:
    return InputError(
        text("“{field}” is for runs that give several labels.", field="threshold_of"),
        text("Leave it out, or give nothing but thresholds with it."),
        field="threshold_of",
    )


def _of_labels(arguments: argparse.Namespace, project: Any, found: Any, *, changes: bool) -> dict[str, Any]:
    """Choose from when on each of several labels is given, as `run` does for one of two."""
    from ftstudio.cli import label_thresholds
    from ftstudio.core.deciding import AS_TRAINED
    from ftstudio.datasets.store import Dataset
    from ftstudio.project import seal
    from ftstudio.project.decisions import read_decision, write_decision
    from ftstudio.project.schema import now

    dataset, before = Dataset.open(project.layout.data), read_decision(found.layout)
    begun = AS_TRAINED if arguments.reset else before
    after = label_thresholds.decided(found, dataset, begun, arguments.threshold, arguments.threshold_of)
    if changes:
        after = after.model_copy(update={"chosen": now()})
        write_decision(found.layout, after)
    splits = seal.visible_splits(project.layout, found)
    return {
        "run": found.id,
        "decision": after.model_dump(),
        "labels": label_thresholds.names(found, dataset),
        "before": label_thresholds.figures(found, dataset, before, splits),
        "after": label_thresholds.figures(found, dataset, after, splits),
        "notes": [],
    }


def _not_for_questions() -> InputError:
    return InputError(
        text("“{field}” is for runs that find answers in texts.", field="no_answer"),
        text("Leave it out, and give nothing else with it."),
        field="no_answer",
    )


def _of_questions(arguments: argparse.Namespace, project: Any, found: Any, *, changes: bool) -> dict[str, Any]:
    """Choose when the text of a question has no answer, as `run` does for labels."""
    from ftstudio.cli import no_answers
    from ftstudio.core.deciding import AS_TRAINED
    from ftstudio.datasets.store import Dataset
    from ftstudio.planning.quality.no_answer import PLAIN
    from ftstudio.project import seal
    from ftstudio.project.decisions import read_decision, write_decision
    from ftstudio.project.schema import now

    dataset, before = Dataset.open(project.layout.data), read_decision(found.layout)
    after = no_answers.decided(found, dataset, AS_TRAINED if arguments.reset else before, arguments.no_answer)
    if changes:
        after = after.model_copy(update={"chosen": now()})
        write_decision(found.layout, after)
    splits = seal.visible_splits(project.layout, found)
    unproven = arguments.no_answer == no_answers.AUTO and after.no_answer_margin == PLAIN
    note = tr("The validation rows do not show that another choice is better than what is likelier.")
    return {
        "run": found.id,
        "decision": after.model_dump(),
        "labels": [],
        "before": no_answers.figures(found, dataset, before, splits),
        "after": no_answers.figures(found, dataset, after, splits),
        "notes": [note] if unproven else [],
    }


def show(document: dict[str, Any]) -> list[str]:
    """Return how the run decides and what that does, before and after."""
    decision = document["decision"]
    lines = [(tr("Run"), document["run"]), (tr("Temperature"), number(decision["temperature"], 2))]
    if decision["dont_know_below"]:
        lines.append((tr("Don't know below"), number(decision["dont_know_below"], 3)))
    if decision["positive"]:
        lines.append((tr("“{label}” from").format(label=decision["positive"]), number(decision["threshold"], 3)))
    if decision["no_answer_margin"]:
        lines.append((tr("No answer above"), number(decision["no_answer_margin"], 3)))
    lines += [(tr("“{label}” from").format(label=name), number(at, 3)) for name, at in decision["thresholds"].items()]
    shown = pairs(lines)
    for split, after in document["after"].items():
        before = document["before"][split]
        rows = [[tr(title), _cell(key, before), _cell(key, after)] for key, title in _FIGURES.items() if key in after]
        head = [tr("{split} rows").format(split=tr(split)), tr("before"), tr("after")]
        shown += ["", *table(head, rows, right=[1, 2])]
    return shown + [line for note in document["notes"] for line in ("", note)]


def _notes(arguments: argparse.Namespace, after: Any) -> list[str]:
    from ftstudio.planning.quality.choosing import AUTO
    from ftstudio.planning.quality.thresholds import PLAIN

    if arguments.threshold != AUTO or after.threshold != PLAIN:
        return []
    return [tr("The validation rows do not show that another threshold is better, so the likelier label is given.")]


def _cell(key: str, figures: dict[str, Any]) -> str:
    if key not in figures:
        return "–"
    return score(figures[key]) if key in _SCORES else percent(figures[key], 1)


def _figures(answers: Any, decision: Any, splits: list[str]) -> dict[str, Any]:
    from ftstudio.core.states import Split
    from ftstudio.planning.quality.measuring import figures

    found = {split: figures(answers, Split(split), decision) for split in splits}
    return {split: one.document() for split, one in found.items() if one is not None}


def _number(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(tr("“{word}” is not a number").format(word=word))
    return value


def _label_and_number(word: str) -> tuple[str, float | str]:
    from ftstudio.cli.label_thresholds import parted

    try:
        return parted(word)
    except ValueError:
        raise argparse.ArgumentTypeError(tr("“{word}” is not LABEL=NUMBER").format(word=word)) from None


def _auto_or_number(word: str) -> float | str:
    from ftstudio.planning.quality.choosing import AUTO

    return AUTO if word == AUTO else _number(word)
