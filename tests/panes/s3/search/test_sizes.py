"""Sizes of prefixes: what is counted where, what is said of the rest, and the keys."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.buckets import Put
from tests.panes.s3.conftest import Browse
from tests.panes.s3.scripted import ScriptedS3
from tui.panes.s3.search import sizes
from tui.panes.s3.search.sizes import By, SizedPrefix, Sizes
from tui.panes.s3.search.sizes_dialog import figures_text, share_text
from tui.services.cloudwatch import BucketFigures
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Object


def counted(*keys: tuple[str, int], prefix: str = "") -> Sizes:
    found = Sizes("b", prefix, lambda: None)
    for key, size in keys:
        found.add([S3Object(key, size, None, "", "")])
    return found


def told(node: SizedPrefix, by: By = By.SIZE) -> list[tuple[str, int, int]]:
    return [
        ("", node.own_size, node.own_count) if each is None else (each.name, each.size, each.count)
        for each in node.rows(by)
    ]


KEYS = (("a/x/1", 10), ("a/2", 5), ("b/3", 40), ("c/4", 1), ("c/5", 1), ("c/6", 1), ("7", 2))


def test_each_prefix_holds_what_is_below_it_and_the_rest_has_a_row() -> None:
    root = counted(*KEYS).root
    assert told(root) == [("b/", 40, 1), ("a/", 15, 2), ("c/", 3, 3), ("", 2, 1)]
    assert told(root, By.COUNT)[0] == ("c/", 3, 3)
    assert [name for name, *_ in told(root, By.NAME)] == ["a/", "b/", "c/", ""]
    assert (root.size, root.count) == (60, 7)
    assert root.children["a/"].children["x/"].prefix == "a/x/"


def test_hostile_names_are_prefixes_of_their_own() -> None:
    root = counted(("//x", 1), ("/x", 2), ("../x", 4), ("a\r\n[red]/", 8)).root
    assert sum(size for _, size, _ in told(root)) == 15
    assert {name for name, *_ in told(root)} == {"/", "../", "a\r\n[red]/"}
    assert root.children["/"].children["/"].prefix == "//"


def test_a_prefix_that_ends_within_a_name_counts_in_its_folder() -> None:
    found = counted(("d/ab/1", 1), ("d/ac", 2), prefix="d/a")
    assert told(found.root) == [("", 2, 1), ("ab/", 1, 1)][::-1]
    assert found.root.children["ab/"].prefix == "d/ab/"


def test_prefixes_beyond_the_limits_are_summed_where_they_lie(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sizes, "MOST_NODES", 3)
    found = counted(("a/b/c/d/1", 1), ("e/2", 2), ("a/b/3", 4))
    assert (found.root.size, found.nodes) == (7, 3)
    assert told(found.root) == [("a/", 5, 2), ("", 2, 1)]
    assert "not told apart" in found.state


async def test_an_error_keeps_what_is_known() -> None:
    s3, found = ScriptedS3(["a"]), Sizes("b", "", lambda: None)
    s3.fails_first = True
    await found.run(s3)
    assert "so far, then an error: No page." in found.state


async def test_a_stopped_scan_says_so_far() -> None:
    found = Sizes("b", "", lambda: found.stop())
    await found.run(ScriptedS3([f"{n:03}" for n in range(250)]))
    assert found.root.count == 100
    assert "so far: stopped" in found.state


async def test_daily_figures_carry_their_day_and_a_refusal_is_told() -> None:
    async def known() -> BucketFigures:
        return BucketFigures(datetime(2026, 3, 4, tzinfo=UTC), 2048, None)

    async def none() -> None:
        return None

    async def denied() -> None:
        raise ServiceError("Denied.", hint="It needs cloudwatch:ListMetrics.")

    async def not_aws() -> None:
        raise ServiceError("This server has none.", kind=ErrorKind.NOT_FOUND)

    assert "2026-03-04" in await figures_text(known)
    assert "2.0 KiB, objects: unknown" in await figures_text(known)
    assert "no daily figures" in await figures_text(none)
    assert "unknown: Denied. It needs cloudwatch:ListMetrics." in await figures_text(denied)
    assert await figures_text(not_aws) == "This server has none."


def test_a_small_share_is_not_nothing() -> None:
    shares = [(0, 100), (1, 1000), (10, 1000), (999, 1000), (1000, 1000), (0, 0)]
    said = [share_text(*each) for each in shares]
    assert said == ["0%", "<1%", "1%", "99%", "100%", "0%"]


async def test_keys_go_in_and_out_and_delete(browse: Browse, bucket: str, put: Put) -> None:
    put({"a/x/1": b"1" * 3, "a/2": b"2", "b/3": b"3" * 12, "4": b""})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("S")
        await person.sees("16 B in 4 objects", "75%  █████████", "(objects directly here)")
        await person.press("down", "enter")
        await person.sees(f"s3://{bucket}/a/ · 4 B", "x/")
        await person.press("backspace")
        await person.sees(f"s3://{bucket}/ · 16 B", "Old versions")
        await person.press("x")
        await person.sees("everything under a/")
        await person.press("escape")
        # What was scanned, and where, is there again.
        await person.sees("16 B in 4 objects", "Old versions")
        await person.press("x")
        await person.sees("everything under a/")
        await person.press("ctrl+s")
        await person.sees("12 B in 2 objects", "2 objects deleted")
        assert "a/" not in person.text.replace(bucket, "")
        await person.press("up", "p")
        await person.until(lambda: str(person.browser.location).endswith("/b/"), "the prefix")
