"""Every text of the program is translated into every language, and shown in it."""

from __future__ import annotations

import importlib.util
import string
from collections.abc import Iterable
from functools import cache
from types import ModuleType

import pytest
from babel.messages import Catalog
from babel.messages.catalog import Message

from ftstudio.core import catalog, translation
from ftstudio.core.settings import GROUPS, fields
from ftstudio.core.text import text, text_plural
from ftstudio.core.translation import tr, tr_plural
from ftstudio.gui.actions import ACTIONS, MENUS
from tests.architecture.source import ROOT


def _load() -> ModuleType:
    """The maintainers' script lies outside the package, in a folder whose name a library has too."""
    spec = importlib.util.spec_from_file_location("translations_script", ROOT / "packaging" / "translations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PROPER_NAMES = {"AdamW", "SGD", "float32", "bfloat16", "float16"}

script = _load()
in_every_language = pytest.mark.parametrize("language", script.LANGUAGES)


@cache
def used() -> frozenset[tuple[str, ...]]:
    return frozenset(_forms(message.id) for message in script.collect() if message.id)


@cache
def read(language: str) -> Catalog:
    return script.read(language)


def messages(language: str) -> list[Message]:
    return [message for message in read(language) if message.id]


def _forms(either: str | Iterable[str]) -> tuple[str, ...]:
    return (either,) if isinstance(either, str) else tuple(either)


def _places(template: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(template) if field is not None}


def test_the_program_offers_the_languages_there_are() -> None:
    assert set(translation.LANGUAGES) == {translation.SOURCE_LANGUAGE, *script.LANGUAGES}


@in_every_language
def test_every_text_is_translated(language: str) -> None:
    translated = {_forms(message.id) for message in messages(language) if all(_forms(message.string))}

    assert sorted(used() - translated) == [], "run “python packaging/translations.py update” and translate these"


@in_every_language
def test_no_translation_is_left_over_or_doubtful(language: str) -> None:
    kept = {_forms(message.id) for message in messages(language)}
    source = (script.FOLDER / f"{language}.po").read_text(encoding="utf-8")

    assert sorted(kept - used()) == []
    assert "#~" not in source
    assert [message.id for message in messages(language) if message.fuzzy] == []


@in_every_language
def test_every_form_of_a_translation_has_the_places_of_its_text(language: str) -> None:
    wrong = [
        (original, translated)
        for message in messages(language)
        for original, translated in zip(_forms(message.id), _forms(message.string), strict=True)
        if _places(original) != _places(translated)
    ]

    assert wrong == []


@in_every_language
def test_the_file_of_a_language_depends_on_nothing_but_its_texts(language: str) -> None:
    assert (script.FOLDER / f"{language}.po").read_bytes() == script.updated(language)


@in_every_language
def test_the_compiled_file_is_that_of_the_texts(language: str) -> None:
    assert (script.FOLDER / f"{language}.mo").read_bytes() == script.compiled(language)


@in_every_language
def test_what_the_catalogues_and_settings_say_can_be_translated(language: str) -> None:
    tasks, exporters = list(catalog.tasks()), list(catalog.exporters())
    shown = [
        *(words for task in tasks for words in (task.title, task.summary, task.example)),
        *(words for task in tasks for metric in task.metrics for words in (metric.title, metric.help)),
        *(words for exporter in exporters for words in (exporter.title, exporter.summary, exporter.runs_with)),
        *(reader.title for reader in catalog.readers()),
        *(job.title for job in catalog.jobs()),
        *(verb.summary for verb in catalog.verbs()),
        *(words for field in fields() for words in (field.title, field.help, field.unit, *field.choices.values())),
        *GROUPS.values(),
        *(action.title for action in ACTIONS),
    ]

    assert [words for words in sorted({*shown} - {*PROPER_NAMES, ""}) if read(language).get(words) is None] == []


@pytest.mark.parametrize("language", translation.LANGUAGES)
def test_every_menu_has_a_letter_of_its_own(language: str) -> None:
    translation.use(language)

    letters = [tr(title).partition("&")[2][:1].lower() for title in MENUS.values()]

    assert "" not in letters
    assert len(set(letters)) == len(letters)


def test_brazilian_portuguese_is_spoken_with_its_plurals_and_its_decimal_comma() -> None:
    translation.use("pt_BR")

    assert translation.language() == "pt_BR"
    assert tr("Learning rate") == "Taxa de aprendizado"
    assert [tr_plural("{count} row", "{count} rows", count) for count in (1, 2)] == ["{count} linha", "{count} linhas"]
    assert text_plural("{count} row", "{count} rows", 1).render() == "1 linha"
    assert text_plural("{count} row", "{count} rows", 1234).render() == "1.234 linhas"
    assert text("{value} samples/s", value=61.5).render() == "61,5 amostras/s"


def test_a_text_within_a_text_is_translated_too() -> None:
    translation.use("pt_BR")

    assert "interrompida" in text("{first} {second}", first=text("interrupted"), second="").render()


@pytest.mark.parametrize("unknown", ["", "xx", "pt", "../translations/pt_BR"])
def test_an_unknown_language_falls_back_to_english(unknown: str) -> None:
    translation.use("pt_BR")
    translation.use(unknown)

    assert translation.language() == "en"
    assert tr("Learning rate") == "Learning rate"
    assert text("{value} samples/s", value=61.5).render() == "61.5 samples/s"


def test_a_text_without_translation_is_shown_in_english() -> None:
    translation.use("pt_BR")

    assert tr("A text that nobody has translated.") == "A text that nobody has translated."
