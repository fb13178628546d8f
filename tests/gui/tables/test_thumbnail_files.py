"""Small pictures on disk: made once, read again, a bounded number, nothing said where the disk will not have them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtGui import QImage

from ftstudio.gui.tables import thumbnail_files
from ftstudio.gui.tables.thumbnail_files import ThumbnailFiles
from ftstudio.gui.tables.thumbnails import read_picture

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.setattr(thumbnail_files, "LARGE", 100)
    return []


def read(files: ThumbnailFiles, path: Path, decoded: list[Path]) -> QImage:
    def decode(path: Path, edge: int) -> QImage:
        decoded.append(path)
        return read_picture(path, edge)

    return files.read(path, 64, decode)


@pytest.mark.parametrize(("mode", "suffix"), [("RGB", ".jpg"), ("RGBA", ".png")])
def test_a_large_picture_is_decoded_once_and_looks_the_same(
    tmp_path: Path, decoded: list[Path], mode: str, suffix: str
) -> None:
    Image.effect_mandelbrot((300, 200), (-2, -1, 1, 1), 90).convert(mode).save(tmp_path / "a.png")
    files = ThumbnailFiles(tmp_path / "small")

    first, second = (read(files, tmp_path / "a.png", decoded) for _ in range(2))
    third = read(ThumbnailFiles(files.folder), tmp_path / "a.png", decoded)

    assert decoded == [tmp_path / "a.png"]
    assert first.size() == second.size() == third.size()
    assert (first.width(), first.hasAlphaChannel()) == (64, mode == "RGBA")
    assert abs(first.pixelColor(20, 20).red() - third.pixelColor(20, 20).red()) < 30
    assert [one.suffix for one in files.folder.iterdir()] == [suffix]


def test_a_picture_with_another_content_is_decoded_anew(tmp_path: Path, decoded: list[Path]) -> None:
    files = ThumbnailFiles(tmp_path / "small")
    for size in (200, 260):
        Image.effect_noise((size, size), 80).save(tmp_path / "a.png")
        read(files, tmp_path / "a.png", decoded)
    assert len(decoded) == 2


def test_small_pictures_and_broken_ones_leave_no_file(tmp_path: Path, decoded: list[Path]) -> None:
    files = ThumbnailFiles(tmp_path / "small")
    Image.new("RGB", (9, 9)).save(tmp_path / "tiny.png")
    (tmp_path / "bad.png").write_bytes(b"x" * 1000)
    assert not read(files, tmp_path / "tiny.png", decoded).isNull()
    assert read(files, tmp_path / "bad.png", decoded).isNull()
    assert read(files, tmp_path / "missing.png", decoded).isNull()
    assert not files.folder.exists()


def test_the_oldest_go_when_there_are_too_many(
    tmp_path: Path, decoded: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnail_files, "MOST", 6)
    files = ThumbnailFiles(tmp_path / "small")
    for at in range(20):
        Image.effect_noise((200, 200), 80).save(tmp_path / f"{at}.png")
        read(files, tmp_path / f"{at}.png", decoded)
    kept = {one.name.partition("-")[0] for one in files.folder.iterdir()}
    assert 0 < len(kept) <= 6
    assert "19" in kept


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path, decoded: list[Path]) -> None:
    Image.effect_noise((200, 200), 80).save(tmp_path / "a.png")
    (tmp_path / "file").write_text("in the way")
    assert read(ThumbnailFiles(tmp_path / "file"), tmp_path / "a.png", decoded).width() == 64
