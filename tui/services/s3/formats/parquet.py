"""Parquet: the schema from the footer and rows in batches, by reads of the parts that are needed.

https://parquet.apache.org/docs/file-format/
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tui.services.errors import ServiceError
from tui.services.formats.damaged import damaged
from tui.services.quantities import counted
from tui.services.s3.data.body import ReadAt, SeekableBytes
from tui.services.s3.formats.parquet_schema import MOST_CHUNKS, Schema, schema_of
from tui.services.s3.formats.table_source import missing

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

MAGIC = b"PAR1"

FOOTER_LIMIT = 16 * 1024 * 1024
"""Bytes of the longest footer that is read."""

LARGEST_READ = 64 * 1024 * 1024
"""Bytes of the largest page that is read: a page may claim all of its column."""

LARGEST_UNPACKED = 256 * 1024 * 1024
"""Bytes that a column of a row group may have unpacked if it is a bomb: `BOMB` times its size."""

BOMB = 500

_BUFFER = 256 * 1024
_BATCH = 200


class _Ranges(SeekableBytes):
    """A file over ranged reads."""

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self._wanted(size)
        if wanted > LARGEST_READ:
            raise OSError(f"A part of it says that it has {wanted:,} bytes.")
        try:
            data = self._read_at(self._position, wanted)
        except ServiceError as failure:
            self.failure = failure
            raise OSError(str(failure)) from failure
        self._position += len(data)
        return data


class ParquetTable:
    """The rows of a Parquet file. Every value as text: exact decimals and timestamps."""

    def __init__(self, read_at: ReadAt, size: int) -> None:
        """Reads the footer. Raises ServiceError: the file is damaged, pyarrow is missing, or what
        `read_at` raises."""
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError as error:
            raise missing("pyarrow", "A Parquet file") from error
        self._errors = (pyarrow.ArrowException, OSError, ValueError, OverflowError)
        self.sheet = ""
        self.sheets: tuple[str, ...] = ()
        tail = read_at(max(size - 8, 0), 8)
        footer = int.from_bytes(tail[:4], "little")
        if tail[4:] != MAGIC or footer + 12 > size:
            raise damaged("Parquet", ValueError("It does not end with a Parquet footer."))
        if footer > FOOTER_LIMIT:
            raise damaged("Parquet", ValueError(f"Its footer says that it has {footer:,} bytes."))
        self._file = _Ranges(read_at, size)
        try:
            # With a buffer, a column of a row group is read in parts and not whole.
            # Texts are left in their dictionary: a long one that is in each row is held once.
            table = pyarrow.parquet.ParquetFile(
                self._file,
                buffer_size=_BUFFER,
                pre_buffer=False,
                read_dictionary=_flat_texts(pyarrow.parquet.read_metadata(self._file)),
            )
            schema = table.schema_arrow
            self.columns: list[str] = list(schema.names)
            types = list(schema.types)
            self._metadata = metadata = table.metadata
            _refuse_bombs(metadata)
        except self._errors as error:
            raise self._file.failure or damaged("Parquet", error) from error
        self.numeric = frozenset(at for at, each in enumerate(types) if _is_number(each))
        self.schema = tuple(
            (name, str(each)) for name, each in zip(self.columns, types, strict=True)
        )
        """Names and types of the columns."""
        self.rows: int = metadata.num_rows
        groups = counted(metadata.num_row_groups, "row group")
        extent = f"{counted(self.rows, 'row')} × {counted(len(self.columns), 'column')}"
        self.facts = f"Parquet · {extent} in {groups}"
        self.more = self.rows > 0
        self._batches: Iterator[pa.RecordBatch] = table.iter_batches(
            batch_size=_BATCH, use_threads=False
        )
        self._left: list[list[str | None]] = []

    def describe(self) -> Schema | None:
        """The schema, as the footer has it."""
        return schema_of(self._metadata)

    def read(self, count: int) -> list[list[str | None]]:
        """The next rows. Raises ServiceError."""
        rows = self._left
        while len(rows) < count:
            try:
                batch = next(self._batches)
                columns = [_texts(column) for column in batch.columns]
            except StopIteration:
                self.more = False
                break
            except self._errors as error:
                self.more = False
                raise self._file.failure or damaged("Parquet", error) from error
            rows = rows + [list(row) for row in zip(*columns, strict=True)]
        self._left = rows[count:]
        return rows[:count]


def _flat_texts(metadata: pq.FileMetaData) -> list[str]:
    """The columns whose values are texts or bytes and stand in no other value."""
    columns = (metadata.schema.column(at) for at in range(metadata.num_columns))
    return [
        each.path
        for each in columns
        if each.physical_type == "BYTE_ARRAY"
        and not each.max_repetition_level
        and each.path == each.name
    ]


def _refuse_bombs(metadata: pq.FileMetaData) -> None:
    """Raise ValueError if a column says that it unpacks to far more than it takes."""
    width = metadata.num_columns
    for number in range(min(metadata.num_row_groups, MOST_CHUNKS // max(width, 1) + 1)):
        group = metadata.row_group(number)
        for at in range(width):
            chunk = group.column(at)
            size = chunk.total_uncompressed_size
            if size > LARGEST_UNPACKED and size > BOMB * max(chunk.total_compressed_size, 1):
                raise ValueError(f"A column of it has {size:,} bytes unpacked.")


class _OneByOne(dict[int, str | None]):
    """The texts of a dictionary; each is made once, when it is asked for."""

    def __init__(self, values: pa.Array) -> None:
        super().__init__()
        self._values = values

    def __missing__(self, at: int) -> str | None:
        (text,) = _texts(self._values.slice(at, 1))
        self[at] = text
        return text


def _is_number(kind: pa.DataType) -> bool:
    import pyarrow.types as types

    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))


def _texts(column: pa.Array) -> list[str | None]:
    """The values of a column as text; nested ones as JSON, bytes in hex."""
    import pyarrow
    import pyarrow.types as types

    kind = column.type
    if types.is_dictionary(kind):
        known = _OneByOne(column.dictionary)
        return [None if at is None else known[at] for at in column.indices.to_pylist()]
    if types.is_string(kind) or types.is_large_string(kind):
        return [_undamaged(value) for value in column]
    if types.is_nested(kind) or types.is_binary(kind) or types.is_fixed_size_binary(kind):
        return [_nested(value.as_py()) for value in column]
    try:
        texts: list[str | None] = column.cast(pyarrow.string()).to_pylist()
    except pyarrow.ArrowException:
        # No text form, or a time zone that this machine does not know.
        texts = [None if not value.is_valid else str(value) for value in column]
    return texts


def _undamaged(value: pa.Scalar) -> str | None:
    if not value.is_valid:
        return None
    return bytes(value.as_buffer()).decode("utf-8", "backslashreplace")


def _nested(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        return value.hex()
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
