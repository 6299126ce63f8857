"""Text to copy that is safe to paste: how a shell and PostgreSQL write any string.

A terminal obeys control characters that are pasted into it, also inside quotes and with bracketed
paste: Ctrl+U deletes the line so far and a carriage return runs the rest. So nothing here returns a
character that is not printable. Such a character is written as an escape sequence instead.
(For Python, `repr` does the same.)
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable

_PLAIN_START = frozenset("abcdefghijklmnopqrstuvwxyz_")
_PLAIN = _PLAIN_START | frozenset("0123456789")

# Source of the words: `pg_get_keywords()` of PostgreSQL 16.
_RESERVED = """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast
    check collate collation column concurrently constraint create cross current_catalog
    current_date current_role current_schema current_time current_timestamp current_user default
    deferrable desc distinct do else end except false fetch for foreign freeze from full grant
    group having ilike in initially inner intersect into is isnull join lateral leading left
    like limit localtime localtimestamp natural not notnull null offset on only or order outer
    overlaps placing primary references returning right select session_user similar some
    symmetric system_user table tablesample then to trailing true union unique user using
    variadic verbose when where window with
"""
RESERVED = frozenset(_RESERVED.split())
"""PostgreSQL's reserved key words, also those that may name functions and types."""

_NO_FUNCTION = """
    between bigint bit boolean char character coalesce dec decimal exists extract float greatest
    grouping inout int integer interval json_array json_arrayagg json_object json_objectagg
    least national nchar none normalize nullif numeric out overlay position precision real row
    setof smallint substring time timestamp treat trim values varchar xmlattributes xmlconcat
    xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
"""
_TO_BE_QUOTED = RESERVED | frozenset(_NO_FUNCTION.split())
"""Words that must be quoted to be any name: every keyword but the unreserved ones."""

_SHELL_ESCAPED = frozenset("'\\!")
"""Escaped inside `$'…'`: the first two end or escape, and `!` asks for the shell's history."""


def shell_word(text: str) -> str:
    """`text` as one word of a command for bash and zsh; every character of it is printable.

    Characters that are not printable make it `$'…'`, with their UTF-8 bytes as `\\xHH`.
    Source: "ANSI-C Quoting" in the manual of bash, "Quoting" in the manual of zsh.
    """
    if text.isprintable():
        # zsh replaces `=name` at the beginning of a word by the path of that command.
        quoted = shlex.quote(text)
        return f"'{text}'" if quoted.startswith("=") else quoted
    return "$'" + "".join(map(_in_ansi_c_quotes, text)) + "'"


def shell_command(words: Iterable[str]) -> str:
    """The words as one line of a shell."""
    return " ".join(map(shell_word, words))


def _in_ansi_c_quotes(character: str) -> str:
    if character.isprintable() and character not in _SHELL_ESCAPED:
        return character
    return "".join(f"\\x{byte:02x}" for byte in _bytes_of(character))


def _bytes_of(character: str) -> bytes:
    """The UTF-8 of the character; the byte itself if it stands for one that was not UTF-8."""
    try:
        return character.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return character.encode("utf-8", "surrogatepass")


def printable_json(text: str) -> str:
    """JSON without line breaks, the same document, with escapes for what is not printable.

    Only strings in it can hold such characters, and JSON writes any of them as an escape.
    """
    return re.sub(
        r"[^ -~]",
        lambda found: found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1],
        text,
    )


def quote_identifier(name: str) -> str:
    """`name` for use in SQL: as it is if that is surely read back the same, else quoted.

    Characters that are not printable make it `U&"…"`.
    """
    if name and name[0] in _PLAIN_START and set(name) <= _PLAIN and name not in _TO_BE_QUOTED:
        return name
    quoted = name.replace('"', '""')
    if name.isprintable():
        return f'"{quoted}"'
    return f'U&"{escape_in_identifier(quoted.replace(chr(92), chr(92) * 2))}"'


def escape_in_identifier(text: str) -> str:
    """The inside of a `U&"…"` with escapes for the characters that are not printable."""
    return "".join(
        character if character.isprintable() else _identifier_escape(ord(character))
        for character in text
    )


def _identifier_escape(code: int) -> str:
    return f"\\{code:04X}" if code <= 0xFFFF else f"\\+{code:06X}"


def quote_literal(value: str | None) -> str:
    """`value` as a constant that reads the same whatever `standard_conforming_strings` says.

    Backslashes and characters that are not printable make it `E'…'`.
    Source: "String Constants with C-Style Escapes" in the manual of PostgreSQL.
    """
    if value is None:
        return "NULL"
    quoted = value.replace("'", "''")
    if "\\" not in value and value.isprintable():
        return f"'{quoted}'"
    return f"E'{''.join(map(_in_escape_string, quoted))}'"


def _in_escape_string(character: str) -> str:
    if character == "\\":
        return "\\\\"
    if character.isprintable():
        return character
    code = ord(character)
    if code <= 0x7F:
        return f"\\x{code:02x}"
    if 0xD800 <= code <= 0xDFFF:
        # A byte that is not UTF-8, from a database that does not say its encoding.
        return "".join(f"\\x{byte:02x}" for byte in _bytes_of(character))
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
