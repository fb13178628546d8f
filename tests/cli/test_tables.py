"""Tables line up, whatever is in their cells."""

from __future__ import annotations

from ftstudio.cli.tables import pairs, table, width


def test_columns_line_up_and_numbers_stand_at_the_right() -> None:
    lines = table(["name", "rows"], [["a", "1"], ["longer", "1,000"]], right=[1])

    assert lines == ["name     rows", "──────  ─────", "a           1", "longer  1,000"]


def test_wide_letters_take_two_cells() -> None:
    lines = table(["x", "y"], [["猫", "1"], ["abc", "2"]])

    assert [width(line) for line in lines[2:]] == [6, 6]


def test_a_cell_cannot_move_the_cursor() -> None:
    assert table(["x"], [["a\x1b[2Jb\nc"]])[-1] == "a [2Jb c"


def test_one_endless_cell_does_not_stretch_every_line() -> None:
    lines = table(["label", "rows"], [["L" * 10_000, "1"], ["b", "2"]])

    assert max(map(width, lines)) < 250
    assert "…" in lines[2]


def test_a_table_without_rows_is_its_head() -> None:
    assert table(["key", "title"], []) == ["key  title", "───  ─────"]


def test_pairs_leave_out_what_is_empty() -> None:
    assert pairs([("Run", "1"), ("State", ""), ("Steps", "20")]) == ["Run    1", "Steps  20"]
