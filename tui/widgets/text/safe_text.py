"""The one place where data becomes display text.

Control, format and other unprintable characters are made visible and never interpreted; markup in
data is never parsed. Characters that nobody sees, and a letter that is stored in another form than
the composed one, are made visible too, so that two different texts never look the same.
Nothing here changes the data: callers keep the raw value beside the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from textual.content import Content, Span

CONTROL_STYLE = "reverse dim"
"""How a made-visible character differs from the same picture in the data itself."""

_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef]"
)
"""Characters that Python calls printable and that leave no mark: fillers, variation selectors.
Those of emoji (U+FE0E and U+FE0F) change what is drawn and are left."""

_ASCII_RUN = re.compile(r"[ -~]+(?=[ -~]|\Z)")
"""Without its last character if what follows may be a mark on it."""

_DOTTED_CIRCLE = "\u25cc"
"""Carries a combining mark that is shown apart from its letter, as in the Unicode charts."""

_BLANK = "\u2420"

_NO_PICTURE = "\ufffd"
"""Stands for a character that has no picture of one cell."""

BLANKS_DRAWN = 3
"""More blanks than this at an end of a text are drawn as one sign and their number."""


def visible_character(character: str) -> str:
    """A printable picture of one character: itself, a control picture, or its escape."""
    if character.isprintable():
        return character
    return _escape(character)


def printable(value: str, *, keep: str = "") -> str:
    """As many characters as in `value`, all of which can be printed, but for those in `keep`: for
    what is edited, where each character has its place."""
    if value.isprintable():
        return value
    pictures = (each if each in keep else visible_character(each) for each in value)
    return "".join(each if len(each) == 1 else _NO_PICTURE for each in pictures)


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def pieces(value: str, *, multiline: bool = False, edges: bool = False) -> list[tuple[str, bool]]:
    """`value` cut into (display text, was made visible) runs, in order.

    With `multiline`, newlines stay newlines and tabs become four spaces. With `edges`, blanks at
    the beginning and at the end are drawn as signs: for names and values that stand alone.
    """
    before, inner, after = _cut_blanks(value) if edges else (0, value, 0)
    runs = [(_blanks(before), True)] if before else []
    if not multiline and _is_plain(inner):
        runs += [(inner, False)] if inner else []
    else:
        # A line at a time, because most lines of a long text can be drawn as they are.
        lines = inner.replace("\t", "    ").split("\n") if multiline else [inner]
        runs += _joined(lines)
    return [*runs, (_blanks(after), True)] if after else runs


def _is_plain(line: str) -> bool:
    """Whether a line can be drawn as it is."""
    if not line.isprintable():
        return False
    return line.isascii() or (
        unicodedata.is_normalized("NFC", line)
        and not _INVISIBLE.search(line)
        and not _goes_on(line[0])
    )


def _cut_blanks(value: str) -> tuple[int, str, int]:
    without = value.lstrip(" ")
    inner = without.rstrip(" ")
    return len(value) - len(without), inner, len(without) - len(inner)


def _blanks(count: int) -> str:
    return f"{_BLANK}×{count}" if count > BLANKS_DRAWN else _BLANK * count


def _joined(lines: Sequence[str]) -> list[tuple[str, bool]]:
    runs: list[tuple[str, bool]] = []
    plain: list[str] = []
    for number, line in enumerate(lines):
        if number:
            plain.append("\n")
        for text, made_visible in [(line, False)] if _is_plain(line) else _characters(line):
            if not made_visible:
                plain.append(text)
                continue
            if plain:
                runs.append(("".join(plain), False))
                plain = []
            runs.append((text, True))
    if plain:
        runs.append(("".join(plain), False))
    return runs


def _characters(line: str) -> Iterator[tuple[str, bool]]:
    """Each character of a line as it is drawn, and whether it was made visible."""
    for cluster in _clusters(line):
        if _is_plain(cluster):
            yield cluster, False
            continue
        composed = unicodedata.is_normalized("NFC", cluster) and not _goes_on(cluster[0])
        for number, character in enumerate(cluster):
            if not character.isprintable() or _INVISIBLE.match(character):
                yield _escape(character), True
            elif composed or (not number and _is_plain(character)):
                yield character, False
            elif unicodedata.category(character) == "Mn":
                yield _DOTTED_CIRCLE + character, True
            else:
                yield _escape(character), True


def _clusters(line: str) -> Iterator[str]:
    """Runs of ASCII; each other character with the marks (or the parts of a Korean syllable) that
    belong to it."""
    at = 0
    while at < len(line):
        run = _ASCII_RUN.match(line, at)
        end = run.end() if run else at + 1
        while not run and end < len(line) and _goes_on(line[end]):
            end += 1
        yield line[at:end]
        at = end


def _goes_on(character: str) -> bool:
    """Whether it is drawn onto the character before it."""
    if character.isascii():
        return False
    return unicodedata.category(character)[0] == "M" or "\u1160" <= character <= "\u11ff"


def visible(value: str, *, multiline: bool = False, edges: bool = False) -> str:
    """`value` as a plain string that is safe to print, without styling."""
    return "".join(text for text, _ in pieces(value, multiline=multiline, edges=edges))


def content(
    value: str, style: str = "", *, multiline: bool = False, edges: bool = False
) -> Content:
    """`value` for a Textual widget: Static, Label, Button, titles, toasts, options."""
    text = ""
    spans: list[Span] = []
    for piece, control in pieces(value, multiline=multiline, edges=edges):
        if control:
            spans.append(Span(len(text), len(text) + len(piece), CONTROL_STYLE))
        text += piece
    if style:
        spans.insert(0, Span(0, len(text), style))
    return Content(text, spans)
