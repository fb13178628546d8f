"""The catalogue: a new file is a new entry; a broken one is told and never stops the others."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ftstudio.core import catalog
from ftstudio.core.catalog import Catalog
from ftstudio.core.errors import InputError
from ftstudio.core.metrics import MetricSpec

GOOD = "from types import SimpleNamespace\nSPEC = SimpleNamespace(key={key!r})\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "made_up_entries"
    folder.mkdir()
    (folder / "__init__.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder
    for name in [name for name in sys.modules if name.startswith(folder.name)]:
        del sys.modules[name]


def test_each_file_is_an_entry(package: Path) -> None:
    (package / "two.py").write_text(GOOD.format(key="b-two"), encoding="utf-8")
    (package / "one.py").write_text(GOOD.format(key="a-one"), encoding="utf-8")
    (package / "_hidden.py").write_text("raise RuntimeError", encoding="utf-8")
    found = Catalog(package.name)

    assert found.keys() == ["a-one", "b-two"]
    assert [spec.key for spec in found] == ["a-one", "b-two"]
    assert "a-one" in found
    assert "one" not in found
    assert found.spec("b-two") is found.module("b-two").SPEC
    assert found.failures == []


@pytest.mark.parametrize(
    "broken", ["raise RuntimeError('oh no')", "import no_such_library", "x = 1", "def (", "SPEC = 3"]
)
def test_a_broken_file_is_told_and_stops_nobody(package: Path, broken: str) -> None:
    (package / "bad.py").write_text(broken, encoding="utf-8")
    (package / "good.py").write_text(GOOD.format(key="good"), encoding="utf-8")
    found = Catalog(package.name)

    assert found.keys() == ["good"]
    (failure,) = found.failures
    assert failure.module == f"{package.name}.bad"
    assert "Error" in failure.reason
    assert "Traceback" in failure.details


def test_two_files_cannot_claim_one_key(package: Path) -> None:
    for name in ("one", "two"):
        (package / f"{name}.py").write_text(GOOD.format(key="same"), encoding="utf-8")

    with pytest.raises(ValueError, match=r"both claim the key 'same'"):
        Catalog(package.name)


def test_an_unknown_key_names_the_known_ones(package: Path) -> None:
    (package / "good.py").write_text(GOOD.format(key="good"), encoding="utf-8")

    with pytest.raises(InputError, match="nothing called “bad”") as caught:
        Catalog(package.name).spec("bad")

    assert "good" in str(caught.value.hint)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("which", ["tasks", "exporters", "readers", "jobs", "verbs"])
def test_our_own_catalogues_are_whole(which: str) -> None:
    found: Catalog = getattr(catalog, which)()

    assert found.failures == []
    assert found.keys()


def test_which_value_of_a_metric_is_better() -> None:
    up, down = MetricSpec("a", "A", "."), MetricSpec("loss", "L", ".", higher_is_better=False)
    nan = float("nan")

    assert up.is_better(0.5, None)
    assert up.is_better(0.5, nan)
    assert not up.is_better(nan, 0.1)
    assert not up.is_better(nan, None)
    assert up.is_better(0.6, 0.5)
    assert not up.is_better(0.5, 0.5)
    assert not up.is_better(0.6, 0.5, gain=0.2)
    assert down.is_better(0.4, 0.5)
    assert not down.is_better(0.6, 0.5)
    assert not down.is_better(0.45, 0.5, gain=0.1)
