"""Pictures of every kind become what the model sees; broken ones become a sentence."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ftstudio.core.errors import StudioError
from ftstudio.engine.vision.augmentation import Changes, augment
from ftstudio.engine.vision.pictures import (
    PictureExamples,
    Preparer,
    huggingface_preparer,
    open_picture,
    plain_preparer,
    smaller,
    transforms_preparer,
)

SIDE = 8


def saved(image: Image.Image, path: Path, **options: object) -> Path:
    image.save(path, **options)
    return path


def pixel(path: Path, at: tuple[int, int] = (1, 1)) -> tuple[int, ...]:
    image = open_picture(path)
    assert image.mode == "RGB"
    value = image.getpixel(at)
    assert isinstance(value, tuple)
    return tuple(int(one) for one in value)


def test_plain_colours(tmp_path: Path) -> None:
    assert pixel(saved(Image.new("RGB", (SIDE, SIDE), (10, 20, 30)), tmp_path / "a.png")) == (10, 20, 30)
    assert pixel(saved(Image.new("L", (SIDE, SIDE), 77), tmp_path / "b.png")) == (77, 77, 77)
    assert pixel(saved(Image.new("1", (SIDE, SIDE), 1), tmp_path / "c.png")) == (255, 255, 255)


@pytest.mark.parametrize(("value", "expected"), [(65535, 255), (32768, 128), (0, 0)])
def test_sixteen_bits_are_scaled_not_clipped(tmp_path: Path, value: int, expected: int) -> None:
    pixels = np.full((SIDE, SIDE), value, dtype=np.uint16)
    pixels[0, 0] = 65535
    found = pixel(saved(Image.fromarray(pixels), tmp_path / "deep.png"))

    assert found == pytest.approx((expected,) * 3, abs=1)


def test_a_dark_sixteen_bit_picture_stays_dark(tmp_path: Path) -> None:
    """A dark one must not be brightened only because no pixel of it happens to be bright."""
    pixels = np.full((SIDE, SIDE), 200, dtype=np.uint16)

    assert max(pixel(saved(Image.fromarray(pixels), tmp_path / "dark.png"))) <= 1


@pytest.mark.parametrize(("scale", "expected"), [(1.0, 128), (255.0, 128), (65535.0, 128)])
def test_fractional_grey_is_read_in_the_scale_it_was_written_in(tmp_path: Path, scale: float, expected: int) -> None:
    pixels = np.full((SIDE, SIDE), 0.5 * scale, dtype=np.float32)
    pixels[0, 0] = scale

    found = pixel(saved(Image.fromarray(pixels), tmp_path / "measured.tif"))

    assert found == pytest.approx((expected,) * 3, abs=1)


def test_cmyk(tmp_path: Path) -> None:
    path = saved(Image.new("CMYK", (SIDE, SIDE), (0, 255, 255, 0)), tmp_path / "print.jpg", quality=95)

    assert pixel(path) == pytest.approx((255, 0, 0), abs=6)


def test_transparency_lies_over_white(tmp_path: Path) -> None:
    clear = saved(Image.new("RGBA", (SIDE, SIDE), (200, 0, 0, 0)), tmp_path / "clear.png")
    half = saved(Image.new("RGBA", (SIDE, SIDE), (255, 0, 0, 128)), tmp_path / "half.png")
    grey = saved(Image.new("LA", (SIDE, SIDE), (0, 0)), tmp_path / "grey.png")

    assert pixel(clear) == (255, 255, 255)
    assert pixel(half) == pytest.approx((255, 127, 127), abs=1)
    assert pixel(grey) == (255, 255, 255)


def test_palettes_with_and_without_transparency(tmp_path: Path) -> None:
    picture = Image.new("P", (SIDE, SIDE), 1)
    picture.putpalette([0, 0, 0, 0, 128, 255])
    assert pixel(saved(picture, tmp_path / "a.png")) == (0, 128, 255)
    assert pixel(saved(picture, tmp_path / "b.png", transparency=1)) == (255, 255, 255)
    assert pixel(saved(picture, tmp_path / "c.gif")) == (0, 128, 255)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_the_camera_was_held(tmp_path: Path, orientation: int) -> None:
    upright = np.zeros((8, 16, 3), dtype=np.uint8)
    upright[:4, :8] = 255  # white in the upper left
    undo = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: np.rot90,
        7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(Image.fromarray(np.ascontiguousarray(undo(upright))), tmp_path / "held.png", exif=exif)

    assert np.array_equal(np.asarray(open_picture(path)), upright)


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")


def whole_png(folder: Path) -> bytes:
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    return saved(Image.fromarray(noise), folder / "whole.png").read_bytes()


@pytest.mark.parametrize("kind", ["empty", "text", "truncated", "huge", "huge in bits", "svg", "missing"])
def test_what_is_no_picture_is_named(tmp_path: Path, kind: str) -> None:
    content = {
        "empty": b"",
        "text": b"this is no picture",
        "truncated": whole_png(tmp_path)[:2000],
        "huge": png_header(60_000, 60_000),
        "huge in bits": png_header(15_000, 15_000),
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    }
    path = tmp_path / "bad.png"
    if kind != "missing":
        path.write_bytes(content[kind])

    with pytest.raises(StudioError, match=r"“bad\.png” cannot be read") as caught:
        open_picture(path)

    assert caught.value.where.file == str(path)


def examples(folder: Path, count: int = 12, strength: str = "none") -> PictureExamples:
    chance = np.random.default_rng(2)
    paths = []
    for at in range(count):
        pixels = chance.integers(0, 255, (10 + at, 14, 3), dtype=np.uint8)
        paths.append(saved(Image.fromarray(pixels), folder / f"{at}.png"))
    preparer = plain_preparer(SIDE, SIDE, "bilinear", [0.5, 0.4, 0.3], [0.2, 0.3, 0.4])
    return PictureExamples(paths, np.arange(count) % 2, preparer, Changes(strength))


def test_pictures_come_in_the_order_asked_for_and_are_decoded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = examples(tmp_path)
    first = rows.batch([5, 2, 9], None)
    alone = [rows.batch([row], None).inputs["pixel_values"] for row in (5, 2, 9)]

    assert torch.equal(first.inputs["pixel_values"], torch.cat(alone))
    assert first.labels.tolist() == [1, 0, 1]
    for path in rows.paths[:10]:
        path.unlink()
    again = rows.batch([5, 2, 9, 11], None)
    assert torch.equal(again.inputs["pixel_values"][:3], first.inputs["pixel_values"])


def test_one_picture_alone_is_prepared_once(tmp_path: Path) -> None:
    """Somebody waits for the answer to it."""
    plain, shaped = examples(tmp_path, count=1), []

    def shape(image: Image.Image) -> torch.Tensor:
        shaped.append(image.size)
        return plain.preparer.shape(image)

    preparer = Preparer(shape, plain.preparer.mean, plain.preparer.spread)
    rows = PictureExamples(plain.paths, plain.labels, preparer)

    assert torch.equal(rows.batch([0], None).inputs["pixel_values"], plain.batch([0], None).inputs["pixel_values"])
    assert len(shaped) == 1


def test_values_are_normalised_by_channel(tmp_path: Path) -> None:
    saved(Image.new("RGB", (20, 20), (51, 102, 204)), tmp_path / "flat.png")
    preparer = plain_preparer(SIDE, SIDE, "bilinear", [0.5, 0.4, 0.3], [0.2, 0.3, 0.4])
    rows = PictureExamples([tmp_path / "flat.png"], np.zeros(1, dtype=np.int64), preparer)

    values = rows.batch([0], None).inputs["pixel_values"]

    assert values.shape == (1, 3, SIDE, SIDE)
    assert values[0, :, 3, 3].tolist() == pytest.approx([-1.5, 0.0, 1.25], abs=1e-6)


@pytest.mark.parametrize("size", [(20, 20), (41, 20), (20, 33), (300, 9)])
def test_the_plain_preparation_is_that_of_torchvision(size: tuple[int, int]) -> None:
    from torchvision import transforms

    pixels = np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    image = Image.fromarray(pixels)
    pipeline = transforms.Compose([transforms.Resize(18), transforms.CenterCrop(16), transforms.PILToTensor()])

    ours = plain_preparer(18, 16, "bilinear", [0.5] * 3, [0.5] * 3).shape(image)

    assert torch.equal(ours, pipeline(image))


def test_the_preparation_of_a_hugging_face_model_is_its_own(tiny_image_model: Path, tmp_path: Path) -> None:
    from transformers import AutoImageProcessor

    processor = AutoImageProcessor.from_pretrained(tiny_image_model)
    pixels = np.random.default_rng(1).integers(0, 255, (50, 37, 3), dtype=np.uint8)
    image = Image.fromarray(pixels)
    preparer = huggingface_preparer(processor)

    ours = preparer.normalised(preparer.shape(image)[None])
    theirs = processor(images=image, return_tensors="pt")["pixel_values"]

    torch.testing.assert_close(ours, theirs, atol=0.5 / 255 / 0.25 + 1e-4, rtol=0)


@pytest.mark.parametrize("last", ["ToTensor", "PILToTensor"])
def test_the_preparation_of_a_pipeline_keeps_its_bytes(last: str) -> None:
    from torchvision import transforms

    pixels = np.random.default_rng(1).integers(0, 255, (50, 37, 3), dtype=np.uint8)
    image = Image.fromarray(pixels)
    shaping = [transforms.Resize(18), transforms.CenterCrop(16)]
    normalise = transforms.Normalize([0.5, 0.4, 0.3], [0.2, 0.3, 0.4])

    ours = transforms_preparer(transforms.Compose([*shaping, getattr(transforms, last)(), normalise]))

    expected = transforms.Compose([*shaping, transforms.ToTensor(), normalise])(image)
    torch.testing.assert_close(ours.normalised(ours.shape(image)[None])[0], expected)


def test_one_broken_picture_is_named_while_many_are_decoded(tmp_path: Path) -> None:
    rows = examples(tmp_path)
    rows.paths[7].write_bytes(b"gone bad")

    with pytest.raises(StudioError, match=r"7\.png"):
        rows.batch(range(12), None)


@pytest.mark.parametrize("strength", ["light", "strong", "randaugment"])
def test_augmentation_follows_from_the_seed_and_leaves_all_other_chance_alone(strength: str) -> None:
    pixels = torch.randint(0, 255, (6, 3, 24, 24), dtype=torch.uint8)
    before, state = pixels.clone(), torch.get_rng_state()
    numbers = np.random.get_state()[1].copy()

    one, same, other = (augment(pixels, Changes(strength), seed) for seed in (7, 7, 8))

    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert not torch.equal(one, pixels)
    assert (one.shape, one.dtype) == (pixels.shape, torch.uint8)
    assert torch.equal(pixels, before), "the stored pictures themselves were changed"
    assert torch.equal(torch.get_rng_state(), state)
    assert np.array_equal(np.random.get_state()[1], numbers)


def test_pictures_of_one_batch_are_changed_differently() -> None:
    pixels = torch.randint(0, 255, (1, 3, 24, 24), dtype=torch.uint8).expand(8, -1, -1, -1)
    changed = augment(pixels, Changes("light"), 3)

    assert len({tuple(picture.flatten().tolist()) for picture in changed}) > 4


def test_only_training_rows_are_augmented(tmp_path: Path) -> None:
    rows = examples(tmp_path, strength="strong")
    plain = rows.batch([1, 2], None).inputs["pixel_values"]

    assert not torch.equal(rows.batch([1, 2], 5).inputs["pixel_values"], plain)
    assert torch.equal(rows.batch([1, 2], None).inputs["pixel_values"], plain)
    assert torch.equal(examples(tmp_path).batch([1, 2], 5).inputs["pixel_values"], plain)


def test_what_would_change_a_meaning_can_be_left_out() -> None:
    """A picture that is dark on the left stays so without mirrors, and one of two colours keeps them."""
    pixels = torch.zeros((64, 3, 24, 24), dtype=torch.uint8)
    pixels[:, :2, :, 12:] = 200

    def dark_left(changes: Changes) -> int:
        changed = torch.cat([augment(pixels, changes, seed) for seed in range(4)]).float()
        return int((changed[..., :6].mean((1, 2, 3)) > changed[..., -6:].mean((1, 2, 3))).sum())

    assert dark_left(Changes("light")) > 40
    assert dark_left(Changes("light", mirrors=False)) == 0
    for strength in ("strong", "randaugment"):
        flat = torch.full((32, 3, 24, 24), 100, dtype=torch.uint8)
        kept = augment(flat, Changes(strength, colours=False), 3)
        assert set(kept.unique().tolist()) <= {0, 100}, "what is moved out or erased is black, the rest as it was"
        assert len(augment(flat, Changes(strength), 3).unique()) > 2


def test_pictures_that_are_learned_from_can_be_smaller(tmp_path: Path) -> None:
    rows = examples(tmp_path)
    rows.preparer = plain_preparer(32, 32, "bilinear", [0.5] * 3, [0.25] * 3)
    rows.share = 0.5

    assert rows.batch([0, 1], 7).inputs["pixel_values"].shape == (2, 3, 16, 16)
    assert rows.batch([0, 1], None).inputs["pixel_values"].shape == (2, 3, 32, 32)
    assert [smaller(224, share) for share in (0.5, 0.75, 1.0)] == [112, 168, 224]
    assert smaller(8, 0.5) == 8


def test_some_rows_only(tmp_path: Path) -> None:
    rows = examples(tmp_path)
    some = rows.only(np.arange(12) % 3 == 1)

    assert (len(some), some.labels.tolist()) == (4, [1, 0, 1, 0])
    assert torch.equal(some.batch([1], None).inputs["pixel_values"], rows.batch([4], None).inputs["pixel_values"])
    assert isinstance(some.preparer, Preparer)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_that_is_called_a_picture_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(StudioError, match="it is not a file"):
        open_picture(tmp_path / "pipe.png")
