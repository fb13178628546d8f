"""Finding out how a text file is encoded, and reading it as UTF-8 blocks. Never guesses in silence."""

from __future__ import annotations

import codecs
import errno
import os
import re
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ftstudio.core.errors import InputError
from ftstudio.core.problems import Problem, Severity
from ftstudio.core.text import text
from ftstudio.core.translation import N_, tr
from ftstudio.datasets.reading import cannot_open

SAMPLE_BYTES = 1 << 18
BLOCK_BYTES = 4 << 20
UTF8 = "utf-8"

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN_LETTERS = set("àâäáãåæçèéêëìíîïñòóôöõøœùúûüýÿßÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖÕØŒÙÚÛÜÝŸ“”„‘’‚–—…•€£§°º«»¿¡©®™´·×½¼¾²\xa0")
BROKEN_UTF8 = N_("Row {row} of “{file}” has bytes that are not valid UTF-8.")
BROKEN_UTF8_HINT = text("The file mixes encodings or is damaged. Save it again as UTF-8, or choose its encoding.")
GUESSED_HINT = text("Look whether the letters are right. If not, choose another encoding and import again.")
OFFERED = ("utf-8", "cp1252", "utf-16", "cp1251", "cp1250", "shift_jis", "gb18030")


@dataclass(frozen=True)
class Encoding:
    """The encoding of a file; `problem` says how sure that is."""

    name: str
    problem: Problem | None = None


def detect(path: Path, declared: str | None = None) -> Encoding:
    """Return the encoding of a text file; raises `InputError` when it cannot be known or is an unknown one."""
    if declared is not None:
        return Encoding(_known(declared, path))
    sample = read_start(path)
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return Encoding(name)
    if wide := _wide_without_mark(sample):
        return Encoding(wide)
    bad = _first_bad_byte(path)
    return Encoding(UTF8) if bad is None else _legacy(path, bad)


def of_bytes(raw: bytes) -> str:
    """Return the encoding of a short text that stands for itself; what is not UTF-8 is taken for Western European."""
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return name
    if wide := _wide_without_mark(raw):
        return wide
    return next((name for name in (UTF8, "cp1252") if _decodes(raw, name)), "latin-1")


def read_start(path: Path, size: int = SAMPLE_BYTES) -> bytes:
    """Return the first bytes of a file; raises `InputError` when it cannot be read."""
    try:
        if path.is_fifo() or path.is_char_device():
            raise OSError(errno.EINVAL, tr("it is not a file"))  # opening it would wait for ever
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise cannot_open(path, error) from None


Blocks = Generator[tuple[bytes, int], tuple[int, int] | None, None]


def utf8_blocks(path: Path, encoding: str, size: int = BLOCK_BYTES) -> Blocks:
    """Yield the file's text as UTF-8 without a byte order mark, with the number of source bytes read so far.

    Whoever has not used the last bytes of a block sends how many, to get them again at the start of the next, and how
    many fresh bytes that one should have.
    """
    try:
        with path.open("rb") as file:
            yield from _plain_blocks(file, size) if encoding in (UTF8, "utf-8-sig") else _decoded(file, encoding, size)
    except OSError as error:
        raise cannot_open(path, error) from None
    except UnicodeError:
        raise not_written_in(path, encoding) from None


def _plain_blocks(file: BinaryIO, size: int) -> Blocks:
    done, kept = len(codecs.BOM_UTF8), 0
    if file.read(done) != codecs.BOM_UTF8:
        done = file.seek(0)
    while len(block := file.read(kept + size)) > kept:
        done += len(block) - kept
        kept, size = (yield block, done) or (0, size)
        file.seek(-kept, os.SEEK_CUR)


def _decoded(file: BinaryIO, encoding: str, size: int) -> Blocks:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    done, rest = 0, b""
    while raw := file.read(size):
        done += len(raw)
        block = rest + decoder.decode(raw).encode(UTF8)
        kept, size = (yield block, done) or (0, size)
        rest = block[len(block) - kept :]
    if last := decoder.decode(b"", final=True).encode(UTF8):
        yield rest + last, done


