"""Nothing that comes from data becomes markup."""

from __future__ import annotations

import math

from ftstudio.planning.reporting import svg
from ftstudio.planning.reporting.markup import Html, join, tag
from tests.support.reports import Page


def test_texts_are_escaped_and_markup_is_not() -> None:
    made = tag("p", "<script>1</script>", tag("b", "a & b"), ["x", None, "y"], title='"><img src=x>')

    assert made == (
        '<p title="&quot;&gt;&lt;img src=x&gt;">&lt;script&gt;1&lt;/script&gt;<b>a &amp; b</b>xy</p>'
    )  # fmt: skip
    assert isinstance(made, Html)
    assert Page(made).tags == ["p", "b"]


def test_what_turns_writing_around_is_taken_out() -> None:
    assert join(["a\u202eb\x00c\ufeff"]) == "a b c "
    assert join(["één ünï 中文 \u00a0x"]) == "één ünï 中文 \u00a0x"


def test_attributes_that_are_none_are_left_out() -> None:
    assert tag("td", "1", class_="figure", colspan=None, stroke_width=2) == '<td class="figure" stroke-width="2">1</td>'
    assert tag("br") == "<br/>"


def test_a_chart_leaves_out_what_is_no_number() -> None:
    axes = svg.Axes("Loss", "step", "loss", "Loss <by> step.")
    chart = svg.lines(axes, [svg.Line("a", [1, 2, 3, 4], [1.0, math.nan, math.inf, 0.5])])

    assert "nan" not in chart and "inf" not in chart
    assert "<title>Loss &lt;by&gt; step.</title>" in chart
    assert Page(chart).open == []


def test_ticks_are_round_and_within_the_range() -> None:
    for low, high in ((0.0, 1.0), (0.0, 396.0), (-0.3, 0.7), (0.912, 0.931), (5.0, 5.0001)):
        found = svg.ticks(low, high)
        assert 2 <= len(found) <= 7, (low, high, found)
        assert all(low - 1e-9 <= one <= high + 1e-9 for one in found)


def test_a_chart_of_one_point_or_none_can_be_drawn() -> None:
    axes = svg.Axes("Loss", "step", "loss", "")
    assert "circle" in svg.lines(axes, [svg.Line("a", [3], [1.0])])
    assert svg.lines(axes, []).startswith("<svg ")
