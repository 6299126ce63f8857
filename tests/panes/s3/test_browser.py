"""The rules of the S3 browser, without a screen: what it loads, keeps, drops and says."""

from __future__ import annotations

import asyncio

import pytest

from tests.buckets import Put
from tests.hostile import HOSTILE_TEXT
from tests.panes.s3.browsing import NUMBERS, TOP, View, at, begun
from tui.panes import loading_all
from tui.panes.loading_all import PAGE_AGAIN
from tui.panes.s3.browser import S3Browser
from tui.panes.s3.entries import Order, raw_name
from tui.panes.s3.listing import (
    NO_BUCKETS,
    NO_OBJECTS,
    NOT_LOADED,
    NOTHING_BEGINS,
)
from tui.services.aws import Account, Target
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import ROOT, Bucket, S3Location, S3Service

# -- going places ----------------------------------------------------------------------------


async def test_going_up_returns_to_the_row_that_was_left() -> None:
    view = await at(ROOT, ["a/1", "b/c/1", "b/d/1", "e"])
    browser = view.browser
    browser.cursor = 1
    await browser.go(TOP)
    browser.cursor = 1
    await browser.go(S3Location("b", "b/"))
    browser.cursor = 1
    await browser.go(S3Location("b", "b/d/"))
    for location, here in [("s3://b/b/", "b/d/"), ("s3://b/", "b/"), ("s3://", "b")]:
        await begun(browser.go_up())
        assert (str(browser.location), view.here) == (location, here)
    assert browser.go_up() is None


async def test_going_up_loads_as_many_pages_as_the_row_needs() -> None:
    view = await at(TOP, [f"{name}/x" for name in NUMBERS])
    browser = view.browser
    await begun(browser.load_more())
    browser.cursor = 150
    await browser.go(S3Location("b", "0150/"))
    await begun(browser.go_up())
    assert (view.here, browser.listing.pages) == ("0150/", 2)
    view.names()


async def test_going_up_to_where_nobody_was_finds_the_step_below() -> None:
    view = await at(S3Location("b", "a/b/c"), ["a/a", "a/b/c", "a/c"])
    await begun(view.browser.go_up())
    assert (str(view.browser.location), view.here) == ("s3://b/a/b/", "a/b/c")
    await begun(view.browser.go_up())
    assert (str(view.browser.location), view.here) == ("s3://b/a/", "a/b/")


async def test_starting_over_forgets_the_rows_that_were_left() -> None:
    view = await at(TOP, ["a", "b", "c"])
    view.browser.cursor = 2
    await view.browser.start_over()
    assert view.browser.location == ROOT
    await view.browser.go(S3Location("b", "x/"))
    await begun(view.browser.go_up())
    assert view.here == "a"


async def test_an_answer_for_a_location_that_was_left_is_dropped() -> None:
    view = await at(TOP, ["slow/x", "fast/y"])
    slow = view.browser.go(S3Location("b", "slow/"))
    stale = view.browser.listing
    fast = view.browser.go(S3Location("b", "fast/"))
    await asyncio.gather(slow, fast)
    assert view.names() == ["fast/y"]
    assert stale.location.prefix == "slow/"
    assert "slow/" not in " ".join(view.states)


DIRECTORY = Bucket("d--use1-az4--x-s3", "us-east-1", None)


async def test_directory_buckets_stand_behind_the_others_which_do_not_wait_for_them() -> None:
    view = View()
    view.s3.directory_buckets = (DIRECTORY,)
    await view.browser.go(ROOT)
    assert view.names() == ["a", "b", DIRECTORY.name]
    assert view.states == ["loading…", "2 buckets", "3 buckets"]
    view.browser.cursor = 2
    await view.browser.refresh()
    assert view.here == DIRECTORY.name
    await view.browser.go(TOP)
    await begun(view.browser.go_up())
    assert view.here == "b"


async def test_a_list_of_directory_buckets_that_is_denied_is_only_noted() -> None:
    view = View()
    view.s3.directory_buckets = ServiceError("No.", kind=ErrorKind.DENIED)
    await view.browser.go(ROOT)
    assert view.names() == ["a", "b"]
    assert view.browser.state == (
        "2 buckets · directory buckets unknown: s3express:ListAllMyDirectoryBuckets is denied"
    )


