"""What the column roles are called where a person reads them."""

from __future__ import annotations

from collections.abc import Mapping

from ftstudio.core.specs import Answer, ColumnRole, TaskSpec
from ftstudio.core.translation import N_, tr

TITLES = {
    ColumnRole.TEXT: N_("Text"),
    ColumnRole.TEXT_PAIR: N_("Second text"),
    ColumnRole.LABEL: N_("Label"),
    ColumnRole.IMAGE: N_("Image"),
    ColumnRole.GROUP: N_("Group"),
    ColumnRole.SPLIT: N_("Split"),
    ColumnRole.ID: N_("Identifier"),
}

HELPS = {
    ColumnRole.TEXT: N_("What the model reads"),
    ColumnRole.TEXT_PAIR: N_("A second text read together with the first"),
    ColumnRole.LABEL: N_("What the model learns to answer"),
    ColumnRole.IMAGE: N_("The path of the picture"),
    ColumnRole.GROUP: N_("Rows of one group stay in the same split"),
    ColumnRole.SPLIT: N_("Says which rows are for training, validation and test"),
    ColumnRole.ID: N_("A name for the row; never read by the model"),
}

OWN_TITLES = {
    Answer.SPANS: {ColumnRole.LABEL: N_("Marked places")},
    Answer.BOXES: {ColumnRole.LABEL: N_("Boxes")},
    Answer.EXTRACT: {
        ColumnRole.TEXT: N_("Question"),
        ColumnRole.TEXT_PAIR: N_("Passage"),
        ColumnRole.LABEL: N_("Answer"),
    },
    Answer.TEXT: {
        ColumnRole.TEXT: N_("Text or prompt"),
        ColumnRole.TEXT_PAIR: N_("Text below the prompt"),
        ColumnRole.LABEL: N_("Answer"),
    },
    Answer.REWRITE: {ColumnRole.LABEL: N_("Text to write")},
}
"""What the roles are called where a label is something else than a label."""

OWN_HELPS = {
    Answer.EXTRACT: {
        ColumnRole.TEXT: N_("What is asked"),
        ColumnRole.TEXT_PAIR: N_("The text in which the answer stands"),
    },
    Answer.TEXT: {ColumnRole.TEXT: N_("What the model learns to write, or what it is asked")},
}


def role_title(role: ColumnRole, answer: Answer = Answer.LABEL) -> str:
    """Return the name of a role in the language in use, for data with labels of this kind."""
    return tr(OWN_TITLES.get(answer, {}).get(role, TITLES[role]))


def role_help(role: ColumnRole, answer: Answer = Answer.LABEL) -> str:
    """Return what a column with this role is used for."""
    return tr(OWN_HELPS.get(answer, {}).get(role, HELPS[role]))


def offered_roles(task: TaskSpec) -> list[ColumnRole]:
    """Return the roles that a column can have for a task, in their order."""
    wanted = (*task.required, *task.optional, ColumnRole.GROUP, ColumnRole.SPLIT, ColumnRole.ID)
    return [role for role in ColumnRole if role in wanted]


def with_role(roles: Mapping[ColumnRole, str], column: str, role: ColumnRole | None) -> dict[ColumnRole, str]:
    """Return `roles` with `column` playing `role` and nothing else; None: it plays none."""
    changed = {known: where for known, where in roles.items() if where != column and known != role}
    return changed if role is None else {**changed, role: column}
