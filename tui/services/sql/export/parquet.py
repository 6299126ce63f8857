"""A result as a Parquet file, with types that hold every value exactly; what none holds is text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.export.copy_text import unique
from tui.services.sql.export.options import ExportOptions
from tui.services.sql.models import ResultColumn

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 16 * 1024 * 1024
"""Bytes of CSV from which on the rows so far become a row group."""

WIDEST = 76
"""Digits of the widest number that Parquet holds exactly (decimal256)."""

_Limits = tuple[int | None, int | None]


class ParquetFile:
    """Takes lines of CSV, in which NULL is nothing and '' is "\"\""."""

    def __init__(
        self,
        options: ExportOptions,
        columns: tuple[ResultColumn, ...],
        limits: Sequence[_Limits],
        stream: BinaryIO,
        *,
        prints: Mapping[str, str],
    ) -> None:
        """`limits`: precision and scale of each column, where they are known. `prints`: how the
        server prints dates and bytes ("DateStyle", "bytea_output")."""
        try:
            import pyarrow as pa
            import pyarrow.csv as pa_csv
            import pyarrow.parquet as pq
        except ImportError as error:
            raise ServiceError(
                "Writing Parquet needs the package pyarrow.",
                hint="Install tristore[formats].",
            ) from error
        if not columns:
            raise ServiceError("A Parquet file needs a column.", kind=ErrorKind.INVALID)
        self._csv = pa_csv
        self._errors = (pa.ArrowException, ValueError, OverflowError)
        self._names = unique([column.name for column in columns])
        self._columns = columns
        numbers = limits or [(None, None)] * len(columns)
        types = [
            pa.string() if options.as_text else _type(column, limit, prints)
            for column, limit in zip(columns, numbers, strict=True)
        ]
        self._made = {
            n: _bytes if each == pa.binary() else Decimal
            for n, each in enumerate(types)
            if each == pa.binary() or pa.types.is_decimal256(each)
        }
        """What makes the values that are not read from CSV."""
        self._schema = pa.schema(list(zip(self._names, types, strict=True)))
        self._places = [f"c{n}" for n in range(len(columns))]
        read_as = [pa.string() if n in self._made else each for n, each in enumerate(types)]
        self._read_as = dict(zip(self._places, read_as, strict=True))
        self._writer = pq.ParquetWriter(stream, self._schema, compression="zstd")
        self._stream = stream
        self._lines: list[bytes] = []
        self._size = 0
        self.write: Callable[[bytes], object] = self._write

    def _write(self, line: bytes) -> None:
        self._lines.append(line)
        self._size += len(line)
        if self._size >= BLOCK:
            self._write_rows()

    def _write_rows(self) -> None:
        import pyarrow as pa

        data = b"".join(self._lines)
        self._lines, self._size = [], 0
        if not data:
            return
        try:
            table = self._read(data)
            arrays = [self._array(table, n, n) for n in range(len(self._names))]
        except self._errors as error:
            raise self._unfit(data, error) from error
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))

    def _array(self, table: pa.Table, n: int, place: int) -> pa.Array | pa.ChunkedArray:
        """The values of a column, which are at a place of `table`."""
        import pyarrow as pa

        column = table.column(place)
        make = self._made.get(n)
        if make is None:
            return column
        values = [None if each is None else make(each) for each in column.to_pylist()]
        return pa.array(values, self._schema.field(n).type)

    def _read(self, data: bytes, only: str = "") -> pa.Table:
        types = self._read_as if not only else {only: self._read_as[only]}
        return self._csv.read_csv(
            BytesIO(data),
            read_options=self._csv.ReadOptions(
                column_names=self._places, block_size=min(len(data) + 16, 2**31 - 1)
            ),
            parse_options=self._csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            convert_options=self._csv.ConvertOptions(
                column_types=types,
                include_columns=[only] if only else self._places,
                null_values=[""],
                true_values=["t"],
                false_values=["f"],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                check_utf8=True,
            ),
        )

    def _unfit(self, data: bytes, error: Exception) -> ServiceError:
        """Which column has a value that its type cannot hold."""
        for place, name in zip(self._places, self._names, strict=True):
            try:
                self._array(self._read(data, place), self._places.index(place), 0)
            except self._errors as own:
                kind = self._columns[self._places.index(place)].type_name
                return ServiceError(
                    f"The column {name} has a value that the type for {kind} in Parquet "
                    "cannot hold.",
                    cause=str(own),
                    hint="Choose text for all columns, or cast this one in the statement.",
                    kind=ErrorKind.INVALID,
                )
        return ServiceError(
            "The rows could not be written as Parquet.", cause=str(error), kind=ErrorKind.INVALID
        )

    def give_up(self) -> None:
        """Let go of the rows; the file has no end, and nobody can read it."""
        self._lines = []

    def finish(self) -> tuple[str, ...]:
        self._write_rows()
        self._writer.close()
        self._stream.flush()
        import pyarrow as pa

        as_text = [
            name
            for name, column, field in zip(self._names, self._columns, self._schema, strict=True)
            if column.type_name in _KNOWN and field.type == pa.string()
        ]
        if not as_text or not any(field.type != pa.string() for field in self._schema):
            return ()
        listed = ", ".join(as_text[:5]) + (" …" if len(as_text) > 5 else "")
        return (f"As text, because no type holds it exactly: {listed}.",)


_KNOWN = frozenset({"numeric", "bytea", "date", "timestamp without time zone"}) | {
    "timestamp with time zone"
}


def _type(column: ResultColumn, limit: _Limits, prints: Mapping[str, str]) -> pa.DataType:
    """The type that holds every ordinary value of a column."""
    import pyarrow as pa

    iso = prints.get("DateStyle", "").startswith("ISO")
    simple = {
        "boolean": pa.bool_(),
        "smallint": pa.int16(),
        "integer": pa.int32(),
        "bigint": pa.int64(),
        "oid": pa.uint32(),
        "real": pa.float32(),
        "double precision": pa.float64(),
    }
    if column.type_name in simple:
        return simple[column.type_name]
    if column.type_name == "numeric":
        precision, scale = limit
        if precision is None or scale is None or not 0 <= scale <= precision <= WIDEST:
            return pa.string()
        return (pa.decimal128 if precision <= 38 else pa.decimal256)(precision, scale)
    if column.type_name == "bytea" and prints.get("bytea_output") == "hex":
        return pa.binary()
    if iso and column.type_name == "date":
        return pa.date32()
    if iso and column.type_name == "timestamp without time zone":
        return pa.timestamp("us")
    if iso and column.type_name == "timestamp with time zone":
        return pa.timestamp("us", tz="UTC")
    return pa.string()


def _bytes(value: str) -> bytes:
    return bytes.fromhex(value[2:])
