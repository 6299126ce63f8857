"""Which names the filter shows while it is typed: those that contain a text or match a glob."""

from __future__ import annotations

import re
from collections.abc import Callable


def is_glob(text: str) -> bool:
    """Whether the text of a filter says more than itself."""
    return "*" in text or "?" in text


def name_filter(text: str) -> Callable[[str], bool]:
    """Whether a name contains the text, whatever the case: `*` stands for any characters, `?` for
    one. A name that has these characters themselves is found, too. Takes time in proportion to the
    name, whatever the text."""
    text = text.casefold()
    if not is_glob(text):
        return lambda name: text in name.casefold()
    # Each part is looked for behind the one before: its first place leaves most to the others.
    parts = [_part(part) for part in text.split("*") if part]

    def passes(name: str) -> bool:
        name, at = name.casefold(), 0
        for part in parts:
            found = part.search(name, at)
            if found is None:
                return False
            at = found.end()
        return True

    return passes


def _part(part: str) -> re.Pattern[str]:
    return re.compile(".".join(map(re.escape, part.split("?"))), re.DOTALL)
