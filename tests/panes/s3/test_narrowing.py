"""Filter, order and marks: over what is loaded, and saying so."""

from __future__ import annotations

import pytest

from tests.buckets import Put
from tests.panes.s3.conftest import Browse, Person
from tui.panes.s3.entries import raw_name
from tui.services.s3 import S3Location


def names(person: Person) -> list[str]:
    return [raw_name(entry) for entry in person.browser.listing.shown]


def marked_rows(person: Person) -> list[int]:
    """The rows that are drawn as marked."""
    grid = person.pane.grid
    return [row for row in range(len(grid.rows)) if grid.is_marked(row)]


async def test_the_filter_narrows_as_one_types(browse: Browse, bucket: str, put: Put) -> None:
    put({"alpha.csv": b"", "Beta.CSV": b"", "notes.txt": b"", "csvs/x": b"", "[red]x": b""})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("slash")
        await person.type("csv")
        await person.sees("3 of 5 items match “csv”")
        assert names(person) == ["csvs/", "Beta.CSV", "alpha.csv"]
        await person.type(" ")
        await person.sees("Nothing that is loaded matches")
        await person.press("backspace", "enter")
        await person.press("G")
        assert person.here == "alpha.csv"
        await person.press("escape")
        await person.sees("5 items")
        assert person.here == "alpha.csv"
        await person.press("slash")
        await person.type("[r")
        await person.sees("1 of 5 items match “[r”", "[red]x")


@pytest.mark.usefixtures("short_pages")
async def test_enter_asks_the_server_where_not_everything_is_loaded(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({f"d/{number:04}": b"" for number in range(45)} | {"d/zz-1": b"", "d/zz-2": b""})
    async with browse(f"s3://{bucket}/d/") as person:
        await person.sees("40+ items")
        await person.press("slash")
        await person.type("zz")
        await person.sees("0 of 40+ items match “zz” (of what is loaded", "Enter asks S3")
        # A filter does not read on and on.
        await person.idle()
        assert person.browser.listing.pages == 1
        await person.press("enter")
        await person.sees("zz-1", "zz-2", "2 items")
        assert person.browser.location == S3Location(bucket, "d/zz")
        await person.press("backspace")
        await person.sees("40+ items")
        assert person.browser.location == S3Location(bucket, "d/")


@pytest.mark.usefixtures("short_pages")
async def test_an_order_of_a_part_says_that_it_is_one(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({f"{number:04}": b"" for number in range(41)})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("o")
        await person.sees("Only what is loaded is ordered")
        await person.press("N")
        await person.sees("40+ items, by name, last first (of what is loaded")
        assert person.here == "0039"
        await person.press("G")
        await person.sees("41 items, by name, last first")
        assert names(person)[0] == "0040"
        await person.until(lambda: person.here == "0000", "the last row")


async def test_marks_of_what_is_not_loaded_any_more_are_said(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({"a": b"1"})
    async with browse(f"s3://{bucket}/") as person:
        person.browser.listing.marked = {"gone"}
        for key in ("d", "x"):
            await person.press(key)
            await person.sees("None of what is marked is loaded here any more.")
            await person.press("escape")
            await person.misses("None of what is marked is loaded here any more.")


async def test_marks_survive_filter_and_order(browse: Browse, bucket: str, put: Put) -> None:
    put({"a": b"1", "b": b"22", "c": b"333"})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("space", "space")
        await person.sees("2 marked · 3 items", "●")
        await person.press("o", "s")
        await person.sees("largest first")
        assert marked_rows(person) == [1, 2]
        await person.press("slash")
        await person.type("c")
        await person.sees("1 of 3")
        assert marked_rows(person) == []
        assert [raw_name(entry) for entry in await person.browser.targets()] == ["a", "b"]
        await person.press("escape", "asterisk")
        await person.sees("3 marked")
        await person.press("asterisk")
        await person.misses("marked")
