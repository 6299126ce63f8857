"""The fewest lines to take out and put in, to make one sequence of another, with limited work.

E. W. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986). Not difflib: on lines that
repeat it takes minutes, and it cannot be stopped.
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

MOST_STEPS = 2_000_000
"""Comparisons; about a second."""


@dataclass(frozen=True, slots=True)
class Match:
    """A run of equal items: where it begins in both sequences, and how long it is."""

    old: int
    new: int
    size: int


def matches(
    old: Sequence[Hashable], new: Sequence[Hashable], most: int = MOST_STEPS
) -> list[Match] | None:
    """The runs that both have, in order. None if finding them takes more than `most` steps."""
    numbers: dict[Hashable, int] = {}
    left = [numbers.setdefault(each, len(numbers)) for each in old]
    right = [numbers.setdefault(each, len(numbers)) for each in new]
    shorter = min(len(left), len(right))
    start = 0
    while start < shorter and left[start] == right[start]:
        start += 1
    end = 0
    while end < shorter - start and left[-1 - end] == right[-1 - end]:
        end += 1
    middle = _middle(left[start : len(left) - end], right[start : len(right) - end], most)
    if middle is None:
        return None
    found = [Match(0, 0, start)]
    found += [Match(each.old + start, each.new + start, each.size) for each in middle]
    found.append(Match(len(left) - end, len(right) - end, end))
    return [each for each in found if each.size]


def _middle(left: Sequence[int], right: Sequence[int], most: int) -> list[Match] | None:
    """The runs of sequences that neither begin nor end alike."""
    if not left or not right:
        return []
    longest, width = len(left), len(right)
    reach = longest + width
    zero = reach + 1
    # How far the best path goes in `left`, for each diagonal; -1 and +1 are at `zero` -1 and +1.
    best = array("i", bytes(4 * (2 * reach + 3)))
    earlier: list[array[int]] = []
    steps = 0
    for edits in range(reach + 1):
        earlier.append(best[zero - edits - 1 : zero + edits + 2])
        for diagonal in range(-edits, edits + 1, 2):
            at = zero + diagonal
            down = diagonal == -edits or (diagonal != edits and best[at - 1] < best[at + 1])
            x = best[at + 1] if down else best[at - 1] + 1
            begin, y = x, x - diagonal
            while x < longest and y < width and left[x] == right[y]:
                x += 1
                y += 1
            best[at] = x
            steps += 1 + x - begin
            if x >= longest and y >= width:
                return _walked_back(earlier, longest, width)
        if steps > most:
            return None
    raise AssertionError("so many edits make any sequence of any other")


def _walked_back(earlier: Sequence[array[int]], x: int, y: int) -> list[Match]:
    found: list[Match] = []
    for edits in range(len(earlier) - 1, -1, -1):
        best, zero = earlier[edits], edits + 1
        diagonal = x - y
        at = zero + diagonal
        down = diagonal == -edits or (diagonal != edits and best[at - 1] < best[at + 1])
        if edits:
            before = best[at + 1] if down else best[at - 1]
            begin = before if down else before + 1
        else:
            before = begin = 0
        if x > begin:
            found.append(Match(begin, begin - diagonal, x - begin))
        x, y = before, before - (diagonal + 1 if down else diagonal - 1)
    return found[::-1]
