"""The rules of the S3 browser, without a screen: what it loads, keeps, drops and says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from tests.buckets import Put
from tests.hostile import HOSTILE_TEXT
from tests.panes.s3.scripted import ScriptedS3
from tui.panes import arranging
from tui.panes.loading_all import PAGE_AGAIN
from tui.panes.s3.browser import S3Browser, Work
from tui.panes.s3.deleting import SHOWN
from tui.panes.s3.entries import Order, raw_name
from tui.panes.s3.listing import (
    NO_BUCKETS,
    NO_MATCH,
    NO_MATCH_YET,
    NO_OBJECTS,
    NOT_LOADED,
    NOTHING_BEGINS,
)
from tui.services.aws import Account, Connection, Target
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import ROOT, DeleteOutcome, FailedKey, S3Location, S3Service

TOP = S3Location("b")
NUMBERS = [f"{number:04}" for number in range(350)]


class View:
    """What a view does: it knows the rows that it drew, and is told when to look again."""

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self.s3 = ScriptedS3(keys)
        self.browser = S3Browser(self.s3, self.look)
        self.drawn: list[str] = []
        self.states: list[str] = []
        self._rows: object = None

    def look(self) -> None:
        shown = self.browser.shown
        if shown is not self._rows:
            self._rows, self.drawn = shown, []
        # Rows are drawn once: what was drawn of the same list may not change.
        self.drawn += [raw_name(entry) for entry in shown[len(self.drawn) :]]
        if self.states[-1:] != [self.browser.state]:
            self.states.append(self.browser.state)

    @property
    def here(self) -> str:
        entry = self.browser.current
        return "" if entry is None else raw_name(entry)

    def names(self) -> list[str]:
        """The rows, which are also what was drawn."""
        names = [raw_name(entry) for entry in self.browser.shown]
        assert names == self.drawn
        return names


async def at(location: S3Location, keys: Iterable[str]) -> View:
    view = View(keys)
    await view.browser.go(location)
    return view


def begun(work: Work | None) -> Work:
    """What must have begun."""
    assert work is not None
    return work


@pytest.fixture
def short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arranging, "SLICE", 0.0)
    monkeypatch.setattr(arranging, "RUN", 10)


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


async def test_all_pages_are_loaded_and_the_cursor_goes_to_the_last_row() -> None:
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


# -- filter, order, marks --------------------------------------------------------------------


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
    assert browser.state == "0 of 100+ items match “zz” (of what is loaded)"
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
    assert browser.state == "100+ items, by name, last first (of what is loaded)"
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
    assert [raw_name(entry) for entry in browser.targets()] == ["a"]
    browser.toggle_mark()
    browser.cursor = 1
    browser.toggle_mark()
    assert browser.state == "2 marked · 3 items"
    await browser.sort(Order.SIZE)
    assert browser.listing.marked_rows() == [1, 2]
    await browser.filter("c")
    assert browser.listing.marked_rows() == []
    assert [raw_name(entry) for entry in browser.targets()] == ["a", "b"]
    browser.toggle_all_marks()
    assert browser.listing.marked == {"a", "b", "c"}
    browser.toggle_all_marks()
    assert browser.listing.marked == {"a", "b"}


async def test_marks_of_what_is_not_loaded_any_more_are_said() -> None:
    view = await at(TOP, ["a"])
    view.browser.listing.marked = {"gone"}
    assert view.browser.has_targets
    with pytest.raises(ServiceError, match="None of what is marked is loaded here any more"):
        view.browser.targets()


# -- deleting --------------------------------------------------------------------------------


def gone(*keys: str, markers: int = 0, failed: tuple[FailedKey, ...] = ()) -> DeleteOutcome:
    return DeleteOutcome(keys, failed, markers)


HERE = Connection(Target())


async def test_deleting_says_how_far_it_is_and_takes_the_marks_away() -> None:
    view = await at(TOP, list("abcd"))
    view.browser.toggle_all_marks()
    view.s3.deletes = [gone("a", "b"), gone("c", "d", markers=1)]
    deletion = await view.browser.delete("b", list("abcd"), at=HERE)
    assert view.states[-4:] == [
        "deleted 0 of 4, Esc stops",
        "deleted 2 of 4, Esc stops",
        "deleted 4 of 4, Esc stops",
        "4 items",
    ]
    assert view.browser.listing.marked == set()
    assert deletion.report == (
        "4 objects deleted from b.\n1 got a delete marker; their versions stay."
    )
    assert deletion.problem is None


async def test_marks_of_another_bucket_stay() -> None:
    view = await at(TOP, ["a"])
    view.browser.toggle_mark()
    view.s3.deletes = [gone("a")]
    await view.browser.delete("another", ["a"], at=HERE)
    assert view.browser.listing.marked == {"a"}


async def test_deleting_stops_after_the_call_in_flight() -> None:
    view = await at(TOP, list("abc"))
    view.s3.deletes = [gone("a"), gone("b"), gone("c")]
    deleting = view.browser.delete("b", list("abc"), at=HERE)
    stopped = False

    def look() -> None:
        nonlocal stopped
        if view.browser.state.startswith("deleted 1") and not stopped:
            stopped = True
            assert view.browser.can_stop
            view.browser.stop()
            assert view.browser.state == "deleted 1 of 3, stopping…"

    view.browser._changed = look
    deletion = await deleting
    assert stopped
    assert deletion.report == "1 object deleted from b."
    assert deletion.problem is not None
    assert deletion.problem.message == "2 objects were not deleted."
    assert deletion.problem.cause == "Stopped with Esc.\n2 objects not tried."


async def test_deleting_that_breaks_off_says_what_went_and_what_did_not() -> None:
    view = await at(TOP, list("abcdefg"))
    view.s3.deletes = [gone("a", "b"), ServiceError("Network gone.", kind=ErrorKind.NETWORK)]
    deletion = await view.browser.delete("b", list("abcdefg"), at=HERE)
    problem = deletion.problem
    assert deletion.report.startswith("2 objects deleted")
    assert problem is not None
    assert problem.kind is ErrorKind.NETWORK
    assert problem.message == "5 objects were not deleted."
    assert "Network gone." in problem.cause
    assert "5 objects not tried, or not known to have gone." in problem.cause


async def test_deleting_whose_answer_was_lost_does_not_say_that_it_failed() -> None:
    view = await at(TOP, list("ab"))
    view.s3.deletes = [gone("a"), ServiceError("No answer.", kind=ErrorKind.UNKNOWN)]
    problem = (await view.browser.delete("b", list("ab"), at=HERE)).problem
    assert problem is not None
    assert "or it is not known whether they were" in problem.message


async def test_deleting_that_never_began_is_the_error_itself() -> None:
    view = await at(TOP, ["a"])
    denied = ServiceError("Denied.", kind=ErrorKind.DENIED)
    view.s3.deletes = [denied]
    deletion = await view.browser.delete("b", ["a"], at=HERE)
    assert (deletion.report, deletion.problem) == ("", denied)


async def test_keys_that_were_refused_are_named_and_the_rest_is_counted() -> None:
    keys = [f"k{number:02}" for number in range(SHOWN + 3)]
    refused = tuple(FailedKey(key, "AccessDenied", "No.") for key in keys[1:])
    view = await at(TOP, keys)
    view.s3.deletes = [gone(keys[0], failed=refused)]
    problem = (await view.browser.delete("b", keys, at=HERE)).problem
    assert problem is not None
    assert problem.code == "AccessDenied"
    lines = problem.cause.splitlines()
    assert lines[0] == "k01: AccessDenied No."
    assert lines[SHOWN:] == ["… and 2 more"]
