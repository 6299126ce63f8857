"""An object in parts that has no checksum is checked by its ETag, which is made of their MD5s."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.faulty import ServiceRequest, behind, forward
from tests.local_server import Answer
from tests.services.transfers.moving.test_ranges import broken, gone_on, put_in_parts
from tests.services.transfers.places import MIB, names, plan_download
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.s3 import S3Service
from tui.services.s3.data.content import md5_of
from tui.services.s3.data.multipart import composite_etag
from tui.services.transfers import JobState, TransferService, Tuning
from tui.services.transfers.local.parts_md5 import PartsMd5
from tui.services.transfers.moving import ranges
from tui.services.transfers.moving.download import NOT_CHECKED

TUNING = Tuning(5 * MIB, range=5 * MIB)


@pytest.mark.parametrize("size", [1, 99, 100, 101, 1000])
def test_the_etag_does_not_depend_on_how_the_bytes_come(size: int) -> None:
    content = os.urandom(size)
    parts = [md5_of(content[start : start + 100]).hexdigest() for start in range(0, size, 100)]
    chosen, made, start = random.Random(size), PartsMd5(100), 0
    while start < size:
        end = start + chosen.randint(1, 250)
        made.update(memoryview(content)[start:end])
        start = end
    assert made.hexdigest() == composite_etag(parts)


@pytest.mark.parametrize(
    ("size", "cuts"),
    [(1000, ()), (3 * MIB, ()), (22 * MIB, (11,)), (22 * MIB, (8, 16))],
    ids=["quick", "single", "two-parts", "three-parts"],
)
async def test_what_arrives_of_an_object_in_parts_is_what_is_stored(
    sandbox: SandboxInfo,
    audit: AuditLog,
    s3: Any,
    bucket: str,
    tmp_path: Path,
    size: int,
    cuts: tuple[int, ...],
) -> None:
    content = os.urandom(size)
    put_in_parts(s3, bucket, content, cuts)
    lies = True

    def lie(request: ServiceRequest) -> Answer | None:
        if request.method != "GET" or not request.path.startswith(f"/{bucket}/x") or not lies:
            return None
        answer = forward(request, sandbox.endpoint_url)
        changed = bytearray(answer.data)
        changed[len(changed) // 2] ^= 1
        return replace(answer, body=bytes(changed))

    with behind(sandbox, lie, audit) as account:
        service = TransferService(S3Service(account), tuning=TUNING, first_delay=0.01)
        plan = await plan_download(service, bucket, ["x"], [], tmp_path / "to")
        number = await service.start_download(plan)
        ended = await service.queue.wait(number)
        assert "is not what is stored" in ended.failures[0].message
        assert names(tmp_path / "to") == []
        lies = False
        service.queue.retry(number)
        assert (await service.queue.wait(number)).state is JobState.DONE
        assert (await service.queue.results(number))[0].message == ""
        await service.stop()
        service.close()
    assert (tmp_path / "to" / "x").read_bytes() == content


async def test_an_object_in_equal_parts_is_gone_on_with_and_checked_as_a_whole(
    account: Any, s3: Any, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "RANGES_AT_ONCE", 1)
    content = os.urandom(22 * MIB)
    put_in_parts(s3, bucket, content, (11,))
    journal = tmp_path / "state" / "journal.sqlite"
    service = TransferService(S3Service(account), journal=journal, tuning=TUNING)
    for is_right in (False, True):
        ended = await broken(service, s3, bucket, tmp_path / "to")
        (temporary,) = (tmp_path / "to").iterdir()
        if is_right:
            assert await gone_on(service, s3, ended) == 4, "one of the two is read again"
            continue
        with temporary.open("r+b") as file:
            file.write(b"what a power cut left")
        service.queue.retry(ended.id)
        ended = await service.queue.wait(ended.id)
        assert "is not what is stored" in ended.failures[0].message
        assert names(tmp_path / "to") == []
    assert (tmp_path / "to" / "x").read_bytes() == content
    await service.stop()
    service.close()


@pytest.mark.parametrize("single", [5 * MIB, 64 * MIB], ids=["ranges", "single"])
async def test_an_object_in_unequal_parts_whose_number_tells_nothing_is_not_refused(
    account: Any, s3: Any, bucket: str, tmp_path: Path, single: int
) -> None:
    content = os.urandom(22 * MIB)
    # As many as there were if all but the last had 9 MiB.
    put_in_parts(s3, bucket, content, (9, 15))
    service = TransferService(S3Service(account), tuning=Tuning(single, range=5 * MIB))
    plan = await plan_download(service, bucket, ["x"], [], tmp_path / "to")
    number = await service.start_download(plan)
    ended = await service.queue.wait(number)
    assert ended.state is JobState.DONE, ended.failures
    assert (await service.queue.results(number))[0].message == NOT_CHECKED
    assert (tmp_path / "to" / "x").read_bytes() == content
    await service.stop()
    service.close()


async def test_what_an_earlier_run_has_left_of_such_an_object_is_not_relied_on(
    account: Any, s3: Any, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "RANGES_AT_ONCE", 1)
    content = os.urandom(22 * MIB)
    put_in_parts(s3, bucket, content, (9, 15))
    journal = tmp_path / "state" / "journal.sqlite"
    service = TransferService(S3Service(account), journal=journal, tuning=TUNING)
    ended = await broken(service, s3, bucket, tmp_path / "to")
    (temporary,) = (tmp_path / "to").iterdir()
    with temporary.open("r+b") as file:
        file.write(b"what a power cut left")
    service.queue.retry(ended.id)
    ended = await service.queue.wait(ended.id)
    assert "is not what is stored" in ended.failures[0].message
    assert await gone_on(service, s3, ended) == 5
    assert (tmp_path / "to" / "x").read_bytes() == content
    await service.stop()
    service.close()
