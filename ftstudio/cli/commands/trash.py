"""`ftstudio trash DIR`: the deleted runs of a project; delete one, restore one, or remove all for good."""

from __future__ import annotations

import argparse
from typing import Any

from ftstudio.cli.arguments import a_word, add_project
from ftstudio.cli.tables import table
from ftstudio.core.errors import InputError
from ftstudio.core.quantities import byte_size
from ftstudio.core.specs import VerbSpec
from ftstudio.core.text import text, text_plural
from ftstudio.core.translation import N_, tr

SPEC = VerbSpec(key="trash", summary=N_("delete runs, restore them, or empty the trash"))


def configure(parser: argparse.ArgumentParser) -> None:
    """Take the project and one thing to do; without any, the trash is listed."""
    add_project(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--delete", metavar="RUN", nargs="+", type=a_word, help=tr("move these runs to the trash"))
    what.add_argument("--restore", metavar="RUN", nargs="+", type=a_word, help=tr("put these runs back"))
    what.add_argument("--empty", action="store_true", help=tr("remove what is in the trash for good (needs --yes)"))
    parser.add_argument("--yes", action="store_true", help=tr("yes, remove it for good"))


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Do it, and return what was done and what is in the trash now."""
    from ftstudio.project import trash
    from ftstudio.project.runs import find_run
    from ftstudio.project.store import open_project

    acts = arguments.delete or arguments.restore or arguments.empty
    with open_project(arguments.project, write=bool(acts)) as project:
        layout, removed = project.layout, 0
        if arguments.empty:
            _must_be_meant(arguments.yes, trash.count_trash(layout))
            removed = trash.empty_trash(layout)
        wanted = [find_run(layout, name).id for name in arguments.delete or ()]
        deleted = [trash.delete_run(layout, run_id).id for run_id in dict.fromkeys(wanted)]
        found = [trash.find_deleted(layout, name) for name in dict.fromkeys(arguments.restore or ())]
        restored = [trash.restore_run(layout, one.id).id for one in found]
        found = trash.list_trash(layout)
        listed = [{"run": one.id, "name": one.name, "deleted": one.deleted.isoformat()} for one in found]
        return {
            "deleted": deleted,
            "restored": restored,
            "removed": removed,
            "trash": listed,
            "bytes": trash.size_of(found),
        }


def show(document: dict[str, Any]) -> list[str]:
    """Return what was done, then what is in the trash."""
    lines = [tr("{run} is in the trash now.").format(run=run) for run in document["deleted"]]
    lines += [tr("{run} is back.").format(run=run) for run in document["restored"]]
    if document["removed"]:
        removed = text_plural("{count} run was removed for good.", "{count} runs were removed for good.",
                              document["removed"])  # fmt: skip
        lines.append(removed.render())
    if not document["trash"]:
        return [*lines, tr("The trash is empty.")]
    rows = [[one["run"], one["name"], one["deleted"][:16].replace("T", " ")] for one in document["trash"]]
    shown = table([tr("run"), tr("name"), tr("deleted (UTC)")], rows)
    return [*lines, *shown, tr("It takes {size} on the disk.").format(size=byte_size(document["bytes"]))]


def _must_be_meant(yes: bool, count: int) -> None:
    if count and not yes:
        raise InputError(
            text_plural(
                "{count} deleted run would be gone for good.", "{count} deleted runs would be gone for good.", count
            ),
            text("Add --yes if that is what you want. Nothing was changed."),
            field="yes",
        )
