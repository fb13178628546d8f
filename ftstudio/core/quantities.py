"""How quantities are written: durations, bytes, shares. Rounded to what is known, with their unit."""

from __future__ import annotations

from ftstudio.core.translation import number, tr


def duration(seconds: float) -> str:
    """Write a time span: `0.024 s`, `0.4 s`, `12 s`, `3 min 10 s`, `2 h 5 min`."""
    seconds = max(0.0, seconds)
    if 0 < seconds < 0.095:
        return f"{number(seconds, 3)} s"
    if seconds < 9.95:
        return f"{number(seconds, 1)} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def byte_size(count: float) -> str:
    """Write a number of bytes in decimal units: `340 kB`, `87 MB`, `2.1 GB`."""
    for unit, scale in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            value = count / scale
            return f"{number(value, 1 if value < 10 else 0)} {unit}"
    return f"{int(count)} B"


def parameter_count(count: int) -> str:
    """Write a number of parameters: `22.7 M`, `1.1 B`, `940 k`."""
    for unit, scale in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if count >= scale:
            return f"{number(count / scale, 1)} {unit}"
    return str(count)


def percent(share: float, digits: int = 0) -> str:
    """Write a share in [0, 1] as per cent: `42 %`."""
    return f"{number(100 * share, digits)} %"


def score(value: float) -> str:
    """Write a metric with three decimals: `0.942`."""
    return number(value, 3)


def rate(samples_per_second: float) -> str:
    """Write a throughput: `61 samples/s`."""
    digits = 1 if samples_per_second < 10 else 0
    return tr("{value} samples/s").format(value=number(samples_per_second, digits))
