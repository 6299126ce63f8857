"""Copies and moves through the queue: what is stored afterwards, and what a cut leaves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.local_server import Answer
from tests.services.s3.scripted import scripted
from tests.services.transfers.places import MIB, before_each, body, copy_of, keys, put, unfinished
from tui.services.aws import Account
from tui.services.s3 import ObjectCopy, S3Service
from tui.services.transfers import (
    ConflictPolicy,
    CutOff,
    JobSnapshot,
    JobState,
    TransferService,
    Tuning,
)
from tui.services.transfers.journal.begun import BegunCopy
from tui.services.transfers.journal.records import FileRecord, add_job
from tui.services.transfers.kept_items import planned_copy
from tui.services.transfers.planning.copy_batches import SAME, SOMETHING_ELSE, left_of
from tui.services.transfers.planning.copy_plan import CopyPlan, Destination
from tui.services.transfers.route import Direction, Route


@pytest.fixture
async def transfers(account: Account) -> AsyncIterator[TransferService]:
    """A service that copies in parts of 5 MiB, the least that S3 takes."""
    tuning = Tuning(single_copy=5 * MIB, copy_part=5 * MIB)
    service = TransferService(S3Service(account), tuning=tuning, first_delay=0.01)
    yield service
    await service.stop()
    service.close()


async def carried_out(
    transfers: TransferService, *copies: ObjectCopy, **options: Any
) -> JobSnapshot:
    at = transfers.connection
    bucket = (*copies, *options.get("found", ()))[0].bucket
    both = (bucket, bucket)
    job = await transfers.start_copies(copies, buckets=both, place="s3://x/", at=at, **options)
    return await transfers.queue.wait(job)


async def test_a_move_copies_counts_and_deletes(
    transfers: TransferService, s3: Any, bucket: str
) -> None:
    put(s3, bucket, a=b"12", b=b"345")
    copies = [copy_of(s3, bucket, key, f"to/{key}") for key in "ab"]
    ended = await carried_out(transfers, *copies, moves=True)
    assert (ended.state, ended.files_done, ended.bytes_done, ended.bytes_total) == (
        JobState.DONE,
        2,
        5,
        5,
    )
    assert keys(s3, bucket) == {"to/a": 2, "to/b": 3}


async def test_what_the_plan_leaves_as_it_is_is_told_with_the_copies(
    transfers: TransferService, s3: Any, bucket: str
) -> None:
    put(s3, bucket, a=b"12", b=b"345", c=b"6", to_b=b"345", to_c=b"else")
    plan = CopyPlan(
        Destination(bucket, ""),
        free=[copy_of(s3, bucket, "a", "to_a")],
        identical=[copy_of(s3, bucket, "b", "to_b")],
        different=[copy_of(s3, bucket, "c", "to_c")],
    )
    left = left_of(plan, ConflictPolicy.SKIP, moves=False)
    ended = await carried_out(transfers, *plan.free, left=left)
    assert (ended.state, ended.files_done, ended.files_skipped) == (JobState.DONE, 1, 2)
    assert (ended.bytes_done, ended.bytes_total) == (2, 6)
    told = {each.source: each.message for each in await transfers.queue.results(ended.id)}
    assert told == {"a": "", "b": SAME, "c": SOMETHING_ELSE}
    assert body(s3, bucket, "to_c") == b"else"
    # A move deletes the source of what is there already; that is no leaving.
    assert [each.reason for each in left_of(plan, ConflictPolicy.OVERWRITE, moves=True)] == []


async def test_a_large_object_tells_its_progress_part_by_part_and_keeps_its_etag(
    transfers: TransferService, s3: Any, bucket: str
) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="a", Metadata={"who": "me"})["UploadId"]
    place = {"Bucket": bucket, "Key": "a", "UploadId": upload}
    parts = []
    for number, data in enumerate((b"1" * 6 * MIB, b"2" * 6 * MIB, b"3"), 1):
        etag = s3.upload_part(**place, PartNumber=number, Body=data)["ETag"]
        parts.append({"PartNumber": number, "ETag": etag})
    s3.complete_multipart_upload(**place, MultipartUpload={"Parts": parts})
    copy = copy_of(s3, bucket, "a", "b")
    seen = []

    def note(**_: Any) -> None:
        seen.append(transfers.queue.jobs[0].bytes_done)

    with before_each(s3, "CompleteMultipartUpload", note):
        ended = await carried_out(transfers, copy)
    assert seen == [12 * MIB + 1]
    assert ended.state is JobState.DONE
    head = s3.head_object(Bucket=bucket, Key="b")
    assert head["ETag"].strip('"') == copy.etag
    assert head["Metadata"] == {"who": "me"}


async def test_a_cancelled_copy_leaves_no_parts_and_is_done_again(
    transfers: TransferService, s3: Any, bucket: str
) -> None:
    put(s3, bucket, a=bytes(16 * MIB))
    copy = copy_of(s3, bucket, "a", "b")
    reached, goes_on = threading.Event(), threading.Event()

    def hold(**_: Any) -> None:
        reached.set()
        goes_on.wait(30)

    with before_each(s3, "UploadPartCopy", hold):
        at = transfers.connection
        job = await transfers.start_copies(
            [copy], buckets=(bucket, bucket), moves=True, place="", at=at
        )
        assert await asyncio.to_thread(reached.wait, 30)
        transfers.queue.cancel(job)
        goes_on.set()
        ended = await transfers.queue.wait(job)
    assert (ended.state, ended.bytes_done) == (JobState.CANCELLED, 0)
    assert (keys(s3, bucket), unfinished(s3, bucket)) == ({"a": 16 * MIB}, [])
    transfers.queue.retry(job)
    assert (await transfers.queue.wait(job)).state is JobState.DONE
    assert keys(s3, bucket) == {"b": 16 * MIB}


async def test_a_move_that_was_cut_off_is_finished(
    transfers: TransferService, s3: Any, bucket: str
) -> None:
    put(s3, bucket, a=b"1", b=b"1", c=b"1", to_a=b"1", to_b=b"2")
    s3.put_object(Bucket=bucket, Key="to_c", Body=b"1", Metadata={"another": "one"})
    found = [copy_of(s3, bucket, key, f"to_{key}") for key in "abc"]
    ended = await carried_out(transfers, found=found, moves=True)
    assert (ended.files_done, ended.bytes_total) == (1, 0)
    # What is not the same, or says something else of the same bytes, stays where it was.
    assert {"b", "c", "to_a", "to_b", "to_c"} == set(keys(s3, bucket))
    assert all("does not hold the same" in each.message for each in ended.failures)


async def test_what_came_into_being_is_not_replaced_and_its_source_stays(
    transfers: TransferService, s3: Any, bucket: str
) -> None:
    put(s3, bucket, a=b"1", b=b"1", c=b"1", to_a=b"another", to_b=b"1", to_c=b"1")
    copies = [copy_of(s3, bucket, key, f"to_{key}") for key in "ab"]
    copies.append(copy_of(s3, bucket, "c", "to_c", replaces="what was there before"))
    ended = await carried_out(transfers, *copies, moves=True)
    assert (ended.state, ended.files_done) == (JobState.PARTLY_FAILED, 2)
    assert "exists already" in ended.failures[0].message
    # The others hold the same already: somebody else, or a lost answer, has copied it.
    assert body(s3, bucket, "to_a") == b"another"
    assert set(keys(s3, bucket)) == {"a", "to_a", "to_b", "to_c"}


async def test_a_source_that_changed_after_its_copy_stays(
    transfers: TransferService, s3: Any, bucket: str
) -> None:
    put(s3, bucket, a=b"1")
    copy = copy_of(s3, bucket, "a", "b")
    changed = False

    def change(model: Any, params: Any, **_: Any) -> None:
        nonlocal changed
        # The look at the copy is the last thing before the source is looked at for its deletion.
        if copied and not changed and params["url_path"].endswith("/b"):
            changed = True
            put(s3, bucket, a=b"another")

    copied = False

    def note(**_: Any) -> None:
        nonlocal copied
        copied = True

    with before_each(s3, "CopyObject", note), before_each(s3, "HeadObject", change):
        ended = await carried_out(transfers, copy, moves=True)
    assert "the source is still there" in ended.failures[0].message
    assert keys(s3, bucket) == {"a": 7, "b": 1}


async def cut_off(kept: TransferService, copy: ObjectCopy, begun: BegunCopy | None) -> CutOff:
    """A move of one object, as an application that was killed has left it."""
    recorder = kept._recorder
    assert recorder is not None
    route = Route(Direction.MOVE, copy.bucket, f"s3://{copy.to_bucket}/", copy.to_bucket)
    record = await add_job(recorder, route, kept.connection, lambda: [planned_copy(copy)])
    assert record is not None
    if begun is not None:
        await FileRecord(recorder, record.id, 0).begun_in_s3(begun)
    await recorder.run(lambda journal: journal.give_back(record.id))
    (found,) = await kept.cut_off.find()
    return found


async def test_a_move_that_was_made_and_not_written_down_is_done(
    kept: TransferService, s3: Any, bucket: str
) -> None:
    put(s3, bucket, a=b"12")
    copy = copy_of(s3, bucket, "a", "to/a")
    s3.copy_object(Bucket=bucket, Key="to/a", CopySource={"Bucket": bucket, "Key": "a"})
    s3.delete_object(Bucket=bucket, Key="a")
    found = await cut_off(kept, copy, None)
    assert (found.files, found.bytes, found.to_bucket) == (1, 2, bucket)
    ended = await kept.queue.wait(await kept.cut_off.go_on(found))
    assert (ended.state, ended.bytes_done, ended.direction) == (JobState.DONE, 2, Direction.MOVE)
    (result,) = await kept.queue.results(ended.id)
    assert result.destination == f"s3://{bucket}/to/a"
    assert "gone already" in result.message


async def test_a_source_that_is_gone_without_a_copy_is_a_failure(
    kept: TransferService, s3: Any, bucket: str
) -> None:
    put(s3, bucket, a=b"12", to_a=b"34")
    copy = copy_of(s3, bucket, "a", "to_a")
    s3.delete_object(Bucket=bucket, Key="a")
    ended = await kept.queue.wait(await kept.cut_off.go_on(await cut_off(kept, copy, None)))
    assert ended.state is JobState.FAILED
    assert body(s3, bucket, "to_a") == b"34"


def begun_copy(s3: Any, copy: ObjectCopy) -> BegunCopy:
    """The first part of a copy."""
    place = {"Bucket": copy.to_bucket, "Key": copy.to_key}
    upload = s3.create_multipart_upload(**place)["UploadId"]
    s3.upload_part_copy(
        **place,
        UploadId=upload,
        PartNumber=1,
        CopySource=copy.source,
        CopySourceRange=f"bytes=0-{5 * MIB - 1}",
    )
    return BegunCopy(copy.to_key, upload, 5 * MIB)


async def test_a_copy_in_parts_goes_on_behind_those_that_are_there(
    kept: TransferService, s3: Any, bucket: str
) -> None:
    put(s3, bucket, a=bytes(6 * MIB))
    copy = copy_of(s3, bucket, "a", "b")
    found = await cut_off(kept, copy, begun_copy(s3, copy))
    sent = []
    with before_each(s3, "UploadPartCopy", lambda params, **_: sent.append(params)):
        ended = await kept.queue.wait(await kept.cut_off.go_on(found))
    assert (ended.state, ended.bytes_done, len(sent)) == (JobState.DONE, 6 * MIB, 1)
    assert (keys(s3, bucket), unfinished(s3, bucket)) == ({"b": 6 * MIB}, [])


async def test_parts_of_a_copy_stay_nowhere_when_it_is_dropped_or_its_source_has_changed(
    kept: TransferService, s3: Any, bucket: str
) -> None:
    put(s3, bucket, a=bytes(6 * MIB))
    copy = copy_of(s3, bucket, "a", "b")
    await kept.cut_off.drop(await cut_off(kept, copy, begun_copy(s3, copy)))
    assert (unfinished(s3, bucket), await kept.cut_off.find()) == ([], ())
    found = await cut_off(kept, copy, begun_copy(s3, copy))
    put(s3, bucket, a=b"another")
    ended = await kept.queue.wait(await kept.cut_off.go_on(found))
    assert "was changed after it was listed" in ended.failures[0].message
    assert (unfinished(s3, bucket), keys(s3, bucket)) == ([], {"a": 7})


async def test_copies_go_on_where_they_were_begun(account: Account, bucket: str, s3: Any) -> None:
    """The user may choose another region meanwhile."""
    put(s3, bucket, a=b"1", b=b"2")
    service = TransferService(S3Service(account), first_delay=0.01)
    copies = [copy_of(s3, bucket, key, f"to/{key}") for key in "ab"]
    job = await service.start_copies(
        copies, buckets=(bucket, bucket), place="", at=service.connection
    )
    account.switch(region="eu-west-1")
    assert (await service.queue.wait(job)).state is JobState.DONE
    service.close()


async def test_a_paused_job_begins_nothing_until_it_goes_on(
    transfers: TransferService, s3: Any, bucket: str
) -> None:
    put(s3, bucket, a=bytes(16 * MIB))
    sent = 0

    def pause(**_: Any) -> None:
        nonlocal sent
        sent += 1
        transfers.queue.pause(1, True)

    copy = copy_of(s3, bucket, "a", "b")
    with before_each(s3, "CreateMultipartUpload", pause), before_each(s3, "UploadPartCopy", pause):
        at = transfers.connection
        job = await transfers.start_copies([copy], buckets=(bucket, bucket), place="", at=at)
        async for (now,) in transfers.queue.watch():
            if sent and now.paused:
                break
        assert (sent, now.rate, now.eta, now.bytes_done) == (1, None, None, 0)
    transfers.queue.pause(job, False)
    assert (await transfers.queue.wait(job)).state is JobState.DONE
    transfers.queue.pause(job, True)
    assert not transfers.queue.job(job).paused


async def test_a_server_that_copies_no_checksums_gets_none() -> None:
    """As MinIO answers."""
    crc = {"x-amz-checksum-crc32": "AAAAAA=="}
    head = Answer(200, "", {"ETag": '"e"', **crc}, promised=6)
    begun = Answer(200, "<X><UploadId>u</UploadId></X>")
    part = Answer(200, '<CopyPartResult><ETag>"p"</ETag></CopyPartResult>')
    why = "<Code>InvalidArgument</Code><Message>checksum missing, want CRC32</Message>"
    refused = Answer(400, f"<Error>{why}</Error>")
    tags = Answer(200, "<Tagging><TagSet/></Tagging>")
    done = Answer(200, '<X><ETag>"d-1"</ETag></X>')
    made = Answer(200, "", {"ETag": '"d-1"'}, promised=6)
    gone = Answer(404)
    first = (head, gone, tags, begun, refused, Answer(204))
    with scripted(*first, tags, begun, part, done, made) as (s3, server):
        service = TransferService(s3, tuning=Tuning(single_copy=1), first_delay=0.01)
        copy = ObjectCopy("bucket", "a", "e", "bucket", "b", size=6)
        both, at = ("bucket", "bucket"), service.connection
        job = await service.start_copies([copy], buckets=both, place="", at=at)
        ended = await service.queue.wait(job)
        (result,) = await service.queue.results(job)
        service.close()
    assert (ended.state, ended.bytes_done) == (JobState.DONE, 6)
    assert "without its checksum" in result.message
    names = [{name.lower() for name in each.headers} for each in server.requests]
    asked = ["x-amz-checksum-algorithm" in names[number] for number in (3, 7)]
    assert asked == [True, False]
    assert server.requests[5].method == "DELETE"
