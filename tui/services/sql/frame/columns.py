"""What a frame is told of each column."""

from __future__ import annotations

from collections.abc import Sequence

from tui.services.sql.export.copy_text import unique
from tui.services.sql.models import ResultColumn

FrameColumn = tuple[str, str, int | None, int | None]
"""Name, type, and for numeric its precision and scale if it has them."""


def frame_columns(
    columns: Sequence[ResultColumn], limits: Sequence[tuple[int | None, int | None]] = ()
) -> list[FrameColumn]:
    """The columns of a result. A name that comes twice gets a number, an empty one is made up."""
    names = unique([column.name for column in columns])
    known = limits or [(None, None)] * len(columns)
    return [
        (name, column.type_name, *(limit if column.type_name == "numeric" else (None, None)))
        for name, column, limit in zip(names, columns, known, strict=True)
    ]
