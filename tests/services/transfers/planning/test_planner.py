"""What goes where, and what is already there, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest

from tests.services.transfers.places import before_each, keys, plan_download, plan_upload, put, tree
from tui.services.aws import Account
from tui.services.blocking import Iterated
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Object, S3Service
from tui.services.transfers import (
    ConflictPolicy,
    ExistingObject,
    TransferService,
    UploadPlan,
    parse_patterns,
)
from tui.services.transfers.planning.planner import LOOKED_UP_ONE_BY_ONE


def planned(plan: UploadPlan) -> dict[str, int]:
    return {item.key: item.size for item in plan.items}


async def test_a_file_goes_into_a_folder_that_appears_by_itself(
    transfers: TransferService, tmp_path: Path, bucket: str
) -> None:
    tree(tmp_path, test_py=b"print()")
    plan = await plan_upload(transfers, [tmp_path / "test.py"], bucket, "python/")
    assert planned(plan) == {"python/test.py": 7}
    assert plan.items[0].existing is None
    assert plan.items[0].checked


async def test_a_folder_keeps_its_name_or_gives_only_its_content(
    transfers: TransferService, tmp_path: Path, bucket: str
) -> None:
    tree(tmp_path, csv__file1_csv=b"1", csv__file2_csv=b"2", csv__notes_txt=b"n")
    folder, patterns = tmp_path / "csv", parse_patterns('--exclude "*" --include "file*"')
    kept = await plan_upload(transfers, [folder], bucket, "in/", patterns)
    flat = await plan_upload(transfers, [folder], bucket, "csv/", patterns, keep_folder_names=False)
    assert list(planned(kept)) == ["in/csv/file1.csv", "in/csv/file2.csv"]
    assert list(planned(flat)) == ["csv/file1.csv", "csv/file2.csv"]
    assert kept.left_out.count == flat.left_out.count == 1
    assert flat.bytes == 2


async def test_two_files_for_one_key_are_reported(
    transfers: TransferService, tmp_path: Path, bucket: str
) -> None:
    tree(tmp_path, a__x_txt=b"1", b__x_txt=b"2")
    plan = await plan_upload(
        transfers, [tmp_path / "a" / "x.txt", tmp_path / "b" / "x.txt"], bucket, ""
    )
    assert planned(plan) == {"x.txt": 1}
    assert "a/x.txt goes to the same key" in plan.problems[0].reason


async def test_a_key_that_is_too_long_is_reported(
    transfers: TransferService, tmp_path: Path, bucket: str
) -> None:
    tree(tmp_path, x=b"1")
    plan = await plan_upload(transfers, [tmp_path / "x"], bucket, "é" * 512)
    assert not plan.items
    assert "1025 bytes" in plan.problems[0].reason


@pytest.mark.parametrize("count", [3, 60])
async def test_what_exists_is_seen_one_by_one_and_by_listing(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str, count: int
) -> None:
    for number in range(count):
        (tmp_path / f"f{number:03}").write_bytes(b"new")
    put(s3, bucket, **{"p/f001": b"older", "p/f0015": b"between", "q": b"elsewhere"})
    plan = await plan_upload(transfers, [tmp_path], bucket, "p/", keep_folder_names=False)
    assert [item.key for item in plan.conflicts] == ["p/f001"]
    existing = plan.conflicts[0].existing
    assert existing is not None
    assert existing.size == 5
    assert existing.etag
    assert plan.unchecked == 0


async def test_a_denied_look_leaves_items_unchecked_rather_than_new(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    tree(tmp_path, a=b"1")

    def deny(**_: Any) -> None:
        raise ServiceError("No.", kind=ErrorKind.DENIED)

    s3.meta.events.register("before-call.s3.HeadObject", deny, unique_id="deny")
    try:
        plan = await plan_upload(transfers, [tmp_path / "a"], bucket, "")
    finally:
        s3.meta.events.unregister("before-call.s3.HeadObject", unique_id="deny")
    assert plan.unchecked == 1
    assert not plan.conflicts


async def test_a_plan_is_counted_before_a_screen_asks(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    tree(tmp_path, a=b"1")
    put(s3, bucket, a=b"1")
    up = await plan_upload(transfers, [tmp_path / "a"], bucket, "")
    down = await plan_download(transfers, bucket, ["a"], [], tmp_path)
    assert {"bytes", "conflicts", "unchecked"} <= vars(up).keys()
    assert {"bytes", "conflicts", "renamed"} <= vars(down).keys()


async def test_read_only_mode_refuses_before_anything(
    read_only_account: Account, tmp_path: Path, s3: Any, bucket: str
) -> None:
    service = TransferService(S3Service(read_only_account))
    tree(tmp_path, a=b"1")
    plan = await plan_upload(service, [tmp_path / "a"], bucket, "")
    with pytest.raises(ServiceError) as raised:
        service.refuse_if_read_only()
    assert raised.value.kind is ErrorKind.READ_ONLY
    with pytest.raises(ServiceError) as raised:
        await service.start_upload(plan, ConflictPolicy.OVERWRITE)
    assert raised.value.kind is ErrorKind.READ_ONLY
    assert keys(s3, bucket) == {}
    service.close()


@pytest.mark.parametrize("may_list", [True, False])
async def test_many_chosen_keys_are_found_by_listing_and_the_rest_one_by_one(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str, *, may_list: bool
) -> None:
    chosen = [f"p/{number:02}" for number in range(LOOKED_UP_ONE_BY_ONE + 1)]
    put(s3, bucket, **dict.fromkeys(chosen, b"x"))
    heads: list[str] = []
    s3.delete_object(Bucket=bucket, Key=chosen[3])

    def refuse(**_: Any) -> None:
        if not may_list:
            raise ServiceError("No.", kind=ErrorKind.DENIED)

    with (
        before_each(s3, "HeadObject", lambda params, **_: heads.append(params["url_path"])),
        before_each(s3, "ListObjectsV2", refuse),
    ):
        plan = await plan_download(transfers, bucket, chosen, [], tmp_path, base="p/")
    assert sorted(item.key for item in plan.items) == [*chosen[:3], *chosen[4:]]
    assert {(item.size, item.etag) for item in plan.items} == {(1, md5(b"x").hexdigest())}
    assert [problem.name for problem in plan.problems] == [chosen[3]]
    assert "not there any more" in plan.problems[0].reason
    assert len(heads) == (1 if may_list else len(chosen))


async def test_a_key_that_is_no_text_is_left_out_with_the_reason(
    transfers: TransferService, tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [S3Object(key, 1, None, "", "") for key in ("d/a\udcff", "d/b")]

    def pages(*_: object, **__: object) -> Iterator[tuple[S3Object, ...]]:
        yield tuple(listed)

    monkeypatch.setattr(S3Service, "list_under", Iterated(pages))
    plan = await plan_download(transfers, bucket, [], ["d/"], tmp_path)
    assert [item.key for item in plan.items] == ["d/b"]
    assert [problem.name for problem in plan.problems] == ["d/a\udcff"]
    assert "not UTF-8" in plan.problems[0].reason


async def test_what_was_looked_up_before_is_not_asked_again(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    tree(tmp_path, a=b"1", b=b"2")
    put(s3, bucket, a=b"older")
    plan = await plan_upload(transfers, [tmp_path], bucket, "", keep_folder_names=False)
    unchecked = replace(plan, items=tuple(replace(each, existing=None) for each in plan.items))
    looked_up: dict[str, ExistingObject | None] = {"b": None}
    checked = await transfers.planner.check(unchecked, looked_up)
    assert [item.key for item in checked.conflicts] == ["a"]
    s3.delete_object(Bucket=bucket, Key="a")
    assert await transfers.planner.check(unchecked, looked_up) == checked
