"""What a plan holds, in words: what exists already, what is left out, what is hidden."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tui.services.quantities import counted
from tui.services.transfers import LeftOut

NAMED_PATTERNS = 3
"""Patterns of which it is said how many files each left out."""


def conflicts_text(verdicts: Sequence[bool | None], of_all: int) -> str:
    """ "3 new, 2 exist already (1 identical, 1 different)"; a verdict for each that exists."""
    count = Counter(verdicts)
    words = {True: "identical", False: "different", None: "of the same size"}
    each = ", ".join(f"{count[is_so]:,} {word}" for is_so, word in words.items() if count[is_so])
    return f"{of_all - len(verdicts):,} new, {exist_text(len(verdicts))} ({each})"


def exist_text(conflicts: int) -> str:
    """ "2 exist already"."""
    return f"{counted(conflicts, 'exists', 'exist')} already"


def left_out_text(left_out: LeftOut) -> str:
    """ "12 left out: 10 by --exclude "*.tmp", 2 by --exclude "b*"" ."""
    by = left_out.by
    if len(by) == 1:
        return f"{f'{left_out.count:,}' if left_out.count else 'none'} left out by {by[0][0]}"
    each = [f"{count:,} by {pattern}" for pattern, count in by[:NAMED_PATTERNS]]
    rest = sum(count for _, count in by[NAMED_PATTERNS:])
    each += [f"{rest:,} by others"] if rest else []
    return f"{left_out.count:,} left out: {', '.join(each)}"


def links_text(links: int) -> str:
    """ "2 are links (→): what it leads to is sent"."""
    return f"{counted(links, 'is a link', 'are links')} (→): what it leads to is sent"


def empty_folders_text(count: int) -> str:
    """ "2 empty folders are not sent: S3 keeps objects only"."""
    return (
        f"{counted(count, 'empty folder is', 'empty folders are')} not sent: S3 keeps objects only"
    )


def hidden_text(hidden: int) -> str:
    """ "2 are hidden (a dot before the name)"."""
    return f"{counted(hidden, 'is hidden', 'are hidden')} (a dot before the name)"
