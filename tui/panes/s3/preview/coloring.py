"""The colours of source code, for the lines in view. No Textual here.

Pygments reads some 0.1 to 1 MB each second, so that only a stretch around the view is read; that
happens in another process (`lexing_process.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.panes.s3.preview.lexing import Part

STRETCH = 48 * 1024
"""Characters that are read at once."""

BEFORE = 300
"""Lines before the view from which on is read, where the beginning is too far away."""

LONGEST_LINE = 400
"""Characters; a stretch with a longer line has no colours: some expressions would take too long."""

Span = tuple[int, int, str]
"""First and last column (exclusive) in a line, and the kind: one of `KINDS`."""

Read = Callable[[str, Sequence[str]], Sequence[Part]]
"""(language, lines) -> their parts that have a colour. Blocking."""


class Coloring:
    """The colours of some lines of a text; those of others are found out on request."""

    def __init__(self, lines: Sequence[str], language: str, read: Read) -> None:
        self._lines = lines
        self._language = language
        self._read = read
        self._known = range(0)
        self._spans: dict[int, list[Span]] = {}

    def spans(self, line: int) -> list[Span]:
        """The colours of a line, as far as they are known."""
        return self._spans.get(line, [])

    def lacks(self, first: int, last: int) -> bool:
        """Whether colours of lines from `first` to `last` are not known."""
        last = min(last, len(self._lines) - 1)
        return first <= last and not (first in self._known and last in self._known)

    def find(self, first: int, last: int) -> None:
        """Find out the colours of these lines and of some around them. Blocking."""
        begin = 0
        if sum(len(each) + 1 for each in self._lines[: last + 1]) > STRETCH:
            begin = max(first - BEFORE, 0)
        chosen: list[str] = []
        size = 0
        for line in self._lines[begin:]:
            if size > STRETCH:
                break
            if len(line) > LONGEST_LINE:
                if begin + len(chosen) >= first:
                    break
                begin, chosen, size = begin + len(chosen) + 1, [], 0
                continue
            chosen.append(line)
            size += len(line) + 1
        spans: dict[int, list[Span]] = {}
        for row, left, right, kind in self._read(self._language, chosen):
            spans.setdefault(begin + row, []).append((left, right, kind))
        self._spans, self._known = spans, range(begin, max(begin + len(chosen), last + 1))
