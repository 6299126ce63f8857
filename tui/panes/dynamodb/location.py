"""Where the pane stands, as text: `dynamodb:`, `dynamodb:table`, `dynamodb:table/index`."""

from __future__ import annotations

from tui.services.dynamodb import Source
from tui.services.dynamodb.rules import table_name_problem
from tui.services.errors import ErrorKind, ServiceError

SCHEME = "dynamodb:"


def parse_location(text: str) -> Source | None:
    """The table or index of a location; None is the list of tables.

    The scheme may be left out. Raises ServiceError (INVALID) for a name that no table can have.
    """
    name = text.strip().removeprefix(SCHEME).strip("/")
    if not name:
        return None
    table, slash, index = name.partition("/")
    for part in (table, index) if slash else (table,):
        problem = table_name_problem(part)
        if problem:
            raise ServiceError(
                f"{part!r} cannot be the name of a table or an index.",
                cause=f"The name {problem}." if problem.startswith("must") else f"{problem}.",
                hint="A location is dynamodb:table or dynamodb:table/index.",
                kind=ErrorKind.INVALID,
            )
    return Source(table, index or None)
