"""JSON read strictly and exactly: numbers stay text, places are known, no name comes twice.

The standard library's parser forgets where a value stood and lets the last of two equal names
win; an editor that promises to lose nothing can afford neither.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # missing from the stubs

MAX_NESTING = 150
"""Brackets inside brackets. The deepest legal item in typed JSON needs about 70."""


@dataclass(frozen=True)
class JsonString:
    offset: int
    text: str


@dataclass(frozen=True)
class JsonNumber:
    offset: int
    text: str
    """Exactly as written."""


@dataclass(frozen=True)
class JsonLiteral:
    offset: int
    value: bool | None


@dataclass(frozen=True)
class JsonArray:
    offset: int
    elements: tuple[JsonNode, ...]


@dataclass(frozen=True)
class JsonObject:
    offset: int
    entries: tuple[tuple[JsonString, JsonNode], ...]
    """Names (with their own places) and values, in the order in which they are written."""


JsonNode = JsonString | JsonNumber | JsonLiteral | JsonArray | JsonObject

_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class JsonError(ValueError):
    """What is wrong with the text, and at which offset."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


def read(text: str) -> JsonNode:
    """The tree of a JSON text. Raises JsonError at the first place that is wrong."""
    reader = _Reader(text)
    node = reader.value(0)
    reader.space()
    if reader.at < len(text):
        raise JsonError("There is something after the end of the JSON value.", reader.at)
    return node


_STRING_PROBLEMS = {
    "Unterminated string": "The closing quote of this string is missing.",
    "Invalid control character": "A string cannot hold a line break or another control character; "
    "write \\n, \\t or \\u and four hexadecimal digits.",
    "Invalid \\uXXXX": "After \\u, four hexadecimal digits are expected.",
    "Invalid \\escape": "This is not an escape sequence; a backslash is written \\\\.",
}
"""What the standard library says, as far as it is the same in all versions, and what we say."""


def _string_problem(said: str) -> str:
    for beginning, sentence in _STRING_PROBLEMS.items():
        if said.startswith(beginning):
            return sentence
    return f"This string cannot be read: {said}."


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def space(self) -> str:
        """Skip white space; give the character that follows, "" at the end."""
        match = _SPACE.match(self.text, self.at)
        assert match is not None
        self.at = match.end()
        return self.text[self.at : self.at + 1]

    def value(self, depth: int) -> JsonNode:
        character = self.space()
        if depth > MAX_NESTING:
            raise JsonError(f"Nested more than {MAX_NESTING} levels deep.", self.at)
        if character == "{":
            return self._object(depth)
        if character == "[":
            return self._array(depth)
        if character == '"':
            return self._string()
        return self._scalar(character)

    def _scalar(self, character: str) -> JsonNode:
        start = self.at
        if not character:
            raise JsonError("The text ends where a value is expected.", start)
        for word, value in _LITERALS.items():
            if self.text.startswith(word, start):
                self.at = start + len(word)
                return JsonLiteral(start, value)
        match = _NUMBER.match(self.text, start)
        if match is None:
            raise JsonError("A value is expected here: a string, a number, { or [.", start)
        self.at = match.end()
        return JsonNumber(start, match.group())

    def _string(self) -> JsonString:
        start = self.at
        try:
            text, self.at = scanstring(self.text, start + 1, True)
        except JSONDecodeError as error:
            raise JsonError(_string_problem(error.msg), error.pos) from error
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            raise JsonError("Half of a surrogate pair is not a character.", start)
        return JsonString(start, text)

    def _array(self, depth: int) -> JsonArray:
        start = self.at
        self.at += 1
        elements: list[JsonNode] = []
        if self.space() == "]":
            self.at += 1
            return JsonArray(start, ())
        while True:
            elements.append(self.value(depth + 1))
            if self._closes("]"):
                return JsonArray(start, tuple(elements))

    def _object(self, depth: int) -> JsonObject:
        start = self.at
        self.at += 1
        entries: list[tuple[JsonString, JsonNode]] = []
        seen: set[str] = set()
        if self.space() == "}":
            self.at += 1
            return JsonObject(start, ())
        while True:
            if self.space() != '"':
                raise JsonError('A name in "double quotes" is expected here.', self.at)
            name = self._string()
            if name.text in seen:
                raise JsonError(f"The name {name.text!r} comes twice.", name.offset)
            seen.add(name.text)
            if self.space() != ":":
                raise JsonError("A colon is expected after the name.", self.at)
            self.at += 1
            entries.append((name, self.value(depth + 1)))
            if self._closes("}"):
                return JsonObject(start, tuple(entries))

    def _closes(self, bracket: str) -> bool:
        """Step over a comma (False) or the closing bracket (True)."""
        character = self.space()
        if character not in {",", bracket} or not character:
            what = "The text ends" if not character else "A comma is missing"
            raise JsonError(f"{what} before the closing {bracket}.", self.at)
        self.at += 1
        return character == bracket
