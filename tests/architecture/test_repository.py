"""The top of the repository, and what README, CI and packaging must agree on."""

from __future__ import annotations

import re
import subprocess
import tomllib
import xml.etree.ElementTree as ElementTree
from configparser import ConfigParser

import ftstudio
from ftstudio.cli.checkup.display import LIBRARIES
from tests.architecture.source import ROOT

TOP = {
    *("pyproject.toml", "ftstudio", "resources", "tests", "packaging", "README.md"),
    *(".ci", ".gitignore", "LICENSE", "CHANGELOG.md"),
}
APP = "org.ftstudio.FineTuningStudio"
PACKAGING = ROOT / "packaging"
README = (ROOT / "README.md").read_text(encoding="utf-8")
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_top_level_is_as_designed() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert {line.partition("/")[0] for line in listed.splitlines()} == TOP


def test_one_version_everywhere() -> None:
    release = ElementTree.parse(PACKAGING / f"{APP}.metainfo.xml").getroot().find("releases/release")
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert pyproject["project"]["version"] == ftstudio.__version__
    assert release is not None
    assert release.get("version") == ftstudio.__version__
    assert f"version: {ftstudio.__version__}\n" in (PACKAGING / "nfpm.yaml").read_text(encoding="utf-8")


def test_one_identity_everywhere() -> None:
    entry = _desktop_entry()
    metainfo = ElementTree.parse(PACKAGING / f"{APP}.metainfo.xml").getroot()

    assert metainfo.findtext("id") == APP
    assert metainfo.findtext("launchable") == f"{APP}.desktop"
    assert entry["Icon"] == entry["StartupWMClass"] == APP
    assert entry["Name"] == metainfo.findtext("name") == "Fine-Tuning Studio"


def test_one_file_type_everywhere() -> None:
    from ftstudio.project.layout import PROJECT_FILE

    types = ElementTree.parse(PACKAGING / f"{APP}.xml").getroot()
    prefix = {"m": "http://www.freedesktop.org/standards/shared-mime-info"}
    declared = types.find("m:mime-type", prefix)
    glob = types.find("m:mime-type/m:glob", prefix)
    assert declared is not None
    assert glob is not None
    mime = declared.get("type")

    assert _desktop_entry()["MimeType"] == f"{mime};"
    assert ElementTree.parse(PACKAGING / f"{APP}.metainfo.xml").getroot().findtext("provides/mediatype") == mime
    assert PROJECT_FILE.endswith((glob.get("pattern") or "").removeprefix("*"))


def test_the_desktop_entry_opens_what_the_package_installs() -> None:
    entry = _desktop_entry()
    nfpm = (PACKAGING / "nfpm.yaml").read_text(encoding="utf-8")

    assert entry["Exec"].split() == [entry["TryExec"], "%F"]
    assert f"dst: {entry['TryExec'].rpartition('/')[0]}," in nfpm
    for name in (f"{APP}.desktop", f"{APP}.xml", f"{APP}.metainfo.xml"):
        assert f"src: {name}" in nfpm
        assert (PACKAGING / name).is_file()


def test_every_screen_library_is_installed_named_and_packaged() -> None:
    nfpm = (PACKAGING / "nfpm.yaml").read_text(encoding="utf-8")

    for package in LIBRARIES.values():
        assert package in CI
        assert package in README
        assert package in nfpm


def test_ci_installs_as_the_readme_says() -> None:
    assert 'pip install -e ".[starters,test]"' in README
    assert '-e ".[starters,test]"' in CI


def test_the_readme_names_only_verbs_that_exist() -> None:
    from ftstudio.cli.main import verb_names

    called = {line.split()[1] for line in README.splitlines() if line.strip().startswith("ftstudio ")}

    assert {word for word in called if not word.startswith(("-", "["))} <= set(verb_names())
    assert set(verb_names()) <= called


def _desktop_entry() -> dict[str, str]:
    reader = ConfigParser(interpolation=None)
    reader.optionxform = str  # type: ignore[assignment,method-assign]
    reader.read(PACKAGING / f"{APP}.desktop", encoding="utf-8")
    return dict(reader["Desktop Entry"])


def test_every_picture_and_page_of_the_readme_exists() -> None:
    named = re.findall(r"\]\(([^)#]+)\)", README)

    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []
