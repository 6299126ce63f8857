"""A value as a text that an editor shows and gives back unchanged.

An editor has one kind of line end, and shows control characters as something else. A value that
has others is edited with escapes: `\\r`, `\\t`, `\\xHH`, `\\uHHHH`, `\\UHHHHHHHH`, `\\\\`; a line
end stays one.
"""

from __future__ import annotations

import re
import unicodedata

_NOT_SHOWN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode's categories of characters that an editor does not show as they are: control characters,
halves of pairs (bytes that are no UTF-8), the separators of lines and paragraphs."""

_NAMED = {"\t": "\\t", "\r": "\\r", "\\": "\\\\"}
_ESCAPE = re.compile(
    r"\\(?:(?P<plain>[tr\\])|x(?P<x>[0-9A-Fa-f]{2})|u(?P<u>[0-9A-Fa-f]{4})"
    r"|U(?P<U>[0-9A-Fa-f]{8})|(?P<wrong>.?))",
    re.DOTALL,
)


def needs_escapes(value: str) -> bool:
    """Whether an editor would show or give back something else."""
    if value.isprintable():
        return False
    return any(
        not each.isprintable() and each not in "\n\t" and unicodedata.category(each) in _NOT_SHOWN
        for each in set(value)
    )


def escaped(value: str) -> str:
    """With escapes for what an editor does not show as it is."""
    return "".join(map(_escape, value))


def _escape(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if character == "\n" or unicodedata.category(character) not in _NOT_SHOWN:
        return character
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def unescaped(text: str) -> str:
    """The value behind a text with escapes. ValueError, with the reason, if one is wrong."""
    return _ESCAPE.sub(_meant, text)


def _meant(found: re.Match[str]) -> str:
    if found["plain"]:
        return {"t": "\t", "r": "\r", "\\": "\\"}[found["plain"]]
    digits = found["x"] or found["u"] or found["U"]
    if not digits or int(digits, 16) > 0x10FFFF:
        raise ValueError(f"“{found[0]}” is no escape here. A backslash is written \\\\.")
    return chr(int(digits, 16))
