"""The order of printed values, by their type: as the server would order them, as far as that can be
told from what it printed. Text is ordered by code point, whatever the collation of the server."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

Key = tuple[int, Any]
"""Compares with every other key of the same column."""

_LOW, _VALUE, _TEXT, _HIGH = range(4)

_EXACT = frozenset({"smallint", "integer", "bigint", "oid", "numeric"})
FLOATS = frozenset({"real", "double precision"})
"""Types of numbers with a fixed number of bits, of which printing may leave digits out."""
_MOMENTS = frozenset(
    {"date", "timestamp without time zone", "timestamp with time zone"}
)  # fmt: skip
NUMBERS = _EXACT | FLOATS
"""Types of numbers, of which a mean can be told."""

_MOMENT = re.compile(
    r"(\d{4,})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?"
    r"(?:([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?)?( BC)?"
)
_INTERVAL_PART = re.compile(r"([+-]?\d+) (year|mon|day)s?")
_INTERVAL_TIME = re.compile(r"([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?")
_INTERVAL = re.compile(rf"(?:{_INTERVAL_PART.pattern} ?)*(?:{_INTERVAL_TIME.pattern})?")
_DAYS = {"year": 360, "mon": 30, "day": 1}
"""The server compares intervals with months of 30 days (interval_cmp_value)."""

_DAY = 86_400_000_000


def ordering(type_name: str) -> Callable[[str], Key]:
    """What a printed value of a type is ordered by."""
    if type_name in NUMBERS:
        return number_key
    if type_name in _MOMENTS:
        return _moment_key
    if type_name == "interval":
        return _interval_key
    if type_name == "money":
        return _money_key
    return _text_key


def _text_key(text: str) -> Key:
    return _TEXT, text


def number_key(text: str) -> Key:
    """Numbers by their exact value; NaN above all, as the server has it."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return _TEXT, text
    # Made of text and compared, a Decimal is exact, whatever the number of digits.
    return (_HIGH, 0) if number.is_nan() else (_VALUE, number)


def _money_key(text: str) -> Key:
    """By its digits: in one locale (lc_monetary) all amounts have the same number of them behind
    the point."""
    digits = "".join(each for each in text if each.isdecimal())
    if not digits:
        return _TEXT, text
    return _VALUE, -int(digits) if "-" in text or "(" in text else int(digits)


def _moment_key(text: str) -> Key:
    if text in {"infinity", "-infinity"}:
        return (_LOW if text[0] == "-" else _HIGH), 0
    found = _MOMENT.fullmatch(text)
    return (_TEXT, text) if found is None else (_VALUE, _microseconds(found))


def _microseconds(found: re.Match[str]) -> int:
    """Since the begin of the year 0, in UTC where the value says how far it is from that."""
    year = int(found[1])
    days = _days(1 - year if found[12] else year, int(found[2]), int(found[3]))
    seconds = int(found[4] or 0) * 3600 + int(found[5] or 0) * 60 + int(found[6] or 0)
    offset = int(found[9] or 0) * 3600 + int(found[10] or 0) * 60 + int(found[11] or 0)
    seconds += offset if found[8] == "-" else -offset
    return days * _DAY + seconds * 1_000_000 + int((found[7] or "").ljust(6, "0"))


def _days(year: int, month: int, day: int) -> int:
    """Days in the Gregorian calendar, which the server uses for all times.

    Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    """
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year


def _interval_key(text: str) -> Key:
    if text in {"infinity", "-infinity"}:
        return (_LOW if text[0] == "-" else _HIGH), 0
    if not text or not _INTERVAL.fullmatch(text):
        return _TEXT, text
    total = sum(int(count) * _DAYS[unit] for count, unit in _INTERVAL_PART.findall(text)) * _DAY
    time = _INTERVAL_TIME.search(text)
    if time is not None:
        seconds = int(time[2]) * 3600 + int(time[3]) * 60 + int(time[4])
        part = seconds * 1_000_000 + int((time[5] or "").ljust(6, "0"))
        total += -part if time[1] == "-" else part
    return _VALUE, total
