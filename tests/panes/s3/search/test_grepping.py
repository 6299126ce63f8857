"""A search inside objects: which are read, when it waits, what it says of the others."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator

import pytest

from tests.buckets import Put
from tests.panes.s3.conftest import Browse
from tests.panes.s3.scripted import ScriptedS3
from tui.panes.s3.entries import Prefix
from tui.panes.s3.search import grepping
from tui.panes.s3.search.grepping import Grep
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Object
from tui.services.s3.search.grep import GrepQuery, GrepStep, Hit
from tui.services.s3.search.name_pattern import NamePattern


class Searched(ScriptedS3):
    """Every object has one hit and 10 bytes; `denied` cannot be read."""

    async def search_object(
        self, bucket: str, found: S3Object, query: GrepQuery
    ) -> AsyncGenerator[GrepStep, None]:
        if found.key == "denied":
            raise ServiceError("Access denied.", kind=ErrorKind.DENIED)
        yield GrepStep((Hit(found.key, 1, "x"),), 10)


def looking(names: str = "") -> Grep:
    query = GrepQuery.of("x", regex=False, ignore_case=False)
    pattern = NamePattern.parse(names) if names else None
    return Grep("b", [Prefix("")], query, pattern, lambda: None)


async def test_a_denied_object_hides_no_other() -> None:
    grep = looking()
    await grep.run(Searched(["a", "b.log", "c.log", "denied"]))
    # The first object of the scripted listing is empty, and is not read.
    assert sorted(hit.key for hit in grep.hits) == ["b.log", "c.log"]
    assert [key for key, _ in grep.problems] == ["denied"]
    assert "2 hits in 3 objects, 20 B read · 1 failed" in grep.state


async def test_only_objects_with_the_name_are_read() -> None:
    grep = looking("*.log")
    await grep.run(Searched(["a", "b.log", "c.txt"]))
    assert [hit.key for hit in grep.hits] == ["b.log"]


async def test_names_are_compared_off_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: set[threading.Thread] = set()
    matches = NamePattern.matches

    def noted(pattern: NamePattern, name: str) -> bool:
        threads.add(threading.current_thread())
        return matches(pattern, name)

    monkeypatch.setattr(NamePattern, "matches", noted)
    await looking("*.log").run(Searched(["a", "b.log"]))
    assert threads
    assert threading.current_thread() not in threads


async def test_it_stops_also_where_no_name_matches() -> None:
    s3, grep = Searched(f"{n:03}" for n in range(350)), looking("*.log")
    s3.may_answer.clear()
    run = asyncio.ensure_future(grep.run(s3))
    await asyncio.sleep(0)
    asked = len(s3.asked)
    grep.stop()
    s3.may_answer.set()
    await run
    assert len(s3.asked) <= asked + 1
    assert "stopped, there may be more" in grep.state


async def test_it_waits_before_it_reads_more_than_was_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grepping, "ASKED_AFTER", 25)
    grep = looking()
    waited = asyncio.Event()
    grep._changed = lambda: waited.set() if grep.waits else None
    run = asyncio.ensure_future(grep.run(Searched(f"{n:03}" for n in range(100))))
    await waited.wait()
    assert "Ctrl+S reads 25 B more" in grep.state
    grep.stop()
    await run
    assert grep.read < 25 + 10 * (grepping.AT_ONCE + 1)
    assert "stopped, there may be more" in grep.state


async def test_it_ends_after_the_most_hits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grepping, "MOST_HITS", 5)
    grep = looking()
    await grep.run(Searched(f"{n:03}" for n in range(100)))
    assert len(grep.hits) == 5
    assert "ended after 5 hits" in grep.state


async def test_a_hit_leads_to_its_object(browse: Browse, bucket: str, put: Put) -> None:
    put({"a/one.log": b"nothing\nthe [red]Needle", "two.log": b"none"})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("F")
        await person.sees("costs requests and transfer")
        await person.type("needle")
        await person.press("enter")
        await person.sees("1 hit in 2 objects", "the [red]Needle", "a/one.log")
        await person.sees(f"“needle” inside objects under s3://{bucket}/")
        await person.press("enter")
        await person.sees("“Needle” in line 2")
        await person.press("escape", "p")
        await person.until(lambda: person.here == "a/one.log", "the object")
