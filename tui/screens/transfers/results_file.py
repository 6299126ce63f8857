"""How every file of a transfer ended, as a file: of a million, too, with every reason in full."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from tui.services.transfers import FileResult, NewFile, new_name

FILE_NAME = "transfer-results.csv"
"""Offered as the name."""

_COLUMNS = ("State", "Source", "Destination", "Bytes", "Message")


async def write_results(
    typed: str, parts: AsyncGenerator[tuple[FileResult, ...], None]
) -> tuple[str, int]:
    """Write a new CSV file with exact names; gives its path, and how many files are in it. Names
    that are not UTF-8 keep their bytes. Raises ServiceError, EXISTS if there is one already."""
    target, _ = await asyncio.to_thread(new_name, typed.strip())
    file, count = NewFile(target), 0
    await asyncio.to_thread(file.open)
    try:
        await asyncio.to_thread(_write, file, [_COLUMNS])
        async with aclosing(parts):
            async for part in parts:
                await asyncio.to_thread(_write_results, file, part)
                count += len(part)
        await asyncio.to_thread(file.put_in_place)
    finally:
        await asyncio.to_thread(file.leave)
    return str(target), count


def _write_results(file: NewFile, part: Sequence[FileResult]) -> None:
    _write(
        file,
        [
            (each.state.value, each.source, each.destination, str(each.size), each.message)
            for each in part
        ],
    )


def _write(file: NewFile, rows: Sequence[Sequence[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    with file.translating():
        file.stream.write(text.getvalue().encode("utf-8", "surrogateescape"))
