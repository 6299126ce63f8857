"""Make a pandas frame of the CSV that COPY writes, with a type for each column that loses nothing.

This file imports nothing of ours: it is run in the Python of the user's choice, and the parts that
a result needs are written into its snippet. It needs pandas 2.2 and pyarrow 17.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

Column = tuple[str, str, "int | None", "int | None"]
"""Name, type, and for numeric its precision and scale if it has them."""


def frame_of(stream: BinaryIO, columns: list[Column]) -> tuple[pd.DataFrame, list[str]]:
    """The frame, and what has to be said of it, a sentence each."""
    if not columns:
        return pd.DataFrame(index=range(stream.read().count(b"\n"))), []
    data: dict[str, Any] = {}
    notes = []
    read = columns_of(stream, len(columns))
    for name, kind, precision, scale in columns:
        raw = read.pop(0)
        try:
            texts = raw.cast(pa.string())
        except pa.ArrowInvalid:
            data[name] = pd.arrays.ArrowExtensionArray(raw)
            notes.append(f"{name} is bytes: not all of it is UTF-8.")
            continue
        make = MAKERS.get(kind, strings)
        try:
            data[name] = make(texts, kind, precision, scale)
        except (pa.ArrowInvalid, ValueError):
            data[name] = strings(texts)
            odd = first_unfit(texts, make, (kind, precision, scale))
            notes.append(f"{name} is text: the type for {kind} has no {odd!r}.")
        if kind == "numeric" and data[name].dtype == object:
            why = "values of no fixed scale, more than 38 digits, NaN or infinity"
            notes.append(f"{name} is Python's Decimal: it has {why}.")
    return pd.DataFrame(data), notes


def columns_of(stream: BinaryIO, count: int) -> list[pa.ChunkedArray]:
    """The bytes of each column. NULL is nothing between the commas, an empty text is \"\"."""
    if not stream.read(1):
        return [pa.chunked_array([], pa.binary())] * count
    names = [f"c{n}" for n in range(count)]
    block = 16 * 1024 * 1024
    while True:
        stream.seek(0)
        try:
            table = pa_csv.read_csv(
                # It would close the file, which may have to be read again.
                pa.PythonFile(Reading(stream), mode="r"),
                pa_csv.ReadOptions(column_names=names, block_size=block),
                pa_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
                pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.binary()),
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid as error:
            # A row is longer than a block.
            if "block" not in str(error) or block > 2**30:
                raise
            block = min(block * 8, 2**31 - 1)
        else:
            return list(table.columns)


class Reading:
    """Reads from a file and leaves it open."""

    closed = False

    def __init__(self, stream: BinaryIO) -> None:
        self.read = stream.read

    def close(self) -> None:
        """Nothing: the file is another's."""


def strings(texts: pa.ChunkedArray, *_: Any) -> Any:
    """As the server prints it."""
    dtype: Any = pd.StringDtype("pyarrow")
    return dtype.__from_arrow__(texts)


def integers(texts: pa.ChunkedArray, kind: str, *_: Any) -> Any:
    """Whole numbers, which do not become floats beside a NULL."""
    dtypes: dict[str, Any] = {
        "smallint": (pd.Int16Dtype(), pa.int16()),
        "integer": (pd.Int32Dtype(), pa.int32()),
        "bigint": (pd.Int64Dtype(), pa.int64()),
        "oid": (pd.UInt32Dtype(), pa.uint32()),
    }
    dtype, arrow = dtypes[kind]
    return dtype.__from_arrow__(texts.cast(arrow))


def floats(texts: pa.ChunkedArray, kind: str, *_: Any) -> Any:
    """Floats, in which NaN is a number like others and NULL is none."""
    read = texts.cast(pa.float32() if kind == "real" else pa.float64())
    values = np.array(read.fill_null(0).to_numpy())
    return pd.arrays.FloatingArray(values, np.array(read.is_null().to_numpy()))


def booleans(texts: pa.ChunkedArray, *_: Any) -> Any:
    """COPY writes t and f."""
    dtype: Any = pd.BooleanDtype()
    return dtype.__from_arrow__(pc.equal(texts, "t"))


