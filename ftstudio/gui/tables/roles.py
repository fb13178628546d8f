"""What the column roles are called where a person reads them."""

from __future__ import annotations

from collections.abc import Mapping

from ftstudio.core.specs import ColumnRole, TaskSpec
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


def role_title(role: ColumnRole, *, written: bool = False) -> str:
    """Return the name of a role in the language in use; `written` says that answers are texts."""
    return tr("Answer") if written and role is ColumnRole.LABEL else tr(TITLES[role])


def role_help(role: ColumnRole) -> str:
    """Return what a column with this role is used for."""
    return tr(HELPS[role])


def offered_roles(task: TaskSpec) -> list[ColumnRole]:
    """Return the roles that a column can have for a task, in their order."""
    wanted = (*task.required, *task.optional, ColumnRole.GROUP, ColumnRole.SPLIT, ColumnRole.ID)
    return [role for role in ColumnRole if role in wanted]


def with_role(roles: Mapping[ColumnRole, str], column: str, role: ColumnRole | None) -> dict[ColumnRole, str]:
    """Return `roles` with `column` playing `role` and nothing else; None: it plays none."""
    changed = {known: where for known, where in roles.items() if where != column and known != role}
    return changed if role is None else {**changed, role: column}
