"""Sizes, counts, rates and times in words. An unknown is said to be unknown, never to be zero."""

from __future__ import annotations

import re

_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB")

UNKNOWN_SIGN = "?"
"""Stands for a number that changes all the time and is not known now."""


def size_text(size: int | None) -> str:
    """ "unknown", "512 B", "1.5 GiB": the unit that keeps the number short; powers of 1,024."""
    if size is None:
        return "unknown"
    if size < 1024:
        return f"{size} B"
    number, unit = size / 1024, 0
    # 1023.95 would be written as 1024.0.
    while number >= 1023.95 and unit < len(_UNITS) - 1:
        number /= 1024
        unit += 1
    return f"{number:.1f} {_UNITS[unit]}"


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 object", "2,000 objects"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def at_least(number: int, one: str, *, complete: bool) -> str:
    """ "500+ objects" while more may follow, "500 objects" when it is known that nothing does."""
    return counted(number, one) if complete else f"{number:,}+ {one}s"


def rate_text(rate: float | None) -> str:
    """Bytes per second; `?` while it is unknown."""
    return f"{UNKNOWN_SIGN}/s" if rate is None else f"{size_text(round(rate))}/s"


_EXACT = {"GB": 10**9, "GiB": 2**30, "MB": 10**6, "MiB": 2**20, "kB": 10**3, "KiB": 2**10}

_RATE = re.compile(r"([0-9]+(?:[.,][0-9]+)?) *([kKMG]?)(i?)(B|b|bit)? *(?:/ *s|ps)?", re.ASCII)


def parse_rate(text: str) -> int | None:
    """Bytes per second of "10 MB/s", "500 KiB/s", "80 Mbit/s", "2M"; None for an empty text.

    K, M and G are powers of 1,000, with an i of 1,024; `b` and `bit` are eighths of a byte. Raises
    ValueError, with what is wrong in words.
    """
    text = text.strip()
    if not text:
        return None
    found = _RATE.fullmatch(text)
    if found is None:
        raise ValueError("Write it as 10 MB/s, 500 KiB/s or 80 Mbit/s.")
    number, unit, binary, thing = found.groups()
    factor = float(1024 if binary else 1000) ** " kMG".index(unit.replace("K", "k") or " ")
    rate = float(number.replace(",", ".")) * factor / (8 if thing in {"b", "bit"} else 1)
    if rate < 1024:
        raise ValueError("That is less than 1 KiB/s: too slow for the servers to wait for.")
    return round(rate)


def exact_rate_text(rate: int) -> str:
    """Bytes per second as `parse_rate` reads them back: "10 MB/s", "512 KiB/s", "1025 B/s"."""
    for unit, factor in _EXACT.items():
        if rate % factor == 0 and rate >= factor:
            return f"{rate // factor} {unit}/s"
    return f"{rate} B/s"


def clock_text(seconds: float | None) -> str:
    """A time that runs: "0:07", "12:30", "3:02:00"; `?` while it is unknown."""
    if seconds is None:
        return UNKNOWN_SIGN
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def elapsed_text(seconds: float) -> str:
    """A time that is over, in a sentence: "42 s", "3 min 05 s"."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def bar_text(done: int, total: int, width: int) -> str:
    """A bar of `width` cells; full only when everything is done."""
    part = 1.0 if total <= 0 else min(max(done / total, 0.0), 1.0)
    filled = int(part * width)
    return "█" * filled + "░" * (width - filled)


def percent_text(done: int, total: int) -> str:
    """Whole percents, rounded down, so that 100% is all of it."""
    return "100%" if total <= 0 or done >= total else f"{max(done, 0) * 100 // total}%"