def decimals(
    texts: pa.ChunkedArray, _: str, precision: int | None = None, scale: int | None = None
) -> Any:
    """Decimals of one scale, or else Python's own."""
    # A number without limits is said to have 65535 digits.
    if precision is None or scale is None or not 0 <= scale <= precision <= 1000:
        found = [each for each in texts.to_pylist() if each is not None]
        scales = {len(each.partition(".")[2]) for each in found} or {0}
        scale = scales.pop()
        precision = (
            39 if scales else max((sum(map(str.isdigit, each)) for each in found), default=1)
        )
    if 1 <= precision <= 38:
        try:
            return pd.arrays.ArrowExtensionArray(texts.cast(pa.decimal128(precision, scale)))
        except pa.ArrowInvalid:
            pass  # NaN or infinity
    made = np.empty(len(texts), dtype=object)
    made[:] = [pd.NA if each is None else Decimal(each) for each in texts.to_pylist()]
    return made


def moments(texts: pa.ChunkedArray, kind: str, *_: Any) -> Any:
    """Dates and times to the microsecond, those with a time zone in UTC."""
    if kind == "date":
        return pd.arrays.ArrowExtensionArray(texts.cast(pa.date32()))
    if kind == "timestamp without time zone":
        return pd.arrays.ArrowExtensionArray(texts.cast(pa.timestamp("us")))
    try:
        return pd.arrays.ArrowExtensionArray(texts.cast(pa.timestamp("us", tz="UTC")))
    except pa.ArrowInvalid:
        # Before 1900 most time zones have seconds: 1850-01-01 00:00:00+00:53:28.
        zone = r"(?P<sign>[+-])(?P<h>\d\d)(?::(?P<m>\d\d))?(?::(?P<s>\d\d))?$"
        local = pc.replace_substring_regex(texts, zone, "").cast(pa.timestamp("us"))
        shifts = [
            None if each is None else shift(**each)
            for each in pc.extract_regex(texts, zone).to_pylist()
        ]
        if shifts.count(None) > texts.null_count:
            raise
        moved = pc.subtract(local.cast(pa.int64()), pa.array(shifts, pa.int64()))
        return pd.arrays.ArrowExtensionArray(moved.cast(pa.timestamp("us", tz="UTC")))


def shift(sign: str, h: str, m: str, s: str) -> int:
    """How far from UTC, in microseconds."""
    seconds = int(h) * 3600 + int(m or 0) * 60 + int(s or 0)
    return (-seconds if sign == "-" else seconds) * 1_000_000


def binaries(texts: pa.ChunkedArray, *_: Any) -> Any:
    """The bytes of bytea, printed as hex or in the older form with backslashes."""

    def read(text: str) -> bytes:
        if text.startswith("\\x"):
            return bytes.fromhex(text[2:])
        parts = text.split("\\\\")
        return b"\\".join(
            part.encode().decode("unicode_escape").encode("latin-1") for part in parts
        )

    values = [None if each is None else read(each) for each in texts.to_pylist()]
    return pd.arrays.ArrowExtensionArray(pa.chunked_array([values], pa.large_binary()))


def first_unfit(texts: pa.ChunkedArray, make: Any, about: tuple[Any, ...]) -> str:
    """The first value that cannot be made, found by halves."""
    while len(texts) > 1:
        half = texts.slice(0, len(texts) // 2)
        try:
            make(half, *about)
            texts = texts.slice(len(half))
        except (pa.ArrowInvalid, ValueError):
            texts = half
    return str(texts[0].as_py())[:60]


MAKERS: dict[str, Any] = {
    "smallint": integers,
    "integer": integers,
    "bigint": integers,
    "oid": integers,
    "real": floats,
    "double precision": floats,
    "boolean": booleans,
    "numeric": decimals,
    "date": moments,
    "timestamp without time zone": moments,
    "timestamp with time zone": moments,
    "bytea": binaries,
}
"""What makes the values of a type; those of every other one are text."""
