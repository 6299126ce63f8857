"""What the list of buckets says beside their names: read for the rows in view, a few at a time."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from tui.panes.s3.bucket_list import AT_A_TIME, NOTHING_KNOWN, BucketSummaries
from tui.panes.s3.entries import cells, columns_of
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import ROOT, Bucket, BucketSummary

PUBLIC = BucketSummary("eu-west-1", public=True)


class Server:
    """Answers when it may, and counts."""

    def __init__(self) -> None:
        self.account = SimpleNamespace(connection=object())
        self.asked: list[str] = []
        self.together = self.most_together = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.error: ServiceError | None = None

    async def summarize_bucket(self, bucket: str) -> BucketSummary:
        self.asked.append(bucket)
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        try:
            await self.may_answer.wait()
        finally:
            self.together -= 1
        if self.error is not None:
            raise self.error
        return PUBLIC


def summaries_of(server: Server) -> BucketSummaries:
    return BucketSummaries(cast("Any", server), lambda: None)


async def read(summaries: BucketSummaries, *names: str) -> None:
    work = summaries.want(names)
    if work is not None:
        await work


async def test_each_bucket_in_view_is_read_once_and_few_at_a_time() -> None:
    server = Server()
    summaries = summaries_of(server)
    names = [f"b{number}" for number in range(20)]
    server.may_answer.clear()
    work = asyncio.ensure_future(read(summaries, *names))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    server.may_answer.set()
    await work
    assert server.most_together == AT_A_TIME
    assert sorted(server.asked) == sorted(names)
    await read(summaries, *names)
    assert len(server.asked) == len(names)
    assert summaries.of("b3") == PUBLIC
    assert summaries.of("never seen") == NOTHING_KNOWN


async def test_what_went_out_of_view_is_not_read_any_more() -> None:
    server = Server()
    summaries = summaries_of(server)
    server.may_answer.clear()
    work = asyncio.ensure_future(read(summaries, *(f"top{number}" for number in range(50))))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert summaries.want(["below"]) is None
    server.may_answer.set()
    await work
    assert len(server.asked) == AT_A_TIME + 1
    assert server.asked[-1] == "below"


async def test_what_is_wanted_twice_before_it_is_begun_is_read_once_and_in_the_same_bounds() -> (
    None
):
    server = Server()
    summaries = summaries_of(server)
    names = [f"b{number}" for number in range(12)]
    first, second = summaries.want(names), summaries.want(names)
    assert first is not None
    assert second is not None
    await asyncio.gather(first, second)
    assert sorted(server.asked) == sorted(names)
    assert server.most_together <= AT_A_TIME
    assert all(summaries.of(name) == PUBLIC for name in names)


async def test_a_refresh_reads_again_and_shows_what_was_known_until_then() -> None:
    server = Server()
    summaries = summaries_of(server)
    await read(summaries, "b")
    summaries.expire()
    assert summaries.of("b") == PUBLIC
    await read(summaries, "b")
    assert server.asked == ["b", "b"]


async def test_a_bucket_of_the_same_name_elsewhere_is_another_one() -> None:
    server = Server()
    summaries = summaries_of(server)
    server.may_answer.clear()
    work = asyncio.ensure_future(read(summaries, "b"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    server.account.connection = object()
    server.may_answer.set()
    await work
    assert summaries.of("b") == NOTHING_KNOWN


async def test_without_credentials_no_other_bucket_is_asked_for() -> None:
    server = Server()
    server.error = ServiceError("No.", kind=ErrorKind.CREDENTIALS)
    summaries = summaries_of(server)
    names = [f"b{number}" for number in range(20)]
    await read(summaries, *names)
    asked = len(server.asked)
    assert asked <= AT_A_TIME
    await read(summaries, *names)
    assert len(server.asked) == asked
    server.error = None
    summaries.expire()
    await read(summaries, *names)
    assert summaries.of("b19") == PUBLIC


def test_public_not_public_and_unknown_are_told_apart_without_colour() -> None:
    bucket = Bucket("b", None, None)
    texts = []
    for public in (True, False, None):
        cell = cells(bucket, ROOT, lambda _, public=public: BucketSummary("x", public))[1]  # type: ignore[misc]  # mypy infers no defaults of lambdas
        texts.append(getattr(cell, "text", cell))
    assert len(set(map(str, texts))) == 3
    assert texts[0] == "YES"
    assert cells(bucket, ROOT, lambda _: BucketSummary("x"))[2] == "x"


def test_the_date_is_left_out_where_the_longest_region_leaves_no_room() -> None:
    near = Bucket("a" * 30, "us-east-1", None)
    far = Bucket("b", "ap-southeast-1", None)
    assert len(columns_of(ROOT, [near], 59)) == 4
    assert len(columns_of(ROOT, [near, far], 59)) == 3