async def test_hostile_keys_are_found_as_they_are(account: Account, bucket: str, put: Put) -> None:
    keys = [f"{number}/{key}" for number, key in enumerate(HOSTILE_TEXT) if "\n" not in key]
    put(dict.fromkeys(keys, b"body"))
    s3 = S3Service(account)
    browser = S3Browser(s3, lambda: None)
    for key in keys:
        await browser.go(S3Location(bucket, key[: key.index("/") + 1]))
        while browser.current_object is None:
            assert browser.current is not None
            here = raw_name(browser.current)
            assert key.startswith(here)
            assert here.endswith("/")
            await browser.go(S3Location(bucket, here))
        assert browser.current_object.key == key
    s3.close()


# -- loading ---------------------------------------------------------------------------------


async def test_a_location_is_loaded_page_by_page_and_says_how_much_is_loaded() -> None:
    view = await at(TOP, NUMBERS[:150])
    assert view.states == ["loading…", "100+ items"]
    assert view.browser.follows is True
    await begun(view.browser.load_more())
    assert view.names() == NUMBERS[:150]
    assert (view.browser.state, view.browser.follows) == ("150 items", False)
    assert view.browser.load_more() is None


async def test_why_there_is_no_row_is_said() -> None:
    view = await at(TOP, [])
    assert view.browser.listing.why_empty() == NO_OBJECTS
    await view.browser.go(S3Location("b", "no-such"))
    assert view.browser.listing.why_empty() == NOTHING_BEGINS
    view.browser.listing.add([], None)
    view.browser.listing.location = ROOT
    assert view.browser.listing.why_empty() == NO_BUCKETS


async def test_a_location_that_does_not_load_says_so_and_loads_later() -> None:
    view = View(["a"])
    view.s3.fails_first = True
    with pytest.raises(ServiceError, match="No page"):
        await view.browser.go(TOP)
    assert view.browser.state == "not loaded"
    assert view.browser.listing.why_empty() == NOT_LOADED
    assert not view.browser.page_failed
    view.s3.fails_first = False
    work = view.browser.refresh()
    assert view.browser.state == "loading…"
    await work
    assert (view.names(), view.browser.state) == (["a"], "1 item")
    assert view.browser.listing.why_empty() == ""


async def test_no_network_is_said_with_what_to_check(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.services.aws.session.MAX_ATTEMPTS", 1)
    broken = account._to(Target(None, "us-east-1", "http://127.0.0.1:9"))
    monkeypatch.setattr(account, "_connection", broken)
    s3 = S3Service(account)
    with pytest.raises(ServiceError, match="Could not list the buckets") as raised:
        await S3Browser(s3, lambda: None).go(ROOT)
    assert "Check the network" in raised.value.hint
    s3.close()


async def test_a_page_that_fails_is_said_and_can_be_asked_for_again() -> None:
    view = await at(TOP, NUMBERS[:110])
    view.s3.fails, view.s3.hint = True, "Check it."
    for _ in range(2):
        with pytest.raises(ServiceError) as raised:
            await begun(view.browser.load_more())
        assert raised.value.hint == f"Check it. {PAGE_AGAIN}"
        assert view.browser.page_failed
        assert view.browser.state == "100+ items (the next page did not come: G tries again)"
    view.s3.fails = False
    work = begun(view.browser.load_more())
    # While it is under way, a move of the cursor asks for no other.
    assert not view.browser.page_failed
    await work
    assert view.names() == NUMBERS[:110]
    assert view.s3.asked == [None, "100", "100", "100"]


async def test_a_page_that_fails_on_the_way_up_can_be_asked_for_again() -> None:
    view = await at(TOP, NUMBERS[:150])
    await begun(view.browser.load_more())
    view.browser.cursor = 149
    await view.browser.go(S3Location("b", "x/"))
    view.s3.fails = True
    with pytest.raises(ServiceError) as raised:
        await begun(view.browser.go_up())
    assert PAGE_AGAIN in raised.value.hint
    assert view.browser.page_failed
    assert len(view.names()) == 100


async def test_all_pages_are_loaded_and_the_cursor_goes_to_the_last_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loading_all, "TELL_EVERY", 0.0)  # each page is told
    view = await at(TOP, NUMBERS)
    await begun(view.browser.load_all())
    assert (view.names(), view.here) == (NUMBERS, "0349")
    progress = [f"{count} items… Esc stops" for count in (100, 200, 300)]
    assert view.states == ["loading…", "100+ items", *progress, "350 items"]


