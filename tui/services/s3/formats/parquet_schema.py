"""The schema of a Parquet file, as its footer has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.services.quantities import counted, size_text

if TYPE_CHECKING:
    import pyarrow.parquet as pq

MOST_COLUMNS = 5_000
"""Columns that are described."""

MOST_CHUNKS = 20_000
"""Columns of row groups whose sizes are added."""


@dataclass(frozen=True)
class ColumnSchema:
    """One stored column; a nested value has one for each of its leaves."""

    path: str
    """Dotted."""
    type: str
    """As it is stored, and what it means if the file says so."""
    nullable: bool
    """Whether it, or what holds it, may be NULL."""
    repeated: bool
    """Whether it is inside a list."""
    compression: str
    packed: int
    """Bytes, of the row groups that were added."""
    unpacked: int


@dataclass(frozen=True)
class Schema:
    """What a footer says of the whole file."""

    facts: str
    columns: tuple[ColumnSchema, ...]


def schema_of(metadata: pq.FileMetaData) -> Schema:
    """The schema of a file, from its footer; nothing else is read."""
    width = min(metadata.num_columns, MOST_COLUMNS)
    groups = min(metadata.num_row_groups, max(MOST_CHUNKS // max(width, 1), 1))
    read = [metadata.row_group(number) for number in range(groups)]
    columns = []
    for at in range(width):
        column = metadata.schema.column(at)
        chunks = [group.column(at) for group in read]
        meaning = str(column.logical_type)
        columns.append(
            ColumnSchema(
                path=column.path,
                type=column.physical_type
                + (f" · {meaning}" if meaning not in ("None", "") else ""),
                nullable=column.max_definition_level > column.max_repetition_level,
                repeated=column.max_repetition_level > 0,
                compression=", ".join(sorted({chunk.compression for chunk in chunks})),
                packed=sum(chunk.total_compressed_size for chunk in chunks),
                unpacked=sum(chunk.total_uncompressed_size for chunk in chunks),
            )
        )
    facts = [
        f"{metadata.num_rows:,} rows in {counted(metadata.num_row_groups, 'row group')}",
        f"{metadata.num_columns:,} stored columns",
        f"format {metadata.format_version}",
        f"footer {size_text(metadata.serialized_size)}",
    ]
    if metadata.created_by:
        facts.append(f"written by {metadata.created_by[:80]}")
    if width < metadata.num_columns:
        facts.append(f"the first {width:,} columns")
    if groups < metadata.num_row_groups:
        facts.append(f"sizes of the first {groups:,} row groups")
    return Schema(" · ".join(facts), tuple(columns))
