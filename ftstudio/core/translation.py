"""The language in use: gettext catalogues from `resources/translations`, numbers in the reader's notation.

gettext rather than Qt's translator, because the command line and the worker speak too and know no Qt.
`N_` marks a text that is translated later; `tr` translates now.
"""

from __future__ import annotations

import gettext
import math
from collections.abc import Iterator
from contextlib import contextmanager

from ftstudio.core import resources

SOURCE_LANGUAGE = "en"
LANGUAGES = {"en": "English", "pt_BR": "Português (Brasil)"}

_DECIMAL_COMMA = {"pt_BR"}


class _Current:
    """The one language of this process."""

    language = SOURCE_LANGUAGE
    catalogue: gettext.NullTranslations = gettext.NullTranslations()


def use(language: str) -> None:
    """Switch to `language`, a key of `LANGUAGES`; an unknown one falls back to English."""
    path = resources.path("translations", f"{language}.mo")
    if language in LANGUAGES and path.is_file():
        with path.open("rb") as file:
            _Current.catalogue = gettext.GNUTranslations(file)
        _Current.language = language
    else:
        _Current.catalogue, _Current.language = gettext.NullTranslations(), SOURCE_LANGUAGE


@contextmanager
def english() -> Iterator[None]:
    """Speak English within: for what goes into files that travel to readers of any language."""
    before = _Current.language
    use(SOURCE_LANGUAGE)
    try:
        yield
    finally:
        use(before)


def language() -> str:
    """Return the key of the language in use."""
    return _Current.language


def N_(message: str) -> str:
    """Mark `message` for translation and return it unchanged."""
    return message


def tr(message: str) -> str:
    """Translate `message`, an English literal, into the language in use."""
    return _Current.catalogue.gettext(message) if message else ""


def tr_plural(one: str, many: str, count: int) -> str:
    """Translate the form of a counted message that fits `count` in the language in use."""
    return _Current.catalogue.ngettext(one, many, count)


def number(value: float, digits: int | None = None) -> str:
    """Write `value` with thousands grouped and at most `digits` decimals (None: as many as are known, at most 3).

    Magnitudes under 0.001 are written in scientific notation, as learning rates are.
    """
    if isinstance(value, int):
        written = f"{value:,d}"
    elif not math.isfinite(value):
        return str(value)
    elif digits is not None:
        written = f"{value:,.{digits}f}"
    elif value != 0 and abs(value) < 1e-3:
        mantissa, _, exponent = f"{value:.1e}".partition("e")
        written = f"{mantissa.removesuffix('.0')}e{int(exponent)}"
    else:
        written = f"{value:,.3f}".rstrip("0").rstrip(".")
    if _Current.language in _DECIMAL_COMMA:
        written = written.translate(str.maketrans(",.", ".,"))
    return written
