"""How far two texts, or two pieces of bytes, are the same from their beginning."""

from __future__ import annotations

from typing import AnyStr


def common_beginning(one: AnyStr, other: AnyStr) -> int:
    """How many characters (or bytes) both have in common at their beginning: the offset of the
    first difference, the length of the shorter one if there is none."""
    low, high = 0, min(len(one), len(other))
    # By halves: one by one takes a second for a long text.
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
