"""Where a key with Alt ends in what a terminal sends.

A terminal sends Alt and a key as Escape and the key. Textual takes them for one when nothing
follows for a tenth of a second; if a key follows, it writes `^`, the key, and what follows as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_MARK = re.compile("\x1b\\[20([01])~")
"""The beginning and the end of what is pasted."""
_LONGEST_MARK = 6

_LONGER = "\x1b[OPX]^_\\N"
"""What follows an Escape that begins, or ends, a longer sequence; it may be a key with Alt, too."""

_ALT = re.compile(f"\x1b[^{re.escape(_LONGER)}]")


class AltKeys:
    """Cuts what comes from a terminal behind each key with Alt."""

    def __init__(self) -> None:
        self._before = ""
        """The last characters that came."""
        self._is_pasted = False

    def parts(self, text: str) -> Iterator[tuple[str, bool]]:
        """The text in parts, each with whether a key with Alt ends it."""
        before, at = len(self._before), 0
        whole = self._before + text
        for mark in _MARK.finditer(whole):
            end = mark.end() - before
            if end > 0:
                yield from self._cut(text[at:end])
                self._is_pasted, at = mark[1] == "0", end
        yield from self._cut(text[at:])
        self._before = whole[-_LONGEST_MARK:]

    def _cut(self, text: str) -> Iterator[tuple[str, bool]]:
        at = 0
        if not self._is_pasted:
            if self._before.endswith("\x1b") and text[:1] not in _LONGER:
                yield text[0], True
                at = 1
            for found in _ALT.finditer(text, at):
                yield text[at : found.end()], True
                at = found.end()
        if text[at:]:
            yield text[at:], False
        self._before = text[-1:]
