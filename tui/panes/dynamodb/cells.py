"""An attribute value in one cell: whatever differs in the store looks different here.

Strings stand bare unless they could be taken for something else: `"1"` is a string, `1` a number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from tui.services.dynamodb.values import (
    AttributeValue,
    BinarySet,
    BinaryValue,
    BoolValue,
    ListValue,
    MapValue,
    NullValue,
    NumberSet,
    NumberValue,
    StringSet,
    StringValue,
    parse_number,
)
from tui.widgets.grid.cells import Absent, Cell, CellValue, Tone

PREVIEW = 200
"""Characters of a nested or binary value that a cell holds; the viewer shows the whole."""

SHOWN_BYTES = 12
"""Bytes of a binary value that a cell shows."""

_WORDS = {"true", "false", "null", "NULL", "·", "?", "''"}


def cell_of(value: AttributeValue | None) -> CellValue:
    """The cell of an attribute; None is an attribute that the item does not have."""
    match value:
        case None:
            return Absent.MISSING
        case NullValue():
            return Absent.NULL
        case StringValue(text):
            return _quoted(text) if _could_mislead(text) else text
        case NumberValue(text):
            return Cell(text, Tone.ACCENT)
        case BoolValue(flag):
            return Cell("true" if flag else "false", Tone.ACCENT)
        case BinaryValue(data):
            return Cell(_binary(data), Tone.DIM)
    return _Preview().text(value)


def _could_mislead(text: str) -> bool:
    """Whether a bare string would look like another type or hide its ends."""
    if not text:
        return False
    if text in _WORDS or text[0] in '{["' or text.startswith("0x") or text != text.strip(" "):
        return True
    if len(text) > 160 or text[0] not in "+-.0123456789":
        return False
    try:
        parse_number(text)
    except ValueError:
        return False
    return True


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if text.isprintable() else f'"{text}"'


def _binary(data: bytes) -> str:
    shown = data[:SHOWN_BYTES].hex()
    more = "…" if len(data) > SHOWN_BYTES else ""
    return f"0x{shown}{more} ({len(data):,} B)"


class _Preview:
    """Nested values in one line, given up when there is more than a cell can show."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.room = PREVIEW

    def text(self, value: AttributeValue) -> str:
        self.add(value)
        return "".join(self.parts)

    def put(self, text: str) -> None:
        if self.room > 0:
            self.parts.append(text if len(text) <= self.room else text[: self.room] + "…")
        self.room -= len(text)

    def add(self, value: AttributeValue) -> None:
        match value:
            case MapValue(entries):
                self.group("{", ((name, each) for name, each in entries.items()), "}")
            case ListValue(elements):
                self.group("[", ((None, each) for each in elements), "]")
            case StringSet(texts):
                self.group("{", ((None, StringValue(each)) for each in texts), "}")
            case NumberSet(texts):
                self.group("{", ((None, NumberValue(each)) for each in texts), "}")
            case BinarySet(members):
                self.group("{", ((None, BinaryValue(each)) for each in members), "}")
            case StringValue(text):
                self.put(_quoted(text[: PREVIEW + 1]))
            case NumberValue(text):
                self.put(text)
            case BoolValue(flag):
                self.put("true" if flag else "false")
            case NullValue():
                self.put("NULL")
            case BinaryValue(data):
                self.put(_binary(data))

    def group(
        self,
        opening: str,
        entries: Iterable[tuple[str | None, AttributeValue]],
        closing: str,
    ) -> None:
        self.put(opening)
        for position, (name, value) in enumerate(entries):
            if self.room <= 0:
                return
            if position:
                self.put(", ")
            if name is not None:
                self.put(f"{_quoted(name)}: ")
            self.add(value)
        self.put(closing)