async def test_loading_all_stops_after_the_page_in_flight() -> None:
    view = await at(TOP, NUMBERS)
    view.s3.may_answer.clear()
    loading = asyncio.create_task(begun(view.browser.load_all()))
    await asyncio.sleep(0)
    assert view.browser.can_stop
    assert view.browser.load_more() is None
    assert view.browser.load_all() is None
    view.browser.stop()
    assert view.browser.state == "100 items… stopping"
    view.s3.may_answer.set()
    await loading
    assert (view.browser.state, view.here) == ("200+ items", "0000")
    assert not view.browser.can_stop


async def test_loading_all_keeps_what_came_before_a_page_that_failed() -> None:
    view = await at(TOP, NUMBERS)
    await begun(view.browser.load_more())
    await view.browser.sort(Order.NAME_DOWN)
    view.s3.fails = True
    with pytest.raises(ServiceError):
        await begun(view.browser.load_all())
    assert len(view.names()) == 200
    assert "the next page did not come: G tries again" in view.browser.state
    assert not view.browser.can_stop


# -- refreshing ------------------------------------------------------------------------------


async def test_a_refresh_keeps_cursor_marks_filter_and_order_and_shows_what_came() -> None:
    view = await at(TOP, NUMBERS[50:200])
    browser = view.browser
    await begun(browser.load_more())
    await browser.filter("1")
    await browser.sort(Order.NAME_DOWN)
    browser.cursor = browser.listing.index_of("0151") or 0
    browser.toggle_mark()
    view.s3.keys = NUMBERS[:200]
    work = browser.refresh()
    assert browser.state == "loading…"
    assert not browser.follows
    assert browser.load_more() is None
    await work
    assert view.here == "0151"
    assert browser.listing.marked == {"0151"}
    assert browser.state.startswith("1 marked · ")
    assert view.names() == [name for name in reversed(NUMBERS[:200]) if "1" in name]


@pytest.mark.parametrize("order", [Order.LISTED, Order.SIZE])
async def test_a_key_that_comes_while_it_is_refreshed_is_not_taken_back(order: Order) -> None:
    view = await at(TOP, ["b", "c", "d", "e"])
    await view.browser.sort(order)
    view.s3.may_answer.clear()
    refresh = asyncio.create_task(view.browser.refresh())
    view.browser.cursor = 1
    await asyncio.sleep(0)
    view.browser.cursor = 2
    here = view.here
    view.s3.keys.insert(0, "a/new")
    view.s3.may_answer.set()
    await refresh
    assert view.here == here
    assert "a/" in view.names()


async def test_a_refresh_keeps_the_row_when_the_entry_is_gone() -> None:
    view = await at(TOP, ["a", "b", "c", "d"])
    view.browser.cursor = 2
    view.browser.toggle_mark()
    view.s3.keys = ["a", "b", "d"]
    await view.browser.refresh()
    assert (view.here, view.browser.listing.marked) == ("d", set())
    view.s3.keys = ["a"]
    await view.browser.refresh()
    assert view.here == "a"


async def test_a_refresh_can_put_the_cursor_on_an_entry() -> None:
    view = await at(TOP, ["a", "c"])
    view.s3.keys = ["a", "b", "c"]
    await view.browser.refresh(cursor_on="b")
    assert view.here == "b"


async def test_a_failed_refresh_keeps_what_was_loaded() -> None:
    view = await at(TOP, NUMBERS[:150])
    view.browser.cursor = 1
    view.s3.fails_first = True
    with pytest.raises(ServiceError):
        await view.browser.refresh()
    assert (view.here, view.browser.state) == ("0001", "100+ items")
    assert not view.browser.page_failed
    assert view.browser.follows


async def test_a_refresh_that_is_cancelled_leaves_no_trace() -> None:
    view = await at(TOP, ["a", "b"])
    view.s3.may_answer.clear()
    refreshing = asyncio.create_task(view.browser.refresh())
    await asyncio.sleep(0)
    refreshing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await refreshing
    assert view.browser.state == "2 items"
