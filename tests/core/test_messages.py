"""The wire: every message comes back as it was sent, whatever is in it; anything else is noise, never an error."""

from __future__ import annotations

import json
import math
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftstudio.core import messages
from ftstudio.core.messages import Measured, parse_command, parse_event
from ftstudio.core.text import text

EVENTS, COMMANDS = get_args(messages.Event), get_args(messages.Command)

anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
texts = st.builds(lambda template, value: text(template, value=value), st.text(), st.text() | st.integers())
st.register_type_strategy(type(text("")), texts)


def any_of(kinds: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    free = {"options": "options", "question": "question", "document": "document"}
    built = []
    for kind in kinds:
        given_fields = {
            name: st.dictionaries(st.text(), anything, max_size=3) for name in free if name in kind.model_fields
        }
        if "values" in kind.model_fields:
            given_fields["values"] = st.dictionaries(st.text(), st.floats(), max_size=4)
        built.append(st.builds(kind, **given_fields))
    return st.one_of(built)


def same(one: Any, other: Any) -> bool:
    return one == other or (
        isinstance(one, Measured)
        and one.model_copy(update={"values": {}, "epoch": 0.0, "seconds": 0.0})
        == other.model_copy(update={"values": {}, "epoch": 0.0, "seconds": 0.0})
        and repr(one.values) == repr(other.values)
    )


def is_finite(message: Any) -> bool:
    numbers = (getattr(message, name, 0.0) for name in ("epoch", "seconds", "value"))
    return all(number is None or math.isfinite(number) for number in numbers)


@settings(max_examples=150)
@given(any_of(EVENTS).filter(is_finite))
def test_events_come_back(event: Any) -> None:
    line = event.line()

    assert "\n" not in line
    assert same(parse_event(line), event)
    assert same(parse_event(line.encode()), event)
    assert parse_command(line) is None


@settings(max_examples=100)
@given(any_of(COMMANDS))
def test_commands_come_back(command: Any) -> None:
    assert parse_command(command.line()) == command
    assert parse_event(command.line()) is None


def test_numbers_that_are_none_arrive() -> None:
    event = Measured(split="train", step=1, epoch=0.1, seconds=1.0, values={"loss": math.nan, "a": math.inf, "b": 1.0})
    line = event.line()
    arrived = parse_event(line)

    json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert isinstance(arrived, Measured)
    assert math.isnan(arrived.values["loss"])
    assert arrived.values["a"] == math.inf
    assert arrived.values["b"] == 1.0


@pytest.mark.parametrize(
    "line",
    ["", "  \n", "hello", "{", "[]", "null", "{}", '{"kind": "unknown"}', '{"kind": "kept"}',
     '{"kind": "log", "line_text": "x", "more": 1}', '{"kind": "kept", "which": "best", "step": "x"}',
     b"\xff\xfe\x00", "[" * 100_000, '{"kind": "log", "line_text": "' + "x" * messages.LONGEST_LINE + '"}'],
)  # fmt: skip
def test_noise_is_no_message(line: str | bytes) -> None:
    assert parse_event(line) is None
    assert parse_command(line) is None


@given(st.binary(max_size=200))
def test_no_bytes_raise(line: bytes) -> None:
    parse_event(line)
    parse_command(line)
