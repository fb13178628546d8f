"""From what is known of the rows to the stored split: what is refused, what is left out, what stays together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ftstudio.core import number_forms
from ftstudio.core.errors import InputError
from ftstudio.core.specs import Answer
from ftstudio.core.states import Split
from ftstudio.core.text import Text, text
from ftstudio.datasets import splits
from ftstudio.datasets.manifest import SplitPlan
from ftstudio.datasets.material import Material
from ftstudio.datasets.span_labels import NOTHING
from ftstudio.datasets.splits import CODES, LEFT_OUT, OPEN, Quota

MOST_CLASSES_SHARE = 0.5

Locate = Callable[[int], tuple[str, int]]


def divide(material: Material, plan: SplitPlan, file: str, label_column: str, locate: Locate) -> splits.Codes:
    """Return the split code of every row; raises `InputError` when the data cannot be trained on.

    `file` names the data in messages; `locate` gives the source and the row there of a row of the whole table.
    """
    fixed = np.full(len(material.usable), OPEN, dtype=np.int8)
    if material.given is not None:
        fixed = material.given.copy()
    fixed[material.test_rows] = CODES[Split.TEST]
    fixed[~material.usable] = LEFT_OUT
    _refuse_hopeless(material, fixed, file, label_column)
    has = {split: bool((fixed == code).any()) for split, code in CODES.items()}
    if not has[Split.VALIDATION] and material.given is not None:
        fixed[fixed == CODES[Split.TRAIN]] = OPEN
    open_rows = int((fixed == OPEN).sum())
    states_all = material.given is not None
    most = splits.MOST_WRITTEN if material.answer.writes else splits.MOST_HELD_BACK
    quota = _quota(plan, open_rows, most, has_validation=has[Split.VALIDATION], has_test=has[Split.TEST] or states_all)
    units = splits.together(material.groups, material.same)
    codes = splits.assign(material.labels, units, fixed, quota, plan.seed)
    _refuse_untaught(material, codes, label_column, locate)
    return codes


def all_test(material: Material, file: str) -> splits.Codes:
    """Return the split code of rows that only judge a model; raises `InputError` when none is complete."""
    if not material.usable.any():
        raise _no_complete_row(file, material.answer)
    return np.where(material.usable, CODES[Split.TEST], LEFT_OUT).astype(np.int8)


def _no_complete_row(file: str, answer: Answer) -> InputError:
    if answer is Answer.TEXT:
        return InputError(
            text("“{file}” has no row that a model could learn to write from.", file=file),
            text(
                "Texts must not be empty. In conversations the roles must be known (user, assistant, system), the "
                "sides take turns, and somebody answers."
            ),
            file=file,
        )
    if answer is Answer.NUMBER:
        return InputError(
            text("“{file}” has no row with both an input and a number.", file=file),
            text("Write numbers without unit or thousands separators, as 1234.5, and fill in what is missing."),
            file=file,
        )
    return InputError(
        text("“{file}” has no row in which both input and label are filled in.", file=file),
        text("Look whether the right columns were chosen, and fill in what is missing."),
        file=file,
    )


def _one_row(file: str, answer: Answer) -> InputError:
    hint = text("Learning needs more rows: some dozens at least.")
    if answer is Answer.LABEL:
        hint = text("Learning needs at least two rows with different labels; a good start is 20 rows per class.")
    return InputError(text("“{file}” has only one complete row to learn from.", file=file), hint, file=file)


def _quota(plan: SplitPlan, rows: int, most: int, *, has_validation: bool, has_test: bool) -> Quota:
    usual = splits.default_quota(rows, has_validation=has_validation, has_test=has_test, most=most)
    validation = usual.validation if plan.validation is None or has_validation else plan.validation
    test = usual.test if plan.test is None or has_test else plan.test
    if not (0 <= validation < 1 and 0 <= test < 1 and validation + test < 1):
        raise InputError(
            text("Validation and test cannot take {share} of the data.", share=validation + test),
            text("Leave at least a part of the rows for training."),
            field="split",
        )
    return Quota(validation, test)


def _refuse_hopeless(material: Material, fixed: splits.Codes, file: str, column: str) -> None:
    taught = material.labels[(fixed == OPEN) | (fixed == CODES[Split.TRAIN])]
    if not len(taught):
        raise _no_complete_row(file, material.answer)
    if len(taught) == 1:
        raise _one_row(file, material.answer)
    if material.answer.writes:
        return
    classes = int(np.count_nonzero(np.bincount(taught)))
    if material.answer is not Answer.LABEL:
        if material.values == [NOTHING]:
            raise _nothing_to_find(material.answer, file, column)
        return
    if classes < 2:
        only = material.values[int(taught[0])]
        told = text("All rows of “{file}” have the label “{label}”.", file=file, label=only)
        hint = text("There must be at least two classes. Is “{column}” really the label column?", column=column)
        judging = (fixed == CODES[Split.VALIDATION]) | (fixed == CODES[Split.TEST])
        if (material.labels[judging] != taught[0]).any():
            told = text("All training rows of “{file}” have the label “{label}”.", file=file, label=only)
            hint = text("Other labels are in validation or test rows only. Add rows with them to the training data.")
        raise InputError(
            told,
            hint,
            file=file,
            column=column,
        )
    if len(taught) > 20 and classes > MOST_CLASSES_SHARE * len(taught):
        raise InputError(
            text(
                "The label column “{column}” has {classes} different values in {rows} rows.",
                column=column,
                classes=classes,
                rows=len(taught),
            ),
            _not_classes(material.values),
            file=file,
            column=column,
        )


def _not_classes(values: Sequence[str]) -> Text:
    """Return what to do with labels of which hardly any repeats."""
    if number_forms.are_numbers(values):
        return text(
            "They look like numbers. If they say how much of something there is, write all of them in one way, best as "
            "1234.5 and in one unit; the label is then a number. Classes must repeat."
        )
    return text("Labels must repeat. Choose another column as the label.")


def _nothing_to_find(answer: Answer, file: str, column: str) -> InputError:
    if answer is Answer.SPANS:
        told = text("Nothing is marked in any row of “{file}”.", file=file)
        hint = text("Is “{column}” really the column of the marked places?", column=column)
    elif answer is Answer.LABELS:
        told = text("No row of “{file}” has a label.", file=file)
        hint = text("Is “{column}” really the column of the labels?", column=column)
    elif answer is Answer.NUMBER:
        told = text("All rows of “{file}” with a number have the same number.", file=file)
        hint = text(
            "Is “{column}” really the column of the numbers? They are written without unit or thousands separators, "
            "as 1234.5.",
            column=column,
        )
    elif answer is Answer.BOXES:
        told = text("There is no box in any picture of “{file}”.", file=file)
        hint = text("Is “{column}” really the column of the boxes?", column=column)
    else:
        told = text("No question of “{file}” has an answer.", file=file)
        hint = text("Is “{column}” really the column of the answers?", column=column)
    return InputError(told, hint, file=file, column=column)


def _refuse_untaught(material: Material, codes: splits.Codes, column: str, locate: Locate) -> None:
    if material.answer is not Answer.LABEL:  # a place of an unknown kind is missed, as any other place can be
        return
    known = len(material.values)
    taught = np.bincount(material.labels[codes == CODES[Split.TRAIN]], minlength=known)
    for split in (Split.TEST, Split.VALIDATION):
        here = codes == CODES[split]
        unknown = np.flatnonzero((np.bincount(material.labels[here], minlength=known) > 0) & (taught == 0))
        if len(unknown):
            file, row = locate(int(np.flatnonzero(here & (material.labels == unknown[0]))[0]))
            raise InputError(
                text(
                    "The label “{label}” is only in the {split} data, so it cannot be learned.",
                    label=material.values[int(unknown[0])],
                    split=Text(template=split.value),
                ),
                text("Correct the label, or add rows with it to the training data."),
                file=file,
                row=row,
                column=column,
            )
