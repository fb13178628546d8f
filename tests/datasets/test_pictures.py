"""Pictures come from folders and tables, are checked in full, and no flawed one stops an import."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from ftstudio.core.errors import InputError
from ftstudio.core.specs import Modality
from ftstudio.datasets import pictures
from ftstudio.datasets.importing import inspect
from ftstudio.datasets.pictures import Flaw
from tests.datasets import making


def test_a_folder_per_class(tmp_path: Path) -> None:
    dataset = making.imported(making.write_image_folder(tmp_path / "photos"), tmp_path / "data", making.image_task())

    assert dataset.labels == ["cat", "dog"]
    assert sum(dataset.counts().values()) == 24
    assert min(dataset.counts().values()) >= 2


def test_the_project_keeps_the_very_bytes(tmp_path: Path) -> None:
    photos = making.write_image_folder(tmp_path / "photos")
    dataset = making.imported(photos, tmp_path / "data", making.image_task())

    for row in dataset.table().to_pylist():
        assert dataset.image_path(row["image"]).read_bytes() == (photos / row["source"]).read_bytes()


@pytest.mark.parametrize("names", [("train", "val", "test"), ("Training", "valid", "TESTING")])
def test_folders_for_splits(names: tuple[str, ...], tmp_path: Path) -> None:
    for number, name in enumerate(names):
        for picture in range(8):
            making.picture(tmp_path / "photos" / name / "ab"[picture % 2] / f"{picture}.png", 100 * number + picture)

    dataset = making.imported(tmp_path / "photos", tmp_path / "data", making.image_task())

    assert dataset.counts() == {"train": 8, "validation": 8, "test": 8}


def test_validation_is_taken_from_training_when_it_is_missing(tmp_path: Path) -> None:
    for name, count in (("train", 40), ("test", 10)):
        for picture in range(count):
            making.picture(tmp_path / "photos" / name / "ab"[picture % 2] / f"{picture}.png", len(name) * 100 + picture)

    counts = making.imported(tmp_path / "photos", tmp_path / "data", making.image_task()).counts()

    assert counts["test"] == 10
    assert counts["train"] + counts["validation"] == 40
    assert counts["validation"] == 8


def test_the_parent_folder_is_proposed(tmp_path: Path) -> None:
    making.write_image_folder(tmp_path / "photos")

    with pytest.raises(InputError) as caught:
        inspect([tmp_path / "photos" / "cat"], Modality.IMAGE)

    assert "“photos”" in str(caught.value.hint)


def test_the_folder_inside_is_proposed(tmp_path: Path) -> None:
    making.write_image_folder(tmp_path / "download" / "photos")

    with pytest.raises(InputError) as caught:
        inspect([tmp_path / "download"], Modality.IMAGE)

    assert "“photos”" in str(caught.value.hint)


def test_a_table_of_paths(tmp_path: Path) -> None:
    making.write_image_folder(tmp_path / "photos")
    rows = [{"file": f"photos/{'cat' if n % 2 == 0 else 'dog'}/{n:03d}.png", "animal": "cd"[n % 2]} for n in range(24)]
    table = making.write_csv(tmp_path / "list.csv", rows)

    dataset = making.imported(table, tmp_path / "data", making.image_task())

    assert dataset.roles["image"] == "file"
    assert dataset.roles["label"] == "animal"
    assert sum(dataset.counts().values()) == 24


def _huge(path: Path) -> None:
    """A header that claims 60000 x 60000 pixels."""
    content = bytearray(path.read_bytes())
    content[16:24] = (60_000).to_bytes(4, "big") * 2
    import zlib

    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    path.write_bytes(content)


FLAWS: dict[str, tuple[Callable[[Path], object], Flaw]] = {
    "empty": (lambda path: path.write_bytes(b""), Flaw.EMPTY),
    "cut off": (lambda path: path.write_bytes(path.read_bytes()[:-30]), Flaw.DAMAGED),
    "text": (lambda path: path.write_text("not a picture"), Flaw.NOT_A_PICTURE),
    "drawing": (lambda path: path.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>"), Flaw.NOT_A_PICTURE),
    "postscript": (
        lambda path: path.write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
        Flaw.NOT_A_PICTURE,
    ),
    "huge": (_huge, Flaw.HUGE),
    "folder": (lambda path: (path.unlink(), path.mkdir()), Flaw.UNREADABLE),
    "pipe": (lambda path: (path.unlink(), os.mkfifo(path)), Flaw.UNREADABLE),
    "gone": (lambda path: path.unlink(), Flaw.MISSING),
    "link to itself": (lambda path: (path.unlink(), path.symlink_to(path)), Flaw.UNREADABLE),
}


@pytest.mark.parametrize("name", FLAWS)
def test_a_flawed_picture_is_left_out_and_told(name: str, tmp_path: Path) -> None:
    spoil, flaw = FLAWS[name]
    photos = making.write_image_folder(tmp_path / "photos")
    rows = [{"image": f"photos/{'cat' if n % 2 == 0 else 'dog'}/{n:03d}.png", "label": "cd"[n % 2]} for n in range(24)]
    spoil(photos / "cat" / "004.png")

    dataset = making.imported(making.write_csv(tmp_path / "list.csv", rows), tmp_path / "data", making.image_task())
    problem = making.found(dataset, making.image_task())["broken_images"]

    assert sum(dataset.counts().values()) == 23
    assert dataset.preview(4, 1)[0]["#flaw"] == flaw.value
    assert problem.rows == (5,)
    assert problem.examples == ("photos/cat/004.png",)


def test_only_flawed_pictures_are_refused(tmp_path: Path) -> None:
    for path in making.write_image_folder(tmp_path / "photos").rglob("*.png"):
        path.write_bytes(b"x")

    with pytest.raises(InputError, match="no row"):
        making.imported(tmp_path / "photos", tmp_path / "data", making.image_task())

    assert [one.name for one in tmp_path.iterdir()] == ["photos"]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F"])
def test_every_kind_of_pixel_becomes_rgb(mode: str, tmp_path: Path) -> None:
    path = tmp_path / ("a.tif" if mode in ("CMYK", "I;16", "I", "F") else "a.png")
    Image.new(mode, (9, 7)).save(path)

    assert (pictures.load(path).mode, pictures.load(path).size) == ("RGB", (9, 7))


def test_sixteen_bit_grey_keeps_its_shades(tmp_path: Path) -> None:
    import numpy as np

    Image.fromarray(np.array([[0, 32768, 65535]], dtype=np.uint16)).save(tmp_path / "a.png")

    assert list(pictures.load(tmp_path / "a.png").tobytes()[::3]) == [0, 127, 255]


def test_a_picture_is_turned_as_the_camera_noted(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    making.picture(tmp_path / "a.jpg", 1, size=(20, 10), exif=exif)

    assert pictures.load(tmp_path / "a.jpg").size == (10, 20)


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(tmp_path / "a.png")

    assert pictures.load(tmp_path / "a.png").getpixel((1, 1)) == (255, 255, 255)


def test_the_first_frame_of_a_moving_picture_counts(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (6, 6), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])

    red, _, blue = pictures.load(tmp_path / "a.gif").getpixel((0, 0))
    assert (red > 200, blue < 50) == (True, True)


def test_links_to_folders_cannot_trap_the_import(tmp_path: Path) -> None:
    photos = making.write_image_folder(tmp_path / "photos")
    (photos / "cat" / "loop").symlink_to(photos, target_is_directory=True)

    dataset = making.imported(photos, tmp_path / "data", making.image_task())

    assert sum(dataset.counts().values()) == 24


def test_links_in_a_circle_and_pipes_are_passed_over(tmp_path: Path) -> None:
    photos = making.write_image_folder(tmp_path / "photos")
    (photos / "cat" / "circle.png").symlink_to(photos / "cat" / "circle.png")
    os.mkfifo(photos / "dog" / "pipe.png")

    dataset = making.imported(photos, tmp_path / "data", making.image_task())

    assert sum(dataset.counts().values()) == 24


def test_the_same_picture_under_two_names_stays_together(tmp_path: Path) -> None:
    photos = making.write_image_folder(tmp_path / "photos", 40)
    for path in sorted(photos.rglob("*.png")):
        path.with_name("copy_" + path.name).write_bytes(path.read_bytes())

    dataset = making.imported(photos, tmp_path / "data", making.image_task())
    problems = making.found(dataset, making.image_task())

    assert problems["duplicates"].count == 40
    assert "leaks" not in problems


@pytest.mark.parametrize("wanted", ["../secret.png", "/etc/passwd", "images/../../x.png", "manifest.json"])
def test_no_picture_outside_the_project(wanted: str, tmp_path: Path) -> None:
    dataset = making.imported(making.write_image_folder(tmp_path / "photos"), tmp_path / "data", making.image_task())

    with pytest.raises(InputError):
        dataset.image_path(wanted)
