"""How well what is typed into the palette fits a command.

Textual's own matcher tries every way in which the letters can be found in order: with a text of two
lines and a query of two words it does not come to an end.
"""

from __future__ import annotations

from collections.abc import Sequence

WHOLE, WORDS, LETTERS, HELP = 0.8, 0.6, 0.2, 0.1
"""The least that a match counts: the query as it is, all its words, its letters in order, each in
the title; and all its words in the help."""


def match(query: str, title: str, help_text: str) -> tuple[float, Sequence[int]]:
    """How well a query fits a command, 0 if not at all, and the letters of the title to mark.

    A match counts up to 0.2 more where it begins early and lies close together.
    """
    wanted, candidate = query.casefold().strip(), title.casefold()
    if not wanted:
        return 0.0, ()
    # What changes its length when it is folded cannot be marked letter by letter.
    is_same_length = len(candidate) == len(title)
    for least, offsets in (
        (WHOLE, _whole(wanted, candidate)),
        (WORDS, _words(wanted, candidate)),
        (LETTERS, _letters(wanted, candidate)),
    ):
        if offsets:
            closeness = len(offsets) / (offsets[-1] - offsets[0] + 1)
            earliness = 1 - offsets[0] / len(candidate)
            return least + (closeness + earliness) / 10, offsets if is_same_length else ()
    folded = help_text.casefold()
    if all(word in folded for word in wanted.split()):
        return HELP, ()
    return 0.0, ()


def _whole(wanted: str, candidate: str) -> list[int]:
    start = candidate.find(wanted)
    return [] if start < 0 else list(range(start, start + len(wanted)))


def _words(wanted: str, candidate: str) -> list[int]:
    found: set[int] = set()
    for word in wanted.split():
        offsets = _whole(word, candidate)
        if not offsets:
            return []
        found.update(offsets)
    return sorted(found)


def _letters(wanted: str, candidate: str) -> list[int]:
    """The letters in their order, each at the first place that is left."""
    found: list[int] = []
    for letter in wanted:
        if letter.isspace():
            continue
        at = candidate.find(letter, found[-1] + 1 if found else 0)
        if at < 0:
            return []
        found.append(at)
    return found
