"""Filter, order and marks: over what is loaded, and saying so."""

from __future__ import annotations

import pytest

from tests.buckets import Put
from tests.panes.s3.conftest import Browse, Browser
from tui.panes.s3.entries import raw_name
from tui.services.s3 import S3Location


def names(browser: Browser) -> list[str]:
    return [raw_name(entry) for entry in browser.pane.listing.shown]


async def test_the_filter_narrows_as_one_types(browse: Browse, bucket: str, put: Put) -> None:
    put({"alpha.csv": b"", "Beta.CSV": b"", "notes.txt": b"", "csvs/x": b""})
    async with browse(f"s3://{bucket}/") as browser:
        await browser.press("slash")
        await browser.type("csv")
        await browser.sees("3 of 4 items match “csv”")
        assert names(browser) == ["csvs/", "Beta.CSV", "alpha.csv"]
        await browser.type(" ")
        await browser.sees("Nothing that is loaded matches")
        await browser.press("backspace", "enter")
        await browser.press("G")
        assert browser.here == "alpha.csv"
        await browser.press("escape")
        await browser.sees("4 items")
        assert browser.here == "alpha.csv"


async def test_the_filter_takes_brackets_as_they_are(browse: Browse, bucket: str, put: Put) -> None:
    put({"[red]x": b"", "y": b""})
    async with browse(f"s3://{bucket}/") as browser:
        await browser.press("slash")
        await browser.type("[r")
        await browser.sees("1 of 2 items match “[r”", "[red]x")


@pytest.mark.usefixtures("short_pages")
async def test_enter_asks_the_server_where_not_everything_is_loaded(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({f"d/{number:04}": b"" for number in range(105)} | {"d/zz-1": b"", "d/zz-2": b""})
    async with browse(f"s3://{bucket}/d/") as browser:
        await browser.sees("100+ items")
        await browser.press("slash")
        await browser.type("zz")
        await browser.sees("0 of 100+ items match “zz” (of what is loaded)", "Enter asks S3")
        await browser.press("enter")
        await browser.sees("zz-1", "zz-2", "2 items")
        assert browser.pane.location == S3Location(bucket, "d/zz")
        await browser.press("backspace")
        await browser.sees("100+ items")
        assert browser.pane.location == S3Location(bucket, "d/")


@pytest.mark.usefixtures("short_pages")
async def test_a_filter_does_not_read_on_and_on(browse: Browse, bucket: str, put: Put) -> None:
    put({f"{number:04}": b"" for number in range(105)})
    async with browse(f"s3://{bucket}/") as browser:
        await browser.press("slash")
        await browser.type("000")
        await browser.sees("100+")
        await browser.idle()
        assert browser.pane.listing.pages == 1


async def test_order_is_of_what_is_loaded(browse: Browse, bucket: str, put: Put) -> None:
    put({"b": b"22", "a": b"333", "c": b"1", "f/x": b""})
    async with browse(f"s3://{bucket}/") as browser:
        await browser.press("o", "s")
        await browser.sees("4 items, largest first")
        assert names(browser) == ["f/", "a", "b", "c"]
        await browser.press("o", "N")
        await browser.sees("by name, last first")
        assert names(browser) == ["f/", "c", "b", "a"]
        await browser.press("o", "l")
        await browser.misses("last first")
        assert names(browser) == ["f/", "a", "b", "c"]


@pytest.mark.usefixtures("short_pages")
async def test_an_order_of_a_part_says_that_it_is_one(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({f"{number:04}": b"" for number in range(101)})
    async with browse(f"s3://{bucket}/") as browser:
        await browser.press("o")
        await browser.sees("Only what is loaded is ordered")
        await browser.press("N")
        await browser.sees("100+ items, by name, last first (of what is loaded)")
        assert browser.here == "0099"
        await browser.press("G")
        await browser.sees("101 items, by name, last first")
        assert names(browser)[0] == "0100"
        await browser.until(lambda: browser.here == "0000", "the last row")


@pytest.mark.parametrize("key", ["d", "x"])
async def test_marks_of_what_is_not_loaded_any_more_are_said(
    browse: Browse, bucket: str, put: Put, key: str
) -> None:
    put({"a": b"1"})
    async with browse(f"s3://{bucket}/") as browser:
        browser.pane.listing.marked = {"gone"}
        await browser.press(key)
        await browser.sees("None of what is marked is loaded here any more.")


async def test_marks_survive_filter_and_order(browse: Browse, bucket: str, put: Put) -> None:
    put({"a": b"1", "b": b"22", "c": b"333"})
    async with browse(f"s3://{bucket}/") as browser:
        await browser.press("space", "space")
        await browser.sees("2 marked · 3 items", "●")
        await browser.press("o", "s")
        await browser.sees("largest first")
        assert browser.pane.grid.marked == {1, 2}
        await browser.press("slash")
        await browser.type("c")
        await browser.sees("1 of 3")
        assert browser.pane.grid.marked == set()
        assert [raw_name(entry) for entry in browser.pane.targets] == ["a", "b"]
        await browser.press("escape", "asterisk")
        await browser.sees("3 marked")
        await browser.press("asterisk")
        await browser.misses("marked")
