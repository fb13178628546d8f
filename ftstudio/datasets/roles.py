"""Guessing what the columns of a table mean, from their names first and from their values then."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from ftstudio.core import number_forms, plain_numbers
from ftstudio.core.errors import InputError
from ftstudio.core.specs import Answer, ColumnRole, Modality
from ftstudio.core.text import text
from ftstudio.datasets import prompt_columns

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")
SPLIT_NAMES = {
    "train": "train", "training": "train",
    "validation": "validation", "valid": "validation", "val": "validation", "dev": "validation", "eval": "validation",
    "test": "test", "testing": "test", "holdout": "test",
}  # fmt: skip

_NAMES: dict[ColumnRole, tuple[str, ...]] = {
    ColumnRole.TEXT: (
        "text", "sentence", "sentence1", "sentence_1", "text1", "text_1", "review", "content", "body", "message",
        "question", "question1", "premise", "comment", "tweet", "document", "description", "utterance", "query",
        "input", "abstract", "sms", "headline", "title", "texto", "mensagem",
    ),
    ColumnRole.TEXT_PAIR: (
        "text_pair", "sentence2", "sentence_2", "text2", "text_2", "hypothesis", "question2", "answer", "response",
    ),
    ColumnRole.LABEL: (
        "label", "labels", "class", "category", "target", "sentiment", "intent", "topic", "tag", "y", "label_text",
        "class_name", "label_name", "spans", "entities", "rating", "stars", "species", "diagnosis", "emotion",
        "rótulo", "rotulo", "classe", "genres", "topics", "tags", "categories", "classes", "score",
        "price",
    ),
    ColumnRole.IMAGE: (
        "image", "image_path", "img", "img_path", "picture", "photo", "file", "filename", "file_name", "filepath",
        "path", "imagem",
    ),
    ColumnRole.GROUP: (
        "group", "group_id", "patient", "patient_id", "subject", "subject_id", "author", "author_id", "user",
        "user_id", "document_id", "doc_id", "session", "session_id", "customer_id", "grupo", "paciente",
    ),
    ColumnRole.SPLIT: ("split", "subset", "partition", "fold", "set"),
    ColumnRole.ID: ("id", "row_id", "index", "uid", "uuid", "idx", "key", "example_id"),
}  # fmt: skip
_ROLE_OF_NAME = {name: role for role, names in _NAMES.items() for name in names}
_NAMES_OF_QUESTIONS: dict[ColumnRole, tuple[str, ...]] = {
    ColumnRole.TEXT: ("question", "query", "text", "pergunta", "questão", "questao"),
    ColumnRole.TEXT_PAIR: (
        "context", "passage", "paragraph", "text_pair", "document", "article", "content", "body", "contexto", "texto",
    ),
    ColumnRole.LABEL: ("answers", "answer", "answer_text", "label", "respostas", "resposta"),
    ColumnRole.GROUP: ("paragraph_id", "title", *_NAMES[ColumnRole.GROUP]),
    ColumnRole.SPLIT: _NAMES[ColumnRole.SPLIT],
    ColumnRole.ID: _NAMES[ColumnRole.ID],
}  # fmt: skip


def is_known_name(name: str) -> bool:
    """Tell whether a column name is one that people give to columns."""
    return _plain(name) in _ROLE_OF_NAME or any(_plain(name) in names for names in _NAMES_OF_QUESTIONS.values())


def known_role(name: str) -> ColumnRole | None:
    """Return what a column of such a name usually is; None for a name that tells nothing."""
    return _ROLE_OF_NAME.get(_plain(name))


def _plain(name: str) -> str:
    return re.sub(r"[\s\-]+", "_", name.strip().lower())


def guess_roles(preview: pa.Table, modality: Modality, answer: Answer = Answer.LABEL) -> dict[ColumnRole, str]:
    """Return the likely column of each role, from the first rows of a table of strings.

    Of questions, passages and answers only the names tell which is which.
    """
    if answer.writes:
        return _of_writing(preview, answer)
    if answer is Answer.EXTRACT:
        return _of_questions(preview)
    roles: dict[ColumnRole, str] = {}
    ranks = {name: names.index(name) for names in _NAMES.values() for name in names}
    for column in sorted(preview.column_names, key=lambda name: ranks.get(_plain(name), 0)):
        role = _ROLE_OF_NAME.get(_plain(column))
        if role is not None and role not in roles and _plausible(role, preview[column]):
            roles[role] = column
    main = ColumnRole.IMAGE if modality is Modality.IMAGE else ColumnRole.TEXT
    other = ColumnRole.TEXT if main is ColumnRole.IMAGE else ColumnRole.IMAGE
    roles.pop(other, None)
    if main is ColumnRole.IMAGE:
        roles.pop(ColumnRole.TEXT_PAIR, None)
    if main not in roles:
        _add_main(roles, main, preview)
    if ColumnRole.LABEL not in roles:
        _add_label(roles, preview, may_be_amount=answer in (Answer.LABEL, Answer.NUMBER))
    return roles


def _of_writing(preview: pa.Table, answer: Answer) -> dict[ColumnRole, str]:
    columns = {_plain(column): column for column in reversed(preview.column_names)}
    find = prompt_columns.find_pair if answer is Answer.REWRITE else prompt_columns.find
    roles = find(dict(reversed(columns.items())))
    for role in (ColumnRole.GROUP, ColumnRole.SPLIT, ColumnRole.ID):
        named = [columns[name] for name in _NAMES[role] if columns.get(name) not in (None, *roles.values())]
        if named and _plausible(role, preview[named[0]]):
            roles[role] = named[0]
    if ColumnRole.TEXT not in roles:
        _add_main(roles, ColumnRole.TEXT, preview)
    return roles


def _of_questions(preview: pa.Table) -> dict[ColumnRole, str]:
    columns = {_plain(column): column for column in reversed(preview.column_names)}
    found = {role: [columns[name] for name in names if name in columns] for role, names in _NAMES_OF_QUESTIONS.items()}
    return {role: listed[0] for role, listed in found.items() if listed and _plausible(role, preview[listed[0]])}


def _plausible(role: ColumnRole, values: pa.ChunkedArray) -> bool:
    if role is ColumnRole.IMAGE:
        return _looks_like_pictures(values)
    if role is ColumnRole.SPLIT:
        distinct = {str(value).strip().lower() for value in values.unique().to_pylist() if value}
        return bool(distinct) and distinct <= set(SPLIT_NAMES)
    return True


def _looks_like_pictures(values: pa.ChunkedArray) -> bool:
    filled = [value.lower() for value in values.to_pylist() if value]
    return bool(filled) and sum(value.endswith(PICTURE_SUFFIXES) for value in filled) > len(filled) / 2


def _free(roles: Mapping[ColumnRole, str], preview: pa.Table) -> list[str]:
    return [name for name in preview.column_names if name not in roles.values()]


def _add_main(roles: dict[ColumnRole, str], main: ColumnRole, preview: pa.Table) -> None:
    free = _free(roles, preview)
    if main is ColumnRole.IMAGE:
        found = [name for name in free if _looks_like_pictures(preview[name])]
    else:
        lengths = {name: pc.mean(pc.utf8_length(preview[name])).as_py() or 0 for name in free}
        found = sorted(free, key=lambda name: -lengths[name])
        if len(free) == 1 and ColumnRole.LABEL not in roles and preview.num_columns > 1:
            found = []
    if found:
        roles[main] = found[0]


def _add_label(roles: dict[ColumnRole, str], preview: pa.Table, *, may_be_amount: bool) -> None:
    """Take the free column with the fewest, shortest values as the label; a lone one may hold amounts instead."""
    candidates: list[tuple[int, str]] = []
    free = _free(roles, preview)
    for name in free:
        values = preview[name].drop_null()
        distinct = len(values.unique())
        longest = pc.max(pc.utf8_length(values)).as_py() or 0
        if 1 <= distinct <= max(2, len(values) // 2) and longest <= 64:
            candidates.append((distinct, name))
    if candidates:
        roles[ColumnRole.LABEL] = min(candidates)[1]
    elif may_be_amount and len(free) == 1 and _are_amounts(preview[free[0]]):
        roles[ColumnRole.LABEL] = free[0]


def _are_amounts(values: pa.ChunkedArray) -> bool:
    """Whether the filled cells are numbers that say how much; those that only rise count the rows."""
    filled = [cell for cell in values.to_pylist() if cell and cell.strip()]
    read = [plain_numbers.read(cell) for cell in number_forms.plain(filled)]
    numbers = [one for one in read if one is not None]
    return 0 < len(numbers) == len(read) and numbers != sorted(numbers)


def check_roles(
    roles: Mapping[ColumnRole, str], columns: Iterable[str], required: Iterable[ColumnRole], file: str
) -> None:
    """Refuse roles that name no column, share one, or leave out one the task needs; raises `InputError`."""
    listed = list(columns)
    for role, column in roles.items():
        if column not in listed:
            raise InputError(
                text("“{file}” has no column called “{column}”.", file=file, column=column),
                text("Its columns are: {columns}.", columns=", ".join(listed[:30])),
                file=file,
                column=column,
                field=role.value,
            )
    used = list(roles.values())
    for role in required:
        if role not in roles and len(listed) == 1:
            raise InputError(
                text("“{file}” has only one column, “{column}”.", file=file, column=listed[0]),
                text("If it has more, the delimiter is another one: choose it, or save the file with commas."),
                file=file,
                column=listed[0],
                field=role.value,
            )
        if role not in roles:
            raise InputError(
                text("No column of “{file}” could be recognised as the {role}.", file=file, role=role.value),
                text(
                    "Say which one it is (on the command line: --column {role}=NAME). The columns are: {columns}.",
                    role=role.value,
                    columns=", ".join(listed[:30]),
                ),
                file=file,
                field=role.value,
            )
    for column in used:
        if used.count(column) > 1:
            raise InputError(
                text("The column “{column}” cannot have two meanings.", column=column),
                text("Choose another column for one of them."),
                file=file,
                column=column,
            )
