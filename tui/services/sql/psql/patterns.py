"""The patterns of psql's `\\d` commands as conditions on the catalog.

Source of the rules: `patternToSQLRegex` and `processSQLNamePattern` in
`src/fe_utils/string_utils.c` of PostgreSQL 18; "Patterns" in the manual of psql.
"""

from __future__ import annotations

from collections.abc import Sequence

from tui.services.errors import ErrorKind, ServiceError
from tui.services.quoting import quote_literal

_SPECIAL = frozenset("|*+?()[]{}.^$\\")
"""What a regular expression takes otherwise than as itself, inside double quotes."""

_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_ANYTHING = "^(.*)$"
_NOTHING = "^()$"


def regexes(pattern: str) -> list[str]:
    """The regular expressions of the parts of a pattern, cut at its dots, the name last."""
    parts: list[str] = []
    part = "^("
    in_quotes = False
    at = 0
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == '"':
            if in_quotes and pattern[at : at + 1] == '"':
                part += '"'
                at += 1
            else:
                in_quotes = not in_quotes
        elif not in_quotes and "A" <= character <= "Z":
            part += character.translate(_ASCII_LOWER)
        elif not in_quotes and character == "*":
            part += ".*"
        elif not in_quotes and character == "?":
            part += "."
        elif not in_quotes and character == ".":
            parts.append(part + ")$")
            part = "^("
        elif character == "$":
            part += "\\$"
        else:
            escaped = in_quotes and character in _SPECIAL
            # `[]` is how an array's type is written, and no set of characters.
            escaped = escaped or (character == "[" and pattern[at : at + 1] == "]")
            part += f"\\{character}" if escaped else character
    return [*parts, part + ")$"]


def conditions(
    pattern: str,
    *,
    name: str,
    schema: str = "",
    other_name: str = "",
    visible: str = "",
    database: str = "",
    most: int = 0,
) -> list[str]:
    """The conditions that a pattern means; an empty one means what is visible without a schema.

    `name`, `schema` and `other_name` are columns; `visible` is the condition for what is found
    without its schema; `database` is the only one that the first of as many parts as there may be
    (`most`) may name. INVALID for a pattern of too many parts or for another database.
    """
    if not pattern:
        return [visible] if visible else []
    parts = regexes(pattern)
    most = most or (3 if schema else 2)
    if len(parts) > most:
        raise ServiceError(
            f"improper qualified name (too many dotted names): {pattern}", kind=ErrorKind.INVALID
        )
    if len(parts) == most > 1:
        wanted = _literal(pattern)[0]
        if wanted != database:
            raise ServiceError(
                f"cross-database references are not implemented: {pattern}",
                hint=f"\\c {wanted} connects to it; Alt+D lists the databases.",
                kind=ErrorKind.INVALID,
            )
        parts = parts[1:]
    found: list[str] = []
    if parts[-1] not in {_ANYTHING, _NOTHING}:
        condition = _matches(name, parts[-1])
        if other_name:
            condition = f"({condition}\n        OR {_matches(other_name, parts[-1])})"
        found.append(condition)
    schema_part = parts[-2] if len(parts) > 1 else ""
    if schema_part and schema_part != _NOTHING:
        if schema_part != _ANYTHING and schema:
            found.append(_matches(schema, schema_part))
    elif visible:
        found.append(visible)
    return found


def _matches(column: str, regex: str) -> str:
    return f"{column} OPERATOR(pg_catalog.~) {quote_literal(regex)} COLLATE pg_catalog.default"


def _literal(pattern: str) -> Sequence[str]:
    """The parts of a pattern as names: what is not quoted in small letters."""
    parts, part, in_quotes = [], "", False
    for character in pattern:
        if character == '"':
            in_quotes = not in_quotes
        elif character == "." and not in_quotes:
            parts.append(part)
            part = ""
        else:
            part += character if in_quotes else character.translate(_ASCII_LOWER)
    return [*parts, part]
