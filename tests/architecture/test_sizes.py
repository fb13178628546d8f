"""Nothing grows too big to be read: files of about a hundred lines, functions of about ten."""

from __future__ import annotations

import ast
import statistics

from tests.architecture.source import modules, name, tree

FILE_HARD = 400
FILE_SOFT = 300
FUNCTION_HARD = 60
SOFT_SHARE = 0.03


def test_no_file_is_too_long() -> None:
    sizes = {name(path): lines for path, lines in _file_lines()}

    assert {path: lines for path, lines in sizes.items() if lines > FILE_HARD} == {}


def test_long_files_are_rare() -> None:
    sizes = {name(path): lines for path, lines in _file_lines()}
    long = {path: lines for path, lines in sizes.items() if lines > FILE_SOFT}

    assert len(long) <= SOFT_SHARE * len(sizes), long


def test_files_are_small_as_a_rule() -> None:
    assert statistics.median(lines for _, lines in _file_lines()) <= 150


def test_no_function_is_too_long() -> None:
    assert {place: lines for place, lines in _function_lines() if lines > FUNCTION_HARD} == {}


def _file_lines():
    return [(path, len(path.read_text(encoding="utf-8").splitlines())) for path in modules()]


def _function_lines():
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name(path)}:{node.lineno} {node.name}", (node.end_lineno or 0) - node.lineno + 1
