"""HTML that cannot be broken into: a text is escaped unless it was made by `tag` itself."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

# Control characters, and marks that turn the direction of writing around: a text could pose as another with them.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_NEVER_CLOSED = {"meta", "img", "br", "line", "rect", "circle", "polyline", "path"}


class Html(str):
    """Markup made here; every other text is escaped when it becomes part of markup."""

    __slots__ = ()


Child = str | Iterable["Child"] | None


def tag(element: str, /, *children: Child, **attributes: object) -> Html:
    """Return an element; `class_` means class, other underscores in names of attributes are dashes.

    Attributes that are None are left out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if element in _NEVER_CLOSED and not children:
        return Html(f"<{element}{written}/>")
    return Html(f"<{element}{written}>{join(children)}</{element}>")


def join(children: Iterable[Child]) -> Html:
    """Return children one after the other, texts escaped."""
    return Html("".join(_one(child) for child in children))


def _one(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Html):
        return child
    if isinstance(child, str):
        return html.escape(_UNSEEN.sub(" ", child))
    return join(child)
