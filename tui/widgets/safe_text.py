"""The one place where data becomes display text.

Control, format and other unprintable characters are made visible and never interpreted; markup in
data is never parsed. Nothing here changes the data: callers keep the raw value beside the text.
"""

from __future__ import annotations

from textual.content import Content, Span

CONTROL_STYLE = "reverse dim"
"""How a made-visible character differs from the same picture in the data itself."""

_ALLOWED_BREAKS = {"\n", "\t"}


def visible_character(character: str) -> str:
    """A printable picture of one character: itself, a control picture, or its escape."""
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def pieces(value: str, *, multiline: bool = False) -> list[tuple[str, bool]]:
    """`value` cut into (display text, was made visible) runs, in order.

    With `multiline`, newlines stay newlines and tabs become four spaces.
    """
    if value.isprintable():
        return [(value, False)] if value else []
    runs: list[tuple[str, bool]] = []
    plain: list[str] = []
    for character in value:
        if character.isprintable():
            plain.append(character)
        elif multiline and character in _ALLOWED_BREAKS:
            plain.append("\n" if character == "\n" else "    ")
        else:
            if plain:
                runs.append(("".join(plain), False))
                plain = []
            runs.append((visible_character(character), True))
    if plain:
        runs.append(("".join(plain), False))
    return runs


def visible(value: str, *, multiline: bool = False) -> str:
    """`value` as a plain string that is safe to print, without styling."""
    if value.isprintable():
        return value
    return "".join(text for text, _ in pieces(value, multiline=multiline))


def content(value: str, style: str = "", *, multiline: bool = False) -> Content:
    """`value` for a Textual widget: Static, Label, Button, titles, toasts, options."""
    text = ""
    spans: list[Span] = []
    for piece, control in pieces(value, multiline=multiline):
        if control:
            spans.append(Span(len(text), len(text) + len(piece), CONTROL_STYLE))
        text += piece
    if style:
        spans.insert(0, Span(0, len(text), style))
    return Content(text, spans)
