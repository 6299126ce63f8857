"""A search for names: what it keeps, what it says, and how it is stopped."""

from __future__ import annotations

import asyncio

import pytest

from tests.buckets import Put
from tests.panes.s3.conftest import Browse
from tests.panes.s3.scripted import ScriptedS3
from tui.panes.s3.search import finding
from tui.panes.s3.search.find_dialog import FindDialog
from tui.panes.s3.search.finding import Find
from tui.services.s3.search.name_pattern import NamePattern

NAMES = [f"d/{number:04}.{'csv' if number % 2 else 'txt'}" for number in range(350)]


def looking(pattern: str = "*.csv") -> Find:
    return Find("b", "d/", NamePattern.parse(pattern), lambda: None)


async def test_every_page_is_looked_at_and_the_hits_are_kept() -> None:
    find = looking()
    await find.run(ScriptedS3([*NAMES, "e/other.csv"]))
    assert [hit.key for hit in find.hits] == NAMES[1::2]
    assert find.state == "175 hits (29.9 KiB) in 350 keys"


async def test_a_stopped_search_says_that_there_may_be_more() -> None:
    s3, find = ScriptedS3(NAMES), looking()
    s3.may_answer.clear()
    run = asyncio.ensure_future(find.run(s3))
    await asyncio.sleep(0)
    find.stop()
    s3.may_answer.set()
    await run
    assert find.looked_at == 100
    assert find.state.endswith("in 100 keys so far: stopped, there may be more")


async def test_an_error_keeps_what_was_found() -> None:
    s3, find = ScriptedS3(NAMES), looking()
    s3.fails_first = True
    await find.run(s3)
    assert "so far, then an error: No page." in find.state


async def test_hits_beyond_those_that_are_kept_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MOST_HITS", 7)
    find = looking()
    await find.run(ScriptedS3(NAMES))
    assert (len(find.hits), find.found) == (7, 175)
    assert "only the first 7 are kept" in find.state


async def test_enter_goes_to_a_hit_and_x_deletes_it(browse: Browse, bucket: str, put: Put) -> None:
    put({"a/deep/[red]one.csv": b"1", "a/deep/other.txt": b"2", "b/two.csv": b"3"})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("f")
        await person.sees("a regular expression")
        await person.type("/(a+)+/")
        await person.press("enter")
        await person.sees("may take for ever")
        await person.press(*["backspace"] * 7)
        await person.type("*.csv\n")
        await person.sees("2 hits (2 B) in 3 keys", "a/deep/[red]one.csv", "b/two.csv")
        await person.press("enter")
        await person.until(lambda: person.here == "a/deep/[red]one.csv", "the object")
        assert str(person.browser.location) == f"s3://{bucket}/a/deep/"

        await person.press("f")
        await person.sees("a regular expression")
        await person.type("o\n")
        await person.sees("2 hits (2 B) in 2 keys")
        assert isinstance(person.app.screen, FindDialog)
        await person.press("space", "x")
        await person.sees("Delete?", "Ctrl+S Delete")
        await person.press("escape")
        # The hits are there again, and what was marked.
        await person.sees("2 hits (2 B) in 2 keys", "●")
        await person.press("x")
        await person.sees("Delete?", "Ctrl+S Delete")
        await person.press("tab", "enter")
        await person.sees("1 hit (1 B) in 2 keys")
        assert "one.csv" not in person.text
        await person.press("escape")
        await person.until(lambda: person.here == "a/deep/other.txt", "the object that is left")
