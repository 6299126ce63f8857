"""What a filter shows, how an order arranges the rows, and what is marked."""

from __future__ import annotations

import asyncio

import pytest

from tests.panes.s3.browsing import NUMBERS, TOP, at, begun
from tui.panes import arranging
from tui.panes.s3.entries import Order, raw_name
from tui.panes.s3.listing import (
    NO_MATCH,
    NO_MATCH_YET,
)
from tui.services.errors import ServiceError
from tui.services.s3 import S3Location


@pytest.fixture
def short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arranging, "SLICE", 0.0)
    monkeypatch.setattr(arranging, "RUN", 10)


async def test_a_filter_shows_what_contains_it_whatever_the_case() -> None:
    view = await at(TOP, ["alpha.csv", "Beta.CSV", "notes.txt", "csvs/x", "[red]"])
    browser = view.browser
    await browser.filter("csv")
    assert view.names() == ["csvs/", "Beta.CSV", "alpha.csv"]
    assert browser.state == "3 of 5 items match “csv”"
    browser.cursor = 2
    await browser.filter("")
    assert view.here == "alpha.csv"
    await browser.filter("[r")
    assert view.names() == ["[red]"]
    await browser.filter("csv ")
    assert browser.listing.why_empty() == NO_MATCH


async def test_a_filter_is_of_the_name_in_the_folder_and_not_of_the_whole_key() -> None:
    view = await at(S3Location("b", "csv/"), ["csv/a", "csv/b.csv"])
    await view.browser.filter("csv")
    assert view.names() == ["csv/b.csv"]


async def test_over_a_filter_no_page_is_wanted_and_the_server_can_be_asked() -> None:
    view = await at(S3Location("b", "d/"), [*(f"d/{name}" for name in NUMBERS), "d/zz-1"])
    browser = view.browser
    await browser.filter("zz")
    assert browser.state == "0 of 100+ items match “zz” (of what is loaded: G loads all)"
    assert browser.listing.why_empty() == NO_MATCH_YET
    assert (browser.listing.is_partial, browser.follows) == (True, False)
    await browser.go_to_names("zz")
    assert (str(browser.location), view.names()) == ("s3://b/d/zz", ["d/zz-1"])
    assert (browser.listing.is_partial, browser.follows) == (False, False)
    await begun(browser.go_up())
    assert str(browser.location) == "s3://b/d/"


async def test_an_order_is_of_what_is_loaded_with_folders_on_top() -> None:
    view = await at(TOP, ["a", "b", "f/x", "g"])
    browser = view.browser
    browser.cursor = 3
    await browser.sort(Order.SIZE)
    assert view.names() == ["f/", "g", "b", "a"]
    assert (view.here, browser.state) == ("f/", "4 items, largest first")
    await browser.sort(Order.NAME_DOWN)
    assert view.names() == ["f/", "g", "b", "a"]
    await browser.sort(Order.LISTED)
    assert view.names() == ["f/", "a", "b", "g"]


async def test_a_page_goes_in_between_and_the_row_of_the_cursor_stays() -> None:
    view = await at(TOP, NUMBERS[:110])
    browser = view.browser
    await browser.sort(Order.NAME_DOWN)
    assert browser.state == "100+ items, by name, last first (of what is loaded: G loads all)"
    browser.cursor = 60
    await begun(browser.load_more())
    assert (view.names(), browser.cursor) == (NUMBERS[:110][::-1], 60)
    assert browser.state == "110 items, by name, last first"


async def test_with_an_order_the_last_row_of_all_is_reached() -> None:
    view = await at(TOP, NUMBERS)
    await view.browser.sort(Order.NAME_DOWN)
    await begun(view.browser.load_all())
    assert (view.names(), view.here) == (NUMBERS[::-1], "0000")


@pytest.mark.usefixtures("short_slices")
async def test_rows_are_arranged_between_other_work_and_the_entry_is_found_again() -> None:
    view = await at(TOP, NUMBERS[:100])
    browser = view.browser
    browser.cursor = 90
    work = browser.filter("9")
    assert (browser.state, view.here) == ("… 0 of 100 items match “9”", "")
    await work
    assert browser.state == "19 of 100 items match “9”"
    assert (len(view.names()), view.here) == (19, "0090")


@pytest.mark.usefixtures("short_slices")
async def test_a_cursor_that_was_moved_meanwhile_stays_where_it_is() -> None:
    view = await at(TOP, NUMBERS[:100])
    view.browser.cursor = 90
    arranging_on = asyncio.create_task(view.browser.filter("0"))
    while len(view.browser.shown) < 20:
        await asyncio.sleep(0)
    view.browser.cursor = 7
    await arranging_on
    assert (len(view.names()), view.here) == (100, "0007")


@pytest.mark.usefixtures("short_slices")
async def test_the_latest_filter_wins() -> None:
    view = await at(TOP, NUMBERS[:100])
    first = view.browser.filter("1")
    second = view.browser.filter("12")
    await asyncio.gather(first, second)
    assert view.names() == ["0012"]
    assert view.browser.listing.arranged


@pytest.mark.usefixtures("short_slices")
async def test_what_a_cancelled_load_left_unarranged_is_arranged_by_the_next_one() -> None:
    view = await at(TOP, NUMBERS[:250])
    browser = view.browser
    await browser.sort(Order.NAME_DOWN)
    loading = asyncio.create_task(begun(browser.load_more()))
    while len(browser.listing.entries) < 200:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    loading.cancel()
    await asyncio.gather(loading, return_exceptions=True)
    assert not browser.listing.arranged
    view.s3.fails_first = True
    with pytest.raises(ServiceError):
        await browser.refresh()
    assert view.names() == NUMBERS[:200][::-1]


async def test_marks_survive_filter_and_order_and_are_what_a_verb_acts_on() -> None:
    view = await at(TOP, ["a", "b", "c"])
    browser = view.browser
    assert [raw_name(entry) for entry in await browser.targets()] == ["a"]
    browser.toggle_mark()
    browser.cursor = 1
    browser.toggle_mark()
    assert browser.state == "2 marked · 3 items"
    await browser.sort(Order.SIZE)
    assert [row for row in range(3) if browser.listing.is_marked(row)] == [1, 2]
    await browser.filter("c")
    assert not browser.listing.is_marked(0)
    assert [raw_name(entry) for entry in await browser.targets()] == ["a", "b"]
    await browser.toggle_all_marks()
    assert browser.listing.marked == {"a", "b", "c"}
    await browser.toggle_all_marks()
    assert browser.listing.marked == {"a", "b"}


async def test_marks_of_what_is_not_loaded_any_more_are_said() -> None:
    view = await at(TOP, ["a"])
    view.browser.listing.marked = {"gone"}
    assert view.browser.has_targets
    with pytest.raises(ServiceError, match="None of what is marked is loaded here any more"):
        await view.browser.targets()


@pytest.mark.usefixtures("short_slices")
async def test_a_verb_waits_until_all_rows_are_marked() -> None:
    view = await at(TOP, NUMBERS[:100])
    browser = view.browser
    marking = browser.toggle_all_marks()
    assert 0 < len(browser.listing.marked) < 100
    with pytest.raises(ServiceError, match="still being marked"):
        await browser.targets()
    await marking
    assert len(await browser.targets()) == 100
    await browser.toggle_all_marks()
    assert not browser.listing.marked
