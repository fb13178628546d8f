"""Chat templates are programs of others: one that never ends, or takes all memory, is refused in moments."""

from __future__ import annotations

import pytest

from ftstudio.__main__ import TRY_TEMPLATE
from ftstudio.core.errors import InputError
from ftstudio.engine.language import template_trial

NESTED = "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}"
LOOPS = {
    "silent": NESTED + "{% endfor %}",
    "writing": "{% for a in range(99999) %}{% for b in range(99999) %}{{ messages }}{% endfor %}{% endfor %}",
    "recursive": "{% macro more(n) %}{{ n }}{{ more(n) }}{{ more(n) }}{% endmacro %}{{ more(1) }}",
}
BOMBS = {
    "repeated": "{{ 'a' * 10000000000 }}",
    "padded": "{{ 'a'.ljust(10000000000) }}",
    "doubled": "{% set x = namespace(v='ab') %}{% for a in range(60) %}{% set x.v = x.v ~ x.v %}{% endfor %}{{ x.v }}",
}


@pytest.mark.parametrize("name", ["silent", "writing"])
def test_one_that_does_not_end_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_trial, "SECONDS", 1)
    with pytest.raises(InputError, match=r"does not come to an end|more than fits") as refused:
        template_trial.check(LOOPS[name])

    assert "another model" in str(refused.value.hint)


@pytest.mark.parametrize("name", BOMBS)
def test_one_that_takes_all_memory_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="more than fits into memory"):
        template_trial.check(BOMBS[name])


@pytest.mark.parametrize(
    "template",
    [
        "{{ bos_token }}{% for m in messages %}{{ m['role'] }}: {{ m['content'] | trim }}{% endfor %}",
        "{{ raise_exception('no such role') }}",
        "{% for",
        LOOPS["recursive"],
    ],
)
def test_one_that_ends_passes_and_its_own_mistakes_are_told_where_it_is_used(template: str) -> None:
    template_trial.check(template)


def test_a_frozen_program_has_a_door_for_it() -> None:
    assert template_trial.DOOR == TRY_TEMPLATE
