"""Rows as text for other tools. Values go through unchanged; NULL stays apart from ''."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from enum import Enum

from tui.services.quoting import escape_in_identifier, quote_identifier, quote_literal
from tui.services.sql.models import ResultColumn, Row
from tui.services.sql.text.lexer import Token, TokenKind
from tui.services.sql.text.statements import Statement

_JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_JSON_TYPES = frozenset({"json", "jsonb"})
_TSV_SPECIAL = re.compile(r'["\t\r\n]|^\s|\s$')
_MARKUP = re.compile(r"[\\|*_`<>\[\]#&~]")
_CSV_SPECIAL = re.compile(r'[",\r\n]|^\s|\s$|^\\\.$')


def as_json(columns: Sequence[ResultColumn], row: Row) -> str:
    """One JSON object; with repeated column names, an array of [name, value] pairs.

    Numbers keep all their digits; what JSON has no number for (NaN) is a string.
    """
    values = [_json(column, value) for column, value in zip(columns, row, strict=True)]
    names = [json.dumps(column.name, ensure_ascii=False) for column in columns]
    if len(set(names)) < len(names):
        return "[" + ", ".join(f"[{n}, {v}]" for n, v in zip(names, values, strict=True)) + "]"
    return "{" + ", ".join(f"{n}: {v}" for n, v in zip(names, values, strict=True)) + "}"


def _json(column: ResultColumn, value: str | None) -> str:
    if value is None:
        return "null"
    if column.type_name == "boolean":
        return "true" if value == "t" else "false"
    if column.type_name in _JSON_TYPES:
        return value
    if column.numeric and _JSON_NUMBER.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _csv(value: str) -> str:
    if value and not _CSV_SPECIAL.search(value):
        return value
    return '"' + value.replace('"', '""') + '"'


def as_insert(statement: Statement, columns: Sequence[ResultColumn], row: Row) -> str:
    """An INSERT of the row into the first table that the statement reads from."""
    names = ", ".join(quote_identifier(column.name) for column in columns)
    values = ", ".join(
        value
        if value is not None and column.numeric and _JSON_NUMBER.fullmatch(value)
        else quote_literal(value)
        for column, value in zip(columns, row, strict=True)
    )
    table = source_table(statement) or "table_name"
    # Text to copy; nothing here is sent.
    return f"INSERT INTO {table} ({names}) VALUES ({values});"  # noqa: S608


# -- several rows -------------------------------------------------------------------------------


class Form(Enum):
    """What rows can be copied as."""

    CSV = "CSV"
    TSV = "TSV"
    JSON = "JSON"
    MARKDOWN = "Markdown"
    INSERT = "SQL (INSERT)"


class TooLongError(Exception):
    """More than is copied at once."""


def rows_as(
    form: Form,
    statement: Statement,
    columns: Sequence[ResultColumn],
    rows: Iterable[Row],
    *,
    most: int,
) -> str:
    """The rows as one text. Raises TooLongError if it has more than `most` characters."""
    head = _head(form, columns)
    parts = [head] if head else []
    length = 0
    for row in rows:
        text = _line(form, statement, columns, row)
        length += len(text) + 1
        if length > most:
            raise TooLongError
        parts.append(text)
    if form is Form.JSON:
        return "[\n" + ",\n".join(parts) + "\n]\n"
    return "".join(f"{part}\n" for part in parts)


def _head(form: Form, columns: Sequence[ResultColumn]) -> str:
    """The line, or lines, above the rows; empty if there are none."""
    names = [column.name for column in columns]
    if form is Form.CSV:
        return ",".join(map(_csv, names))
    if form is Form.TSV:
        return "\t".join(map(_tsv, names))
    if form is Form.MARKDOWN:
        rule = " | ".join("---:" if column.numeric else "---" for column in columns)
        return f"| {' | '.join(map(_markdown, names))} |\n| {rule} |"
    return ""


def _line(form: Form, statement: Statement, columns: Sequence[ResultColumn], row: Row) -> str:
    if form is Form.CSV:
        return ",".join("" if value is None else _csv(value) for value in row)
    if form is Form.TSV:
        return "\t".join("" if value is None else _tsv(value) for value in row)
    if form is Form.MARKDOWN:
        return f"| {' | '.join('*NULL*' if each is None else _markdown(each) for each in row)} |"
    return as_json(columns, row) if form is Form.JSON else as_insert(statement, columns, row)


def _tsv(value: str) -> str:
    """A field between tabs; in quotes, as spreadsheets read it, where it needs them: an empty text
    too, for NULL is nothing."""
    if value and not _TSV_SPECIAL.search(value):
        return value
    return '"' + value.replace('"', '""') + '"'


def _markdown(value: str) -> str:
    """A cell of a table: nothing in it is markup. Source: GitHub Flavored Markdown, "Tables"."""
    escaped = _MARKUP.sub(r"\\\g<0>", value)
    return re.sub("\r\n|\r|\n", "<br>", escaped)


def source_table(statement: Statement) -> str:
    """The name behind the first FROM (or TABLE, INTO, UPDATE), as written; empty if none.

    Characters in it that are not printable are escaped: it is pasted into terminals.
    """
    tokens = statement.tokens
    for i, token in enumerate(tokens):
        if token.word not in {"FROM", "TABLE", "INTO", "UPDATE"} or token.depth:
            continue
        name = ""
        for part in tokens[i + 1 :]:
            expected = part.text == "." if name and not name.endswith(".") else part.text != "."
            named = part.kind in {TokenKind.WORD, TokenKind.QUOTED} or part.text == "."
            if not (expected and named):
                break
            name += _printable(part)
        return name
    return ""


def _printable(part: Token) -> str:
    if part.text.isprintable():
        return part.text
    if part.kind is TokenKind.WORD:
        return quote_identifier(_folded(part.text))
    if part.text.startswith('"'):
        return quote_identifier(part.text[1:-1].replace('""', '"'))
    return escape_in_identifier(part.text)


def _folded(name: str) -> str:
    """An unquoted name as the server reads it: it folds ASCII letters only (in UTF-8)."""
    return re.sub("[A-Z]+", lambda found: found.group().lower(), name)
