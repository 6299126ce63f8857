"""Tables that are read from an object part by part: Parquet and Excel. Blocking."""

from __future__ import annotations

from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import size_text
from tui.services.s3.calls import S3Calls
from tui.services.s3.data.ranges import reader
from tui.services.s3.formats import excel
from tui.services.s3.formats.excel import ExcelTable
from tui.services.s3.formats.parquet import MAGIC, ParquetTable
from tui.services.s3.formats.table_source import TableSource
from tui.services.s3.objects import Beginning

_ZIP = b"PK\x03\x04"


def is_table(beginning: Beginning) -> bool:
    """Whether an object is read as a table by `open_table`."""
    name = beginning.key.lower()
    return beginning.data.startswith(MAGIC) or (
        beginning.data.startswith(_ZIP) and name.endswith((".xlsx", ".xlsm"))
    )


def open_table(s3: S3Calls, beginning: Beginning, sheet: str | None = None) -> TableSource:
    """The table that an object holds. Raises ServiceError; INVALID for one that is damaged or
    too large to be read."""
    read_at = reader(s3, beginning)
    if beginning.data.startswith(MAGIC):
        return ParquetTable(read_at, beginning.size)
    if beginning.size > excel.LARGEST:
        raise ServiceError(
            f"The workbook has {size_text(beginning.size)}; a workbook has to be read whole, and "
            f"at most {size_text(excel.LARGEST)} are read.",
            hint="Download it to open it elsewhere.",
            kind=ErrorKind.INVALID,
        )
    return ExcelTable(read_at(0, beginning.size), sheet)


def table_rows(_: S3Calls, source: TableSource, count: int) -> list[list[str | None]]:
    """The next rows of a table. Raises ServiceError."""
    return source.read(count)
