"""Rows turned into a cross table, as psql's `\\crosstabview` does it.

Source of the rules: `src/bin/psql/crosstabview.c` of PostgreSQL 18.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.models import ResultColumn, Row

MOST_COLUMNS = 1600
"""Different values in the column whose values become columns."""

_NUMBER = re.compile(r"-?[0-9]+|")

Header = str | None


def crosstab(
    columns: Sequence[ResultColumn], rows: Iterable[Row], arguments: Sequence[str]
) -> tuple[tuple[ResultColumn, ...], tuple[Row, ...]]:
    """Columns and rows of the cross table. `arguments` name, or number from 1 on, the column of the
    row heads, of the column heads, of the values, and the one that puts the column heads in order;
    as in psql, a value that is not there is an empty text.

    ServiceError (INVALID) for what makes no cross table.
    """
    if len(columns) < 3:
        raise _refused("query must return at least three columns")
    vertical = _index(columns, arguments[0]) if arguments else 0
    horizontal = _index(columns, arguments[1]) if len(arguments) > 1 else 1
    if vertical == horizontal:
        raise _refused("vertical and horizontal headers must be different columns")
    if len(arguments) > 2:
        value = _index(columns, arguments[2])
    elif len(columns) > 3:
        raise _refused("data column must be specified when query returns more than three columns")
    else:
        value = ({0, 1, 2} - {vertical, horizontal}).pop()
    order = _index(columns, arguments[3]) if len(arguments) > 3 else None

    lines: dict[Header, dict[Header, str | None]] = {}
    heads: dict[Header, str | None] = {}
    for row in rows:
        head = row[horizontal]
        if head not in heads:
            heads[head] = None if order is None else row[order]
            if len(heads) > MOST_COLUMNS:
                raise _refused(f"maximum number of columns ({MOST_COLUMNS}) exceeded")
        line = lines.setdefault(row[vertical], {})
        if head in line:
            of = [f'"{"(null)" if each is None else each}"' for each in (row[vertical], head)]
            raise _refused(
                f"query result contains multiple data values for row {of[0]}, column {of[1]}"
            )
        line[head] = row[value]
    across = list(heads) if order is None else _ranked(heads)
    first = replace(columns[vertical], table=0, attribute=0)
    of_values = replace(columns[value], table=0, attribute=0)
    return (
        (first, *(replace(of_values, name=head or "") for head in across)),
        tuple((name, *(line.get(head, "") for head in across)) for name, line in lines.items()),
    )


def _ranked(heads: dict[Header, str | None]) -> list[Header]:
    """By number, what is no number as 0; those of the same number by their bytes, NULL last."""
    by_value = sorted(
        heads, key=lambda head: (head is None, (head or "").encode("utf-8", "replace"))
    )

    def number(head: Header) -> int:
        rank = heads[head]
        return int(rank or 0) if rank is not None and _NUMBER.fullmatch(rank) else 0

    return sorted(by_value, key=number)


def _index(columns: Sequence[ResultColumn], argument: str) -> int:
    if argument.isascii() and argument.isdigit():
        number = int(argument)
        if not 1 <= number <= len(columns):
            raise _refused(f"column number {number} is out of range 1..{len(columns)}")
        return number - 1
    name = _name(argument)
    found = [at for at, each in enumerate(columns) if each.name == name]
    if not found:
        raise _refused(f'column name not found: "{name}"')
    if len(found) > 1:
        raise _refused(f'ambiguous column name: "{name}"')
    return found[0]


def _name(argument: str) -> str:
    """A name as it was written: folded, but for what stands in double quotes."""
    parts = re.split(r'("(?:[^"]|"")*"?)', argument)
    return "".join(
        part[1:].removesuffix('"').replace('""', '"') if part.startswith('"') else part.lower()
        for part in parts
    )


def _refused(said: str) -> ServiceError:
    return ServiceError(
        f"\\crosstabview: {said}.",
        hint="Write \\crosstabview [row heads [column heads [values [order of column heads]]]], "
        "each the name or the number of a column.",
        kind=ErrorKind.INVALID,
    )
