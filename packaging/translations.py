"""Collects the texts of the program for translators and compiles what they wrote.

`python packaging/translations.py update` brings `resources/translations/*.po` up to date with the code;
`python packaging/translations.py compile` makes the `.mo` files that the program reads.
"""

from __future__ import annotations

import argparse
import io
from functools import cache
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "resources" / "translations"
# The forms of plurals are written here, because Babel's own change with its version and every translation with them.
LANGUAGES = {"pt_BR": (2, "(n > 1)")}
KEYWORDS = {"tr": None, "N_": None, "text": None, "text_plural": (1, 2), "tr_plural": (1, 2)}


class Translated(Catalog):
    """A language's texts under a header that names neither dates nor tools, so that equal texts give equal files."""

    @property
    def num_plurals(self) -> int:
        """Return how many forms a text with a number has."""
        return LANGUAGES[str(self.locale)][0]

    @property
    def plural_expr(self) -> str:
        """Return the C expression that chooses the form for a number `n`."""
        return LANGUAGES[str(self.locale)][1]

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """Return the header fields that readers of the file need."""
        return [
            ("Project-Id-Version", "Fine-Tuning Studio"),
            ("Language", str(self.locale)),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=UTF-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", self.plural_forms),
        ]

    @mime_headers.setter
    def mime_headers(self, headers: object) -> None:
        """Ignore what a file says: the fields follow from the language."""


@cache
def collect() -> Catalog:
    """Return every text that the program can show, from the literals given to the marking functions."""
    template = Catalog(project="ftstudio", charset="utf-8", fuzzy=False)
    comments = ("Translators:",)
    found = extract_from_dir(ROOT / "ftstudio", [("**.py", "python")], keywords=KEYWORDS, comment_tags=comments)
    for path, line, message, notes, context in sorted(found, key=lambda item: (item[0], item[1])):
        if message and (message[0] if isinstance(message, tuple) else message):
            template.add(message, None, [(f"ftstudio/{path}", line)], auto_comments=notes, context=context)
    return template


def read(language: str) -> Catalog:
    """Return a language's texts; an empty catalogue when there is none yet."""
    catalog = Translated(locale=language, fuzzy=False)
    catalog.header_comment = f"# Fine-Tuning Studio in {catalog.locale.english_name}. Licence: Apache 2.0."
    path = FOLDER / f"{language}.po"
    if path.exists():
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    catalog[message.id] = message
    return catalog


def updated(language: str) -> bytes:
    """Return what a language's `.po` file should hold: the texts in use, in the order of the English ones."""
    catalog = read(language)
    catalog.update(collect(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return written(catalog)


def written(catalog: Catalog) -> bytes:
    """Return the content of a `.po` file."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=110, no_location=True, sort_output=True)
    return buffer.getvalue()


def compiled(language: str) -> bytes:
    """Return the content of a language's `.mo` file."""
    buffer = io.BytesIO()
    write_mo(buffer, read(language))
    return buffer.getvalue()


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=("update", "compile"))
    make, suffix = (updated, ".po") if parser.parse_args().action == "update" else (compiled, ".mo")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        (FOLDER / f"{language}{suffix}").write_bytes(make(language))


if __name__ == "__main__":
    main()
