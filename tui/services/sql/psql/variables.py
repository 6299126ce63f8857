"""The variables that `\\gset` sets, whose values stand for parameters of the same name.

Source of the rules: `StoreQueryTuple` in `src/bin/psql/common.c` of PostgreSQL 18.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.models import ResultColumn, Row

_NAME = re.compile(r"[A-Za-z0-9_\x80-\U0010ffff]+")


def set_by_row(
    columns: Sequence[ResultColumn], rows: Sequence[Row], prefix: str
) -> dict[str, str | None]:
    """The values of the only row by the names of its columns behind `prefix`; None, for NULL, takes
    a variable away. ServiceError (INVALID) if it is not one row, or if a name is none."""
    if len(rows) != 1:
        count = "no rows" if not rows else "more than one row"
        raise ServiceError(f"{count.capitalize()} returned for \\gset.", kind=ErrorKind.INVALID)
    found: dict[str, str | None] = {}
    for column, value in zip(columns, rows[0], strict=True):
        name = prefix + column.name
        if not _NAME.fullmatch(name):
            raise ServiceError(f'Invalid variable name: "{name}".', kind=ErrorKind.INVALID)
        found[name] = value
    return found
