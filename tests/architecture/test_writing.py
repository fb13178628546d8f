"""How the source is written: docstrings, names, and texts that can be collected for translation."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, modules, name, tree

TRANSLATED = {"tr", "text", "N_", "text_plural", "tr_plural"}
LAST_RESORTS = {"utils", "util", "helpers", "helper", "misc", "common"}


@pytest.mark.parametrize("path", modules(), ids=name)
def test_every_module_says_why_it_exists(path: Path) -> None:
    assert len(ast.get_docstring(tree(path)) or "") >= 12


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = [name(path) for path in modules() if {*path.relative_to(ROOT).with_suffix("").parts} & LAST_RESORTS]

    assert drawers == []


def test_every_text_for_translation_is_a_literal() -> None:
    """A template put together at run time cannot be collected; a name may stand for one that `N_` marks elsewhere."""
    wrong = [
        f"{place} {ast.unparse(call)[:80]}"
        for place, function, call in _calls()
        for template in call.args[: 2 if function.endswith("_plural") else 1]
        if not _is_literal(template) and (function == "N_" or not _is_marked_elsewhere(template))
    ]

    assert wrong == []


def test_every_placeholder_of_a_text_is_filled() -> None:
    wrong = []
    finished_later = {id(inner) for path in modules() for inner in _texts_of_faults(path)}
    for place, function, call in _calls():
        if function not in ("text", "text_plural") or any(keyword.arg is None for keyword in call.keywords):
            continue
        if id(call) in finished_later:
            continue
        given = {keyword.arg for keyword in call.keywords} | ({"count"} if function == "text_plural" else set())
        templates = [item for item in call.args[: 2 if function == "text_plural" else 1] if _is_literal(item)]
        for template in templates:
            wanted = _placeholders(ast.literal_eval(template))
            if not wanted <= given:
                wrong.append(f"{place} {sorted(wanted - given)} not given")
        if templates and not given <= {key for item in templates for key in _placeholders(ast.literal_eval(item))} | {
            "count"
        }:
            wrong.append(f"{place} {sorted(given)} not all used")

    assert wrong == []


def test_every_placeholder_of_a_formatted_translation_is_filled() -> None:
    wrong = []
    for path in modules():
        for node in ast.walk(tree(path)):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Call(func=ast.Name(id="tr"), args=[template]), attr="format")
                ):
                    given = {keyword.arg for keyword in node.keywords}
                    if _is_literal(template) and None not in given:
                        wanted = _placeholders(ast.literal_eval(template))
                        wrong += [f"{name(path)}:{node.lineno} {wanted} != {given}"] * (wanted != given)

    assert wrong == []


def _calls() -> Iterator[tuple[str, str, ast.Call]]:
    for path in modules():
        for node in ast.walk(tree(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in TRANSLATED
                and node.args
            ):
                yield f"{name(path)}:{node.lineno}", node.func.id, node


def _texts_of_faults(path: Path) -> Iterator[ast.AST]:
    """Yield the calls within `Fault(...)`: a reader names the file and the row later."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Fault":
            yield from ast.walk(node)


def _is_literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_marked_elsewhere(node: ast.expr) -> bool:
    """Whether `node` only looks a template up: a name, an attribute, an item, or a choice between literals of these."""
    if isinstance(node, ast.IfExp):
        return all(_is_literal(item) or _is_marked_elsewhere(item) for item in (node.body, node.orelse))
    if isinstance(node, ast.BoolOp):
        return all(_is_literal(item) or _is_marked_elsewhere(item) for item in node.values)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr == "get"
    return isinstance(node, ast.Name | ast.Attribute | ast.Subscript)


def _placeholders(template: str) -> set[str]:
    return {field.split(".")[0].split("[")[0] for _, field, _, _ in string.Formatter().parse(template) if field}
