"""Copies of which the rest is found on the way, because there are so many."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.services.transfers.places import before_each, body, copy_of, keys, put
from tui.services.transfers import ConflictPolicy, JobState, TransferService
from tui.services.transfers.feeding import more_of
from tui.services.transfers.journal.records import add_job
from tui.services.transfers.models import WalkPosition
from tui.services.transfers.more import MoreCopies
from tui.services.transfers.planning.copy_batches import SAME, SOMETHING_ELSE
from tui.services.transfers.route import Direction, Route

OTHER_POLICIES = [
    (ConflictPolicy.SKIP, {"to/a": b"1", "to/b": b"else", "to/c": b"3"}),
    (ConflictPolicy.OVERWRITE, {"to/a": b"1", "to/b": b"2", "to/c": b"3"}),
    (
        ConflictPolicy.KEEP_BOTH,
        {"to/a": b"1", "to/b": b"else", "to/b (2)": b"2", "to/c": b"3"},
    ),
]


@pytest.mark.parametrize(("policy", "there"), OTHER_POLICIES)
async def test_what_is_found_on_the_way_is_copied_as_was_chosen(
    kept: TransferService,
    s3: Any,
    bucket: str,
    policy: ConflictPolicy,
    there: dict[str, bytes],
) -> None:
    put(s3, bucket, **{"in/p/a": b"1", "in/p/b": b"2", "in/p/c": b"3", "in/q/x": b"4"})
    put(s3, bucket, **{"to/p/b": b"else", "to/p/c": b"3"})
    more = MoreCopies(("in/p/", "in/q/"), "in/", "to/", policy=policy)
    at, both = kept.connection, (bucket, bucket)
    job = await kept.start_copies([], buckets=both, place="s3://x/to/", at=at, more=more)
    ended = await kept.queue.wait(job)
    assert ended.state is JobState.DONE
    skips = 1 + (policy is ConflictPolicy.SKIP)
    assert (ended.files_total, ended.files_skipped) == (4, skips)
    found = {key.replace("/p", ""): body(s3, bucket, key) for key in keys(s3, bucket)}
    assert {key: data for key, data in found.items() if key.startswith("to")} == {
        **there,
        "to/q/x": b"4",
    }
    said = {each.message for each in await kept.queue.results(job)} - {""}
    assert said == {SAME, SOMETHING_ELSE} if policy is ConflictPolicy.SKIP else {SAME}


async def test_what_keeps_both_takes_no_name_that_a_copy_under_way_gets(
    kept: TransferService, s3: Any, bucket: str
) -> None:
    put(s3, bucket, **{"in/b (2).txt": b"two", "in/b.txt": b"one", "to/b.txt": b"else"})
    first = copy_of(s3, bucket, "in/b (2).txt", "to/b (2).txt")
    policy, after = ConflictPolicy.KEEP_BOTH, WalkPosition(0, "in/b (2).txt")
    more = MoreCopies(("in/",), "in/", "to/", policy=policy, after=after)
    second = threading.Event()
    calls = iter([lambda: second.wait(20), second.set])
    with before_each(s3, "CopyObject", lambda **_: next(calls)()):
        place, at, both = f"s3://{bucket}/to/", kept.connection, (bucket, bucket)
        job = await kept.start_copies([first], buckets=both, place=place, at=at, more=more)
        ended = await kept.queue.wait(job)
    assert ended.state is JobState.DONE
    assert [body(s3, bucket, key) for key in ("to/b.txt", "to/b (2).txt", "to/b (3).txt")] == [
        *(b"else", b"two", b"one")
    ]


async def test_a_move_looks_on_where_it_was_cut_off(
    kept: TransferService, s3: Any, bucket: str
) -> None:
    put(s3, bucket, **{"in/a": b"1", "in/b": b"2", "in/c": b"3", "to/c": b"3"})
    recorder = kept._recorder
    assert recorder is not None
    more = MoreCopies(("in/",), "in/", "to/", after=WalkPosition(0, "in/a"))
    assert more_of(more.text, Direction.MOVE) == more
    route = Route(Direction.MOVE, bucket, "s3://x/to/", bucket)
    record = await add_job(recorder, route, kept.connection, lambda: (), more.text)
    assert record is not None
    await recorder.run(lambda journal: journal.give_back(record.id))
    (found,) = await kept.cut_off.find()
    ended = await kept.queue.wait(await kept.cut_off.go_on(found))
    assert (ended.state, ended.files_done) == (JobState.DONE, 2)
    assert keys(s3, bucket) == {"in/a": 1, "to/b": 1, "to/c": 1}
