"""Standard output holds the answer and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ftstudio.cli.console import claimed_stdout, plain, print_document, print_error, print_lines
from ftstudio.core.errors import ErrorDocument, InputError
from ftstudio.core.states import RunState
from ftstudio.core.text import text

NOISE = """
import ctypes, os, subprocess, sys
from ftstudio.cli.console import claimed_stdout, print_document
with claimed_stdout():
    print("python")
    os.write(1, b"descriptor\\n")
    ctypes.CDLL(None).puts(b"library")
    ctypes.CDLL(None).fflush(None)
    subprocess.run([sys.executable, "-c", "print('child')"])
print_document({"answer": 1})
"""


def test_no_print_of_any_kind_reaches_standard_output() -> None:
    child = subprocess.run([sys.executable, "-c", NOISE], capture_output=True, text=True, check=True)

    assert json.loads(child.stdout) == {"answer": 1}
    for noise in ("python", "descriptor", "library", "child"):
        assert noise in child.stderr


def test_standard_output_comes_back_after_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="inside"), claimed_stdout():
        raise ValueError("inside")
    os.write(1, b"after")

    assert capfd.readouterr().out == "after"


def test_a_document_is_json_whatever_it_holds(capfd: pytest.CaptureFixture[str]) -> None:
    print_document(
        {
            "path": Path("/a"),
            "state": RunState.FINISHED,
            "bad": float("nan"),
            "deep": [(1, float("inf"))],
            "surrogate": "caf\udce9",
            "letters": "ação",
            3: "number",
        }
    )

    document = json.loads(capfd.readouterr().out)
    assert document["path"] == "/a"
    assert document["state"] == "finished"
    assert document["bad"] is None
    assert document["deep"] == [[1, None]]
    assert document["surrogate"] == "caf\udce9"
    assert document["letters"] == "ação"
    assert document["3"] == "number"


def test_plain_keeps_what_json_has() -> None:
    assert plain({"a": [1, 0.5, True, None, "x"]}) == {"a": [1, 0.5, True, None, "x"]}


def test_an_error_for_people_names_place_and_next_step(capfd: pytest.CaptureFixture[str]) -> None:
    error = InputError(text("Row is broken."), text("Mend it."), file="a.csv", row=3, column="label")

    print_error(ErrorDocument.of(error), as_json=False)

    written = capfd.readouterr()
    assert written.out == ""
    assert written.err == "Error: Row is broken.\n  file a.csv, row 3, column label\n  Mend it.\n"


def test_an_error_for_scripts_is_the_document(capfd: pytest.CaptureFixture[str]) -> None:
    error = InputError(text("Row is broken."), text("Mend it."), file="a.csv", row=3)

    print_error(ErrorDocument.of(error), as_json=True)

    written = capfd.readouterr()
    assert json.loads(written.out) == {
        "error": {"message": "Row is broken.", "hint": "Mend it.", "where": {"file": "a.csv", "row": 3}}
    }
    assert written.err == ""


def test_what_data_holds_cannot_play_tricks_on_a_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    trick = "a\x1b[31m\x9b2J\x07 \u202egnp.exe"
    print_lines([f"“{trick}” from\t0.400", "next"])
    print_error(ErrorDocument.of(InputError(text("“{label}” is none.", label=trick))), as_json=False)

    shown = capfd.readouterr()
    for told in (shown.out, shown.err):
        assert "gnp.exe" in told and "[31m" in told, "what can be read is shown"
        assert not set("\x1b\x9b\x07\u202e") & set(told)
    assert shown.out.splitlines() == ["“a [31m 2J   gnp.exe” from\t0.400", "next"]