def _known(name: str, path: Path) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise InputError(
            text("There is no text encoding called “{encoding}”.", encoding=name),
            text("Usual ones are: {choices}.", choices=", ".join(OFFERED)),
            file=str(path),
            field="encoding",
        ) from None


def _wide_without_mark(sample: bytes) -> str | None:
    even, odd = sample[0:4096:2], sample[1:4096:2]
    if len(odd) < 4:
        return None
    if odd.count(0) > 0.4 * len(odd) and even.count(0) < 0.1 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.4 * len(even) and odd.count(0) < 0.1 * len(odd):
        return "utf-16-be"
    return None


def _first_bad_byte(path: Path) -> int | None:
    """Return the offset of the first byte of the sample that is not UTF-8; the import checks the rest."""
    sample = read_start(path)
    try:
        codecs.utf_8_decode(sample, "strict", len(sample) < SAMPLE_BYTES)
    except UnicodeDecodeError as error:
        return error.start
    return None


def _legacy(path: Path, bad: int) -> Encoding:
    sample = read_start(path)
    row = sample.count(b"\n", 0, bad)
    if _mostly_utf8(sample):
        raise broken_utf8(path, max(row, 1))
    if not _looks_western(sample):
        guess = _guess(sample)
        raise InputError(
            text("“{file}” is not UTF-8, and its encoding cannot be known for sure.", file=path.name),
            text("Save it as UTF-8, or choose its encoding. It may be {guess}.", guess=guess or "cp1252"),
            file=str(path),
            row=max(row, 1),
            field="encoding",
        )
    return Encoding("cp1252", _western_problem(path, sample, bad))


def _western_problem(path: Path, sample: bytes, bad: int) -> Problem:
    start = sample.rfind(b"\n", 0, bad) + 1
    shown = sample[max(start, bad - 20) : bad + 20].split(b"\n")[0].decode("cp1252", "replace")
    return Problem(
        severity=Severity.WARNING,
        code="encoding_guessed",
        message=text("“{file}” is not UTF-8; it was read as Western European text (cp1252).", file=path.name),
        hint=GUESSED_HINT,
        examples=(shown.strip(),),
    )


def broken_utf8(path: Path, row: int) -> InputError:
    """Return the error for text that is UTF-8 but for some broken bytes."""
    message = text(BROKEN_UTF8, row=row, file=path.name)
    return InputError(message, BROKEN_UTF8_HINT, file=str(path), row=row, field="encoding")


def not_written_in(path: Path, encoding: str) -> InputError:
    """Return the error for a file that does not hold what the encoding the user chose could have written."""
    return InputError(
        text("“{file}” is not written in {encoding}.", file=path.name, encoding=encoding),
        text("Choose another encoding, or save the file as UTF-8."),
        file=str(path),
        field="encoding",
    )


def _mostly_utf8(sample: bytes) -> bool:
    """Tell a damaged UTF-8 file from one in an old encoding: whole sequences outnumber broken bytes."""
    shown = sample.decode(UTF8, "replace")
    broken = shown.count("\ufffd")
    whole = sum(1 for letter in shown if ord(letter) > 127) - broken
    return whole >= broken


def _looks_western(sample: bytes) -> bool:
    """Tell Western European text from other alphabets: few accents, each alone within ASCII words, all usual ones."""
    if not _decodes(sample, "cp1252"):
        return False
    runs = re.findall(rb"[\x80-\xff]+", sample)
    accents = b"".join(runs).decode("cp1252")
    letters = len(re.findall(rb"[A-Za-z]", sample))
    usual = sum(letter in _WESTERN_LETTERS for letter in accents)
    return len(accents) < 0.35 * max(letters, 1) and len(accents) < 1.8 * len(runs) and usual > 0.9 * len(accents)


def _guess(sample: bytes) -> str | None:
    import charset_normalizer

    best = charset_normalizer.from_bytes(sample[: 1 << 16]).best()
    return best.encoding if best else None


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        sample.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
