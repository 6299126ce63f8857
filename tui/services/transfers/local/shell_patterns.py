"""What a shell makes of `{a,b}`, `{1..9}` and `**`, where Python's `glob` does something else.

Blocking: run on a pool.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator
from itertools import pairwise

ALTERNATIVES = 10_000
"""Words that the braces of one word may stand for; one with more stays as it is."""

_NUMBER = r"(-?\d{1,18})"
_RANGE = re.compile(rf"{_NUMBER}\.\.{_NUMBER}(?:\.\.{_NUMBER})?|([A-Za-z])\.\.([A-Za-z])")


def alternatives(word: str) -> list[str]:
    """What the braces of a word stand for, quotes and escapes kept ("Brace Expansion" in the manual
    of bash): `f{1,2}` is `f1` and `f2`, `{08..10}` is `08`, `09` and `10`; else the word alone.
    """
    found = [word]
    position = 0
    while position < len(found):
        split = _first_braces(found[position])
        if split is None:
            position += 1
            continue
        before, inside, after = split
        if len(found) + len(inside) > ALTERNATIVES:
            return [word]
        found[position : position + 1] = [before + each + after for each in inside]
    return found


def _first_braces(word: str) -> tuple[str, list[str], str] | None:
    """What stands before the first braces that mean something, what they offer, and the rest."""
    opened: list[tuple[int, list[int]]] = []
    closed: list[tuple[int, list[int], int]] = []
    for index, character in _unquoted(word):
        if character == "{":
            opened.append((index, []))
        elif character == "," and opened:
            opened[-1][1].append(index)
        elif character == "}" and opened:
            closed.append((*opened.pop(), index))
    for begin, commas, end in sorted(closed):
        inside = _offered(word, begin, commas, end)
        if inside and word[begin - 1 : begin] != "$":
            return word[:begin], inside, word[end + 1 :]
    return None


def _offered(word: str, begin: int, commas: list[int], end: int) -> list[str]:
    if commas:
        cuts = [begin, *commas, end]
        return [word[left + 1 : right] for left, right in pairwise(cuts)]
    found = _RANGE.fullmatch(word, begin + 1, end)
    if found is None:
        return []
    if found[4]:
        first, last, step, width = ord(found[4]), ord(found[5]), 1, 0
    else:
        first, last, step = int(found[1]), int(found[2]), abs(int(found[3] or 1)) or 1
        padded = any(re.match("-?0[0-9]", each) for each in (found[1], found[2]))
        width = max(len(found[1]), len(found[2])) if padded else 0
    if abs(last - first) // step >= ALTERNATIVES:
        return []
    numbers = range(first, last + 1, step) if first <= last else range(first, last - 1, -step)
    return [chr(each) if found[4] else f"{each:0{width}d}" for each in numbers]


def _unquoted(word: str) -> Iterator[tuple[int, str]]:
    """The characters of a word that neither a quote nor a backslash takes the meaning from."""
    quote = ""
    index = 0
    while index < len(word):
        character = word[index]
        if character == "\\" and quote != "'":
            index += 1
        elif character == quote:
            quote = ""
        elif not quote and character in "'\"":
            quote = character
        elif not quote:
            yield index, character
        index += 1


def fitting(pattern: str) -> Iterator[str]:
    """The paths that fit a pattern of `glob`, where `**` reaches into folders at any depth, not
    through links: two links in a circle would have no end. Without what begins with a dot; a path
    may come twice. `**` at the end is what `*` is, because a folder comes with all that is in it.
    """
    head, star, tail = pattern.partition("/**/")
    if not star and pattern.endswith("/**"):
        yield from glob.iglob(pattern[:-1])
    elif not star:
        yield from glob.iglob(pattern)
    else:
        for base in glob.iglob(head or "/"):
            for folder in _folders(base):
                yield from fitting(f"{glob.escape(folder.rstrip('/'))}/{tail}")


def _folders(base: str) -> Iterator[str]:
    """A folder and those below it."""
    waiting = [base]
    while waiting:
        folder = waiting.pop()
        yield folder
        try:
            with os.scandir(folder) as entries:
                waiting += [
                    each.path
                    for each in entries
                    if not each.name.startswith(".") and each.is_dir(follow_symlinks=False)
                ]
        except OSError:
            # It is no folder, or cannot be read; a shell says nothing of it, either.
            continue
