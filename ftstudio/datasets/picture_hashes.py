"""Pictures of one part of the data that are nearly the same in another: scaled, saved again as JPEG, slightly cropped.

Each picture is hashed to 64 bits from its coarse structure (the low frequencies of a cosine transform, as pHash does;
Zauner 2010), whole and slightly cropped in several ways. What differs in few bits is compared pixel by pixel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ftstudio.datasets import pictures
from ftstudio.datasets.matches import (
    Codes,
    Keys,
    Matches,
    Numbers,
    best_partners,
    crosses,
    in_several_parts,
    nothing,
    sharing_a_bucket,
)
from ftstudio.datasets.parallel import ordered_map

ALIKE = 0.9
MOST_ALIKE = 0.99
CHANCE = 0.01
MOST_BITS = 10
EDGE = 24
_LOW = 8
_CANVAS = 96
_TABLES, _SAMPLED = 16, 14  # pictures 6 bits apart share a table in 98 of 100 cases
_LARGEST_COLOUR = 24.0
_FLATTEST = 2.0
# What is kept of each side, left, top, right, bottom: the whole, and crops of some hundredths from sides and corners.
_CUTS = ((0, 0, 0, 0), (3, 3, 3, 3), (5, 5, 5, 5), (8, 8, 8, 8), (8, 8, 0, 0), (0, 0, 8, 8), (8, 0, 0, 8), (0, 8, 8, 0))

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
Tick = Callable[[int, int], None]


def _silent(done: int, total: int) -> None:
    """Report to nobody."""


@dataclass(frozen=True)
class Look:
    """A picture as it is compared: grey thumbnails [cuts, edge, edge] with mean 0 and length 1, and its mean colour."""

    grey: Floats
    colour: Floats
    is_flat: bool


def find(paths: Sequence[Path], parts: Codes, alike: float = ALIKE, tick: Tick = _silent) -> Matches:
    """Return the pairs of pictures in different parts that are nearly the same.

    Args:
        paths: one picture a row; the same path in several rows is the same picture.
        parts: the code of each row's part, 0 to 2; a lower one is earlier.
        alike: the least correlation of the pixels of small grey versions, 0 to 1. It is raised, up to `MOST_ALIKE`,
            where pictures are alike by nature: to what one in a hundred pictures of the first part reaches with
            another picture of the same part.
        tick: told (done, total) in pictures; may raise to cancel.

    Pictures of one colour are alike only if they are the same file. A picture that cannot be read is passed over.
    """
    if not len(paths):
        return nothing()
    names, units = np.unique([str(path) for path in paths], return_inverse=True)
    bits = in_several_parts(units.astype(np.int64), parts)
    grey, colours, flat = _looks([Path(name) for name in names], tick)
    pairs = _candidates(hashes(grey.reshape(-1, EDGE, EDGE)).reshape(grey.shape[:2]), flat, bits)
    similarity = _compared(grey, colours, pairs)
    crossing = crosses(bits[pairs[:, 0]] | bits[pairs[:, 1]])
    natural = _natural(pairs[~crossing], similarity[~crossing], int((bits & 1).sum()))
    kept = crossing & (similarity >= min(max(alike, natural), MOST_ALIKE))
    itself = np.flatnonzero(crosses(bits))
    pairs = np.concatenate((np.stack((itself, itself), axis=1), pairs[kept]))
    return best_partners(units.astype(np.int64), parts, pairs, np.concatenate((np.ones(len(itself)), similarity[kept])))


def _natural(pairs: Numbers, similarity: npt.NDArray[np.float64], count: int) -> float:
    """Return how alike one in a hundred of `count` pictures of one part is to another of them; 0 for fewer."""
    best: dict[int, float] = {}
    for ends, alike in zip(pairs.tolist(), similarity.tolist(), strict=True):
        for end in ends:
            best[end] = max(best.get(end, 0.0), alike)
    ordered, allowed = sorted(best.values(), reverse=True), int(CHANCE * count)
    return ordered[allowed] if len(ordered) > allowed else 0.0


def look(path: Path) -> Look | None:
    """Read a picture as it is compared; None if it cannot be read."""
    from PIL import Image

    try:
        picture = pictures.load(path)
    except OSError:
        return None
    colour = np.asarray(picture.resize((1, 1), Image.Resampling.BOX), np.float32).reshape(3)
    canvas = picture.convert("L").resize((_CANVAS, _CANVAS), Image.Resampling.BOX)
    grey = np.stack([_cropped(canvas, cut) for cut in _CUTS])
    grey -= grey.mean(axis=(1, 2), keepdims=True)
    size = np.sqrt((grey**2).sum(axis=(1, 2), keepdims=True))
    return Look(grey / np.maximum(size, 1e-6), colour, bool(size.min() < _FLATTEST * EDGE))


def _cropped(canvas: object, cut: tuple[int, int, int, int]) -> Floats:
    from PIL import Image

    assert isinstance(canvas, Image.Image)
    left, top, right, bottom = (side * _CANVAS / 100 for side in cut)
    box = (left, top, _CANVAS - right, _CANVAS - bottom)
    return np.asarray(canvas.resize((EDGE, EDGE), Image.Resampling.BILINEAR, box=box), np.float32)


def hashes(grey: Halves) -> Keys:
    """Return the 64-bit hash of grey pictures, shape [pictures, edge, edge]; alike ones differ in few bits."""
    steps = np.arange(EDGE)
    wave = np.cos(np.pi * (steps[None, :] + 0.5) * np.arange(_LOW + 1)[:, None] / EDGE).astype(np.float32)
    found = np.zeros(len(grey), dtype=np.uint64)
    for start in range(0, len(grey), 4096):
        low = np.einsum("ui,nij,vj->nuv", wave, grey[start : start + 4096], wave, optimize=True)
        low = low[:, 1:, 1:].reshape(-1, _LOW * _LOW)  # without the mean and whatever only brightens a side
        ones = low > np.median(low, axis=1, keepdims=True)
        found[start : start + 4096] = np.packbits(ones, axis=1).view(">u8").astype(np.uint64).ravel()
    return found


def _looks(paths: Sequence[Path], tick: Tick) -> tuple[Halves, Floats, npt.NDArray[np.bool_]]:
    """Return the thumbnails [pictures, cuts, edge, edge], mean colours, and which are flat or cannot be read."""
    grey = np.zeros((len(paths), len(_CUTS), EDGE, EDGE), dtype=np.float16)
    colours = np.zeros((len(paths), 3), dtype=np.float32)
    flat = np.ones(len(paths), dtype=bool)
    for at, found in enumerate(ordered_map(look, paths)):
        if found is not None:
            grey[at], colours[at], flat[at] = found.grey, found.colour, found.is_flat
        tick(at + 1, len(paths))
    return grey, colours, flat


def _candidates(prints: Keys, flat: npt.NDArray[np.bool_], bits: Numbers) -> Numbers:
    """Return the pairs of pictures, shape [pairs, 2], of which one, whole or cropped, is nearly the other, whole.

    They are in different parts, or both in the first, to tell what is alike by nature.
    """
    entries = np.flatnonzero(np.repeat(~flat, prints.shape[1]))
    owner, is_whole = entries // prints.shape[1], entries % prints.shape[1] == 0
    keys = prints.ravel()[entries]

    def may_match(left: Numbers, right: Numbers) -> npt.NDArray[np.bool_]:
        one, other = owner[left], owner[right]
        wanted: npt.NDArray[np.bool_] = (one != other) & (is_whole[left] | is_whole[right])
        wanted &= crosses(bits[one] | bits[other]) | ((bits[one] | bits[other]) == 1)
        wanted[wanted] = np.bitwise_count(keys[left[wanted]] ^ keys[right[wanted]]) <= MOST_BITS
        return wanted

    found = owner[sharing_a_bucket(_tables(keys), may_match)]
    return np.unique(np.sort(found, axis=1), axis=0) if len(found) else found.reshape(0, 2)


def _tables(keys: Keys) -> Iterator[Keys]:
    """Yield some of the bits of each hash, drawn at random once for each table."""
    chance = np.random.default_rng(0)
    for _ in range(_TABLES):
        chosen = chance.choice(64, _SAMPLED, replace=False)
        yield keys & np.bitwise_or.reduce(np.uint64(1) << chosen.astype(np.uint64))


def _compared(grey: Halves, colours: Floats, pairs: Numbers) -> npt.NDArray[np.float64]:
    """Return the correlation of each pair under the crop that fits best; 0 where the colours are others."""
    result = np.zeros(len(pairs))
    for start in range(0, len(pairs), 512):
        one, other = pairs[start : start + 512].T
        left, right = grey[one].astype(np.float32), grey[other].astype(np.float32)
        forth = np.einsum("pcij,pij->pc", left, right[:, 0]).max(axis=1)
        back = np.einsum("pcij,pij->pc", right, left[:, 0]).max(axis=1)
        same_colour = np.abs(colours[one] - colours[other]).max(axis=1) <= _LARGEST_COLOUR
        result[start : start + 512] = np.where(same_colour, np.maximum(forth, back).clip(0, 1), 0.0)
    return result
