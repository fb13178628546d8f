"""Names for files and folders that every system accepts: what works here must not fail when it is copied elsewhere."""

from __future__ import annotations

import re
import unicodedata

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$", re.IGNORECASE)
_LONGEST = 150  # bytes; systems allow 255, and temporary names and endings need room


def safe_name(name: str, fallback: str = "export") -> str:
    """Return `name` with everything replaced that some system refuses; `fallback` if nothing is left."""
    readable = name.encode("utf-8", "replace").decode()  # bytes that are no text cannot be written everywhere
    plain = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", readable))
    plain = _shortened(plain).rstrip(". ").lstrip(" ")
    if not plain.strip("._ "):
        return fallback
    return f"_{plain}" if _RESERVED.match(plain) else plain


def _shortened(name: str) -> str:
    """Cut a name to the longest that is safe, between characters; a short ending (`.pth`) is kept."""
    if len(name.encode()) <= _LONGEST:
        return name
    stem, dot, suffix = name.rpartition(".")
    ending = f"{dot}{suffix}" if stem and len(suffix) <= 10 else ""
    room = _LONGEST - len(ending.encode())
    return name.removesuffix(ending).encode()[:room].decode(errors="ignore") + ending
