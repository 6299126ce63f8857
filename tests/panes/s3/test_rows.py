"""Rows that are held as columns give back exactly the entries that they were made of."""

from __future__ import annotations

import sys
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest

from tui.panes.s3.entries import Entry, Prefix, raw_name
from tui.panes.s3.listing import Listing
from tui.panes.s3.rows import CHUNK, Entries, Rows
from tui.services.s3 import Bucket, S3Location, S3Object

WHEN = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
MD5 = "9dd4e461268c8034f5c8564e155c67a6"

UNUSUAL: list[Entry] = [
    S3Object("", 0, None, "", ""),
    S3Object("a\0\r\n[bold]//../é\U0010ffff", 2**62, WHEN, "STANDARD", MD5),
    S3Object("not utf-8 \udcff\ud800", 1, datetime(1601, 1, 1, tzinfo=UTC), "X", f"{MD5}-10000"),
    S3Object("k" * 1024, 1, datetime(9999, 12, 31, tzinfo=UTC), "GLACIER", "other", "in progress"),
    S3Object("x", 5, WHEN, "GLACIER", MD5.upper(), "until 2027-01-01 00:00 UTC"),
    S3Object("y", 5, WHEN, "", f"{MD5}-01"),
    S3Object("z", 5, WHEN, "", f"{MD5}-99999999999"),
    Prefix("folder//"),
    Prefix(""),
]


@pytest.mark.parametrize("etag", [MD5, MD5.upper(), "ab " * 10 + "ab", "é" * 32, "x" * 32])
def test_etags_of_the_usual_length_come_back_as_they_were(etag: str) -> None:
    put = [S3Object(f"é{number}", number, WHEN, "", etag) for number in range(CHUNK)]
    entries = Entries()
    entries.extend(put)
    entries.pack()
    assert list(entries) == put


@pytest.mark.parametrize("before", [0, 1, CHUNK - 4, CHUNK - 1])
def test_every_entry_comes_back_as_it_was(before: int) -> None:
    put = [Prefix(str(number)) for number in range(before)] + UNUSUAL * 300
    entries = Entries()
    for start in range(0, len(put), 700):
        entries.extend(put[start : start + 700])
        entries.pack()
    assert list(entries) == put
    assert [entries.name(index) for index in entries.indexes()] == [raw_name(each) for each in put]
    assert entries[-1] == put[-1]
    assert entries[CHUNK - 2 : CHUNK + 2] == put[CHUNK - 2 : CHUNK + 2]


def test_buckets_come_back_as_they_were() -> None:
    put = [Bucket(f"bucket-{number}", None, None) for number in range(2 * CHUNK + 1)]
    entries = Entries()
    entries.extend(put)
    entries.pack()
    assert list(entries) == put


def test_there_is_no_row_behind_the_last() -> None:
    entries = Entries()
    entries.extend(UNUSUAL)
    entries.pack()
    with pytest.raises(IndexError):
        entries[len(UNUSUAL)]


def test_rows_are_cut_and_put_together_without_making_entries() -> None:
    entries = Entries()
    entries.extend(UNUSUAL)
    entries.pack()
    rows = Rows(entries, [3, 1, 2])
    end = rows[1:]
    end.extend(rows[:1])
    assert list(end) == [UNUSUAL[1], UNUSUAL[2], UNUSUAL[3]]
    with pytest.raises(TypeError):
        end.extend(UNUSUAL)


def test_a_key_takes_less_than_a_hundred_bytes_beside_its_name() -> None:
    listing, count = Listing(S3Location("bucket", "")), 50 * CHUNK
    tracemalloc.start()
    try:
        for start in range(0, count, CHUNK):
            page = (
                S3Object(f"logs-{number:07}.json.gz", number, WHEN + timedelta(number), "", MD5)
                for number in range(start, start + CHUNK)
            )
            listing.add(page, "more")
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    name = sys.getsizeof(b"logs-0000000.json.gz") - sys.getsizeof(b"")
    assert taken / count < 100 + name
