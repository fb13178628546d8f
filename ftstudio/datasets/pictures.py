"""Pictures: the one place that opens them, whatever they claim to be, and says what is wrong with them."""

from __future__ import annotations

import hashlib
import io
import stat
import warnings
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio.core.translation import tr

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "PPM")
MOST_BYTES = 200 << 20
MOST_PIXELS = 100_000_000
_ORIENTATION, _TURNED = 0x0112, (5, 6, 7, 8)
_SUFFIX = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp", "BMP": ".bmp", "GIF": ".gif", "TIFF": ".tif", "PPM": ".ppm"}


class Flaw(StrEnum):
    """Why a picture cannot be used; empty for a good one."""

    NONE = ""
    MISSING = "missing"
    EMPTY = "empty"
    NOT_A_PICTURE = "not a picture"
    DAMAGED = "damaged"
    HUGE = "huge"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Stored:
    """A picture copied into the project (`path` below data/, "" when flawed), with its size in pixels."""

    path: str = ""
    width: int = 0
    height: int = 0
    digest: str = ""
    flaw: Flaw = Flaw.NONE


def load(source: Path | bytes) -> Image.Image:
    """Open a picture as RGB, turned as its camera noted, transparency laid on white, first frame only.

    Raises OSError for anything that is not a whole picture of an accepted format and size, `why` says it in words. A
    MemoryError says nothing against the picture. An exported model opens pictures the same way
    (`exporters/_predict.py`). Safe in several threads at once.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    if isinstance(source, Path) and source.exists() and not source.is_file():  # a pipe would be waited for for ever
        raise OSError(tr("it is not a file"))
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise OSError(tr("it has too many pixels"))
            picture.load()
            return _as_rgb(ImageOps.exif_transpose(picture))
    except UnidentifiedImageError as error:
        raise OSError(tr("it is no picture, or of a kind that cannot be read")) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise OSError(tr("it has too many pixels")) from error
    except (SyntaxError, ValueError, IndexError, TypeError, EOFError) as error:
        raise OSError(str(error)) from error


def why(error: OSError) -> str:
    """Return why a picture cannot be read, without its name."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return tr("the file is not there")
    return error.strerror or str(error)


def _as_rgb(picture: Image.Image) -> Image.Image:
    """Lay transparency over white and scale 16-bit and fractional grey to 8 bits, which a conversion would clip."""
    import numpy as np
    from PIL import Image

    if picture.mode.startswith(("I", "F")):
        values = np.nan_to_num(np.asarray(picture, dtype=np.float64))
        brightest = values.max(initial=0.0)
        top = 65535.0 if picture.mode.startswith("I;16") or brightest > 255 else 255.0
        top = 1.0 if picture.mode == "F" and brightest <= 1 else top
        picture = Image.fromarray((values * (255.0 / top)).clip(0, 255).astype(np.uint8))
    if "A" in picture.getbands() or "transparency" in picture.info:
        shown = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown).convert("RGB")
    return picture.convert("RGB")


def store(source: Path | bytes, data: Path) -> Stored:
    """Check a picture fully and copy its bytes, unchanged, to `data/images/` under the hash of its content."""
    raw = source if isinstance(source, bytes) else _bytes_of(source)
    if isinstance(raw, Flaw):
        return Stored(flaw=raw)
    if not raw:
        return Stored(flaw=Flaw.EMPTY)
    measured = _measure(raw)
    if isinstance(measured, Flaw):
        return Stored(flaw=measured)
    width, height, suffix = measured
    digest = hashlib.sha256(raw).hexdigest()
    relative = f"images/{digest[:2]}/{digest}{suffix}"
    target = data / relative
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(raw)
    return Stored(relative, width, height, digest)


def _bytes_of(source: Path) -> bytes | Flaw:
    try:
        found = source.stat()
        if not stat.S_ISREG(found.st_mode):
            return Flaw.UNREADABLE
        if found.st_size > MOST_BYTES:
            return Flaw.HUGE
        return source.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Flaw.MISSING
    except (OSError, ValueError):
        return Flaw.UNREADABLE


def _measure(raw: bytes) -> tuple[int, int, str] | Flaw:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(raw), formats=FORMATS) as picture:
                width, height, suffix = picture.width, picture.height, _SUFFIX[str(picture.format)]
    except Image.DecompressionBombError:
        return Flaw.HUGE
    except UnidentifiedImageError:
        return Flaw.NOT_A_PICTURE
    except (OSError, SyntaxError, ValueError, KeyError):
        return Flaw.DAMAGED
    if width * height > MOST_PIXELS:
        return Flaw.HUGE
    try:
        load(raw)
    except OSError:
        return Flaw.DAMAGED
    return width, height, suffix


def upright_size(path: Path) -> tuple[int, int] | None:
    """Return width and height of a picture as it is shown, turned as its camera noted; None where it cannot be read."""
    from PIL import Image

    try:
        with Image.open(path, formats=FORMATS) as picture:
            turned = picture.getexif().get(_ORIENTATION, 1) in _TURNED
            width, height = picture.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    return (height, width) if turned else (width, height)
