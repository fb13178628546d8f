"""Names that every system accepts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftstudio.core.file_names import safe_name

RESERVED = {"con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(10))}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Letters 2026", "Letters 2026"),
        ("Prüfung.v2", "Prüfung.v2"),
        ("CON", "_CON"),
        ("con.tar.gz", "_con.tar.gz"),
        ("Lpt9", "_Lpt9"),
        ("COM10", "COM10"),
        ("console", "console"),
        ('a<b>c:d"e/f\\g|h?i*j', "a_b_c_d_e_f_g_h_i_j"),
        ("tab\tnew\nline\0", "tab_new_line_"),
        ("end. . .", "end"),
        (" start", "start"),
        ("..", "export"),
        ("", "export"),
        ("...", "export"),
        ("x" * 300 + ".pth", "x" * 146 + ".pth"),
        ("bad\udcffbyte", "bad_byte"),
        ("é" * 300, "é" * 75),
    ],
)
def test_names(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text())
def test_any_name_becomes_one_that_stays_as_it_is(name: str) -> None:
    safe = safe_name(name)

    assert safe == safe_name(safe)
    assert 0 < len(safe.encode(errors="surrogatepass")) <= 151
    assert not set(safe) & set('<>:"/\\|?*')
    assert not any(ord(character) < 32 for character in safe)
    assert safe[-1] not in ". "
    assert safe.partition(".")[0].lower() not in RESERVED
