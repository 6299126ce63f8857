"""Very many rows: what a key costs does not depend on how many there are, nor does one callback.

Work is counted in rows that are looked at, not in seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from typing import TypeVar

import pytest

from tests.panes.s3.browsing import TOP, View, at
from tests.panes.s3.scripted import ScriptedS3
from tui.panes import arranging
from tui.panes.s3.browser import S3Browser
from tui.panes.s3.change.deleting import ObjectDeletion
from tui.panes.s3.change.tree import AT_A_TIME, Tree
from tui.panes.s3.entries import Prefix, cells, raw_name
from tui.panes.s3.rows import CHUNK, Entries, Objects, Rows
from tui.services.aws import Connection, Target
from tui.services.s3 import DeleteOutcome, S3Object
from tui.widgets.grid.cells import LazyRows

T = TypeVar("T")

ETAG = "9dd4e461268c8034f5c8564e155c67a6"
MILLION = 977 * CHUNK
SOME = 3 * CHUNK + 17


class Looks:
    """Counts the rows that are looked at, and the most of them between two turns of the loop."""

    def __init__(self) -> None:
        self.now = self.most = 0

    async def during(self, work: Coroutine[object, object, T]) -> T:
        task = asyncio.ensure_future(work)
        while not task.done():
            self.now = 0
            await asyncio.sleep(0)
            self.most = max(self.most, self.now)
        return task.result()


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    """Each slice takes one row: more is looked at only where there are no slices."""
    seen = Looks()
    monkeypatch.setattr(arranging, "SLICE", 0.0)
    name, item = Entries.name, Entries.__getitem__

    def counted_name(entries: Entries, index: int) -> str:
        seen.now += 1
        return name(entries, index)

    def counted_item(entries: Entries, index: int) -> object:
        seen.now += 1
        return item(entries, index)

    monkeypatch.setattr(Entries, "name", counted_name)
    monkeypatch.setattr(Entries, "__getitem__", counted_item)
    return seen


def objects(count: int) -> list[S3Object]:
    return [S3Object(f"k{number:07}", number, None, "STANDARD", ETAG) for number in range(count)]


async def with_rows(count: int) -> View:
    view = await at(TOP, [])
    view.browser.listing.add(objects(count), None)
    return view


def test_a_million_rows_are_drawn_and_moved_in_by_looking_at_a_screenful(
    looks: Looks,
) -> None:
    browser = S3Browser(ScriptedS3(), lambda: None)
    browser.listing.location = TOP
    browser.listing.add(objects(CHUNK), None)
    # The same thousand rows over and over: to make a million takes ten seconds.
    browser.listing.entries._chunks *= MILLION // CHUNK
    browser.listing.shown.indexes.extend(range(CHUNK, MILLION))
    looks.now = 0
    rows = LazyRows(browser.shown[0:], lambda entry: cells(entry, TOP))
    assert len(rows) == MILLION
    assert looks.now == 0
    for row in (0, MILLION // 2, MILLION - 1):
        browser.cursor = row
        browser.toggle_mark()
        assert browser.current is not None
        assert [browser.listing.is_marked(each) for each in (row, row - 1)] == [True, False]
        assert len(rows[row - 50 : row]) in {0, 50}
        assert "1,000,448 items" in browser.state
        browser.toggle_mark()
    assert looks.now < 300


async def test_marks_of_many_rows_are_made_found_and_taken_away_in_slices(looks: Looks) -> None:
    view = await with_rows(SOME)
    browser = view.browser
    await looks.during(browser.toggle_all_marks())
    targets = await looks.during(browser.targets())
    assert looks.most < 5
    assert isinstance(targets, Rows)
    assert [raw_name(each) for each in targets] == [each.key for each in objects(SOME)]
    await looks.during(browser.unmark(each.key for each in objects(SOME)[:-1]))
    assert browser.listing.marked == {f"k{SOME - 1:07}"}
    assert looks.most < 5


async def test_lost_marks_are_forgotten_in_slices_while_others_are_made(looks: Looks) -> None:
    view = await with_rows(300)
    listing = view.browser.listing
    listing.marked = {f"k{number:07}" for number in range(200, 400)}
    for number, _ in enumerate(listing.forgetting_lost_marks()):
        if number in {250, 305}:  # while the rows are gone through, and the marks
            listing.marked.add(f"k{number - 200:07}")
    assert listing.marked == {f"k{number:07}" for number in (50, 105, *range(200, 300))}


async def test_a_tree_of_many_marks_is_taken_in_portions(looks: Looks) -> None:
    view = await with_rows(SOME)
    browser = view.browser
    browser.listing.add([Prefix("p/")], None)
    await browser.toggle_all_marks()
    view.s3.keys = ["p/", "p/x"]
    targets = await browser.targets()
    looks.most = 0
    tree = Tree("b", targets)
    assert not tree.complete
    await looks.during(tree.count(view.s3, lambda: None, at=None))
    assert looks.most <= AT_A_TIME + 1
    assert (tree.named, tree.prefixes, tree.folders) == (SOME, ["p/"], 1)
    assert list(tree.keys) == [*(each.key for each in objects(SOME)), "p/", "p/x"]
    assert tree.complete


async def test_a_tree_that_is_stopped_while_it_is_taken_is_not_complete() -> None:
    tree = Tree("b", objects(3 * AT_A_TIME))

    def stop() -> None:
        tree.stopped = True

    await tree.count(View().s3, stop, at=None)
    assert not tree.complete
    assert tree.named == 2 * AT_A_TIME


def many_outcomes(keys: list[str]) -> Iterator[DeleteOutcome]:
    for start in range(0, len(keys), 1000):
        yield DeleteOutcome(tuple(keys[start : start + 1000]), (), 0)


async def test_deleting_many_takes_the_marks_away_call_by_call(looks: Looks) -> None:
    view = await with_rows(SOME)
    browser = view.browser
    await browser.toggle_all_marks()
    tree = Tree("b", await browser.targets())
    await tree.count(view.s3, lambda: None, at=None)
    view.s3.deletes = list(many_outcomes(list(tree.keys)))
    looks.most = 0
    deletion = ObjectDeletion("b", tree.keys, tree.objects.etags)
    steps = deletion.run(view.s3, Connection(Target()))
    await looks.during(browser.carry_out(deletion, steps, "b"))
    assert looks.most < 5
    assert deletion.problem is None
    assert not browser.listing.marked


def test_objects_give_back_their_keys_and_etags() -> None:
    put = [*objects(CHUNK + 5), S3Object("x\0\udcff", 1, None, "", "other-etag")]
    held = Objects()
    held.extend(put)
    assert list(held) == put
    assert held[-1] == put[-1]
    assert held[:2] == put[:2]
    assert list(held.keys) == [each.key for each in put]
    assert list(held.etags) == [each.etag for each in put]
    assert held.keys[-2:] == [each.key for each in put[-2:]]
