"""Numbers as DynamoDB keeps them: decimal text, never a float and never rounded.

The rules are those of "Supported data types and naming rules in DynamoDB": up to 38 significant
digits; zero, or a magnitude from 1E-130 to 9.9999999999999999999999999999999999999E+125.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering

MAX_DIGITS = 38
"""Significant digits, leading and trailing zeros not counted."""

MAX_EXPONENT = 125
MIN_EXPONENT = -130
"""Of the first significant digit, in scientific notation."""

_NUMBER = re.compile(r"([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d{1,9}))?", re.ASCII)


@total_ordering
@dataclass(frozen=True)
class ExactNumber:
    """The value of a number without its spelling: 1, 1.0 and 10E-1 are equal.

    `digits` are the significant ones ("" for zero), `exponent` is that of the first digit in
    scientific notation (0 for zero). Ordered by value.
    """

    negative: bool
    digits: str
    exponent: int

    def __lt__(self, other: ExactNumber) -> bool:
        if self.negative != other.negative:
            return self.negative
        # The magnitudes: digits without trailing zeros compare like the fractions they are.
        mine, theirs = self._magnitude(), other._magnitude()
        return theirs < mine if self.negative else mine < theirs

    def _magnitude(self) -> tuple[int, int, str]:
        return (1 if self.digits else 0, self.exponent, self.digits)


def parse(text: str) -> ExactNumber:
    """The exact value of a number's text. Raises ValueError, with a sentence, if it is none."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueError("is not a number; write it like 12, -3.5 or 1E+20")
    sign, mantissa, exponent = match.groups()
    whole, _, fraction = mantissa.partition(".")
    digits = whole + fraction
    significant = digits.lstrip("0")
    if not significant:
        return ExactNumber(False, "", 0)
    first = len(whole) - (len(digits) - len(significant)) - 1
    return ExactNumber(sign == "-", significant.rstrip("0"), first + int(exponent or 0))


def problem(text: str) -> str | None:
    """Why DynamoDB would not keep this number exactly, or None if it does."""
    try:
        number = parse(text)
    except ValueError as error:
        return str(error)
    if len(number.digits) > MAX_DIGITS:
        return (
            f"has {len(number.digits)} significant digits; DynamoDB keeps at most {MAX_DIGITS} "
            "(store it as a string to keep them all)"
        )
    if number.exponent > MAX_EXPONENT:
        return "is too large; the largest magnitude is 9.99…E+125"
    if number.exponent < MIN_EXPONENT:
        return "is too close to zero; the smallest magnitude is 1E-130"
    return None


def same(first: str, second: str) -> bool:
    """Whether two texts are the same number; texts that are no numbers are compared as texts."""
    if first == second:
        return True
    try:
        return parse(first) == parse(second)
    except ValueError:
        return False
