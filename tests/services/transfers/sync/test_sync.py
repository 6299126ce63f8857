"""A folder and a prefix side by side: what is new, changed, the same, or on one side only."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.services.transfers.places import body, keys, names, plan_sync, put, tree
from tui.services.aws import Connection
from tui.services.s3 import Listed
from tui.services.s3.properties.upload_attributes import UploadAttributes
from tui.services.transfers import (
    ConflictPolicy,
    Direction,
    ExistingObject,
    JobState,
    LocalFile,
    Problem,
    RemoteObject,
    SyncBy,
    SyncKind,
    SyncPlan,
    TransferService,
    Twins,
    UploadPlan,
    Verdicts,
    build_sync_plan,
    parse_patterns,
)
from tui.services.transfers.local.folding import EVERYTHING
from tui.services.transfers.local.local_walk import walk
from tui.services.transfers.local.removing import remove_files
from tui.services.transfers.sync import sync as synchronising
from tui.services.transfers.sync import sync_places
from tui.services.transfers.sync.sync_merge import in_order, merged
from tui.services.transfers.sync.sync_sides import KeptFiles, KeptObjects

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
UP, DOWN = Direction.UPLOAD, Direction.DOWNLOAD


def here(name: str, size: int = 1, *, after: float = 0.0, **more: Any) -> LocalFile:
    """A local file that is so many seconds younger than the objects."""
    moment = round((WHEN + timedelta(seconds=after)).timestamp() * 1e9)
    return LocalFile(Path("/in") / name, "in", name, size, moment, **more)


def there(name: str, size: int = 1) -> RemoteObject:
    return RemoteObject(f"p/{name}", name, name, size, f"etag-{name}", WHEN)


def planned(
    files: Iterable[LocalFile],
    objects: list[RemoteObject],
    direction: Direction = UP,
    *,
    folder: Path = Path("/in"),
    patterns: str = "",
    problems: Iterable[Problem] = (),
    **more: Any,
) -> SyncPlan:
    return build_sync_plan(
        files,
        objects,
        problems,
        direction=direction,
        bucket="b",
        prefix="p/",
        folder=folder,
        at=Connection(),
        patterns=parse_patterns(patterns),
        **more,
    )


def kinds(plan: SyncPlan) -> dict[str, str]:
    return {row.name: row.kind.value for row in plan.rows}


def test_an_upload_sends_what_is_new_of_another_size_or_newer() -> None:
    files = [here("a"), here("b"), here("c", 2), here("d", after=1), here("e", after=-1)]
    attributes = UploadAttributes("STANDARD_IA")
    plan = planned(files, [there(name) for name in "bcdef"], attributes=attributes)
    assert kinds(plan) == {
        "a": "new",
        "b": "identical",
        "c": "changed",
        "d": "changed",
        "e": "identical",
        "f": "only there",
    }
    assert isinstance(plan.transfers, UploadPlan)
    assert [(item.key, item.existing is not None) for item in plan.transfers.items] == [
        ("p/a", False),
        ("p/c", True),
        ("p/d", True),
    ]
    assert all(item.attributes == attributes for item in plan.transfers.items)
    assert plan.transfers.items[1].existing is not None
    assert plan.transfers.items[1].existing.etag == "etag-c"
    reasons = {row.name: row.reason for row in plan.rows}
    assert reasons["c"] == "another size: 1 B → 2 B"
    assert reasons["d"] == "newer here"
    assert reasons["f"] == "only in S3: stays"
    assert plan.tallies[SyncKind.SAME].count == 2
    assert plan.bytes == 4
    assert not plan.deletions.count


@pytest.mark.parametrize(
    ("by", "older", "newer"),
    [
        # As the CLI: a download sees what is older in S3, and not what is newer.
        (SyncBy.TIME, "changed", "identical"),
        (SyncBy.EXACT, "changed", "changed"),
        (SyncBy.SIZE, "identical", "identical"),
    ],
)
def test_a_download_follows_the_rule_that_was_chosen(
    tmp_path: Path, by: SyncBy, older: str, newer: str
) -> None:
    files = []
    for name, after in (("older", 5.0), ("newer", -5.0), ("equal", 0.0)):
        path = tmp_path / name
        path.write_bytes(b"x")
        moment = round((WHEN.timestamp() + after) * 1e9)
        os.utime(path, ns=(moment, moment))
        files.append(LocalFile(path, "in", name, 1, moment))
    objects = [there("equal"), there("newer"), there("older"), there("z")]
    plan = planned(sorted(files, key=lambda f: f.relative), objects, DOWN, folder=tmp_path, by=by)
    assert kinds(plan) == {"older": older, "newer": newer, "equal": "identical", "z": "new"}
    assert not plan.problems


def test_contents_that_were_not_compared_yet_are_named_and_verdicts_decide() -> None:
    files, objects = [here("a", after=9), here("b"), here("c", 2)], [there(n) for n in "abc"]
    plan = planned(files, objects, by=SyncBy.CHECKSUM)
    assert [file.relative for file, _ in plan.to_compare] == ["a", "b"]
    verdicts = {"a": True, "b": False}
    plan = planned(files, objects, by=SyncBy.CHECKSUM, verdicts=verdicts)
    assert not plan.to_compare
    assert kinds(plan) == {"a": "identical", "b": "changed", "c": "changed"}
    plan = planned(files, objects, by=SyncBy.CHECKSUM, verdicts={**verdicts, "a": None})
    assert {row.name: row.reason for row in plan.rows}["a"].startswith("nothing tells")


def test_what_the_patterns_leave_out_is_left_alone_on_both_sides() -> None:
    plan = planned(
        [here("a.csv"), here("b.tmp")],
        [there("c.csv"), there("d.tmp")],
        patterns='--exclude "*.tmp"',
        deletes=True,
    )
    assert kinds(plan) == {"c.csv": "only there", "a.csv": "new"}
    assert [each.key for each in plan.extra_objects] == ["p/c.csv"]
    assert plan.left_out.count == 2
    assert plan.deletions.count == 1


def test_nothing_is_called_only_there_whose_local_side_could_not_be_read() -> None:
    problems = (Problem("/in/locked", "permission denied"), Problem("/in/pipe", "a pipe"))
    objects = [there("locked/a"), there("locked.txt"), there("pipe")]
    plan = planned([], objects, problems=problems, deletes=True)
    assert [each.inside for each in plan.extra_objects] == ["locked.txt"]
    plan = planned([], objects, problems=(Problem("/in", "gone"),), deletes=True)
    assert not plan.extra_objects
    at_root = (Problem("/locked", "permission denied"),)
    plan = planned([], objects[:2], folder=Path("/"), problems=at_root, deletes=True)
    assert [each.inside for each in plan.extra_objects] == ["locked.txt"]


def test_hidden_files_that_are_sent_to_s3_are_counted() -> None:
    files = [here(".env"), here(".git/HEAD"), here("a/.b"), here("c")]
    assert planned(files, [there("c"), there(".git/HEAD")]).hidden == 2
    assert planned(files, [there(".x")], DOWN).hidden == 0


def test_what_links_inside_the_folder_lead_to_is_counted_and_named_where_it_is_sent() -> None:
    files = [here("a"), here("link", leads_to="/in/a"), here("same", leads_to="/in/a")]
    plan = planned(files, [there("same")])
    assert plan.links == 1
    assert [(row.name, row.leads_to) for row in plan.rows] == [
        *(("a", ""), ("link", "/in/a"), ("same", "")),
    ]


def test_links_that_lead_out_are_not_followed_and_keep_their_counterparts(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    tree(folder, real_txt=b"1")
    (folder / "out").symlink_to("/etc/hostname")
    (folder / "within").symlink_to(folder / "real.txt")
    files = [file for batch in walk([folder]) for file in batch.files]
    plan = planned(files, [there("out")], folder=folder, deletes=True)
    assert {row.name for row in plan.rows} == {"real.txt", "within"}
    assert "leads out of the chosen folder" in plan.problems[0].reason
    assert not plan.extra_objects
    # Here, a link is neither replaced nor deleted.
    plan = planned(files, [there("within", 5)], DOWN, folder=folder, deletes=True)
    assert "is a link" in plan.problems[1].reason
    assert [file.relative for file in plan.extra_files] == ["real.txt"]
    assert not plan.transfers.items


def test_a_download_takes_no_key_that_has_another_name_here(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("nowhere")
    objects = [there("../x"), there("a"), there("dir/", 0), there("y//z"), there("ok")]
    plan = planned([], objects, DOWN, folder=tmp_path)
    assert [problem.name for problem in plan.problems] == ["p/../x", "p/a", "p/y//z"]
    assert [item.key for item in plan.transfers.items] == ["p/ok"]
    # What cannot be written is a problem, and not counted among what is sent.
    assert kinds(plan) == {"ok": "new"}
    assert (plan.tallies[SyncKind.NEW].count, plan.tallies[SyncKind.NEW].bytes) == (1, 1)


def test_names_that_differ_in_case_alone_are_not_deleted_where_they_are_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [here("A")]
    plan = planned(files, [there("a")], DOWN, folder=tmp_path, deletes=True)
    assert [file.relative for file in plan.extra_files] == ["A"]
    monkeypatch.setattr(sync_places, "folds_of", lambda _: EVERYTHING)
    plan = planned(files, [there("a")], DOWN, folder=tmp_path, deletes=True)
    assert not plan.extra_files
    # Such a file system says of a file called A that it stands where a is to go.
    (tmp_path / "a").write_text("1")
    plan = planned(files, [there("a")], DOWN, folder=tmp_path, deletes=True)
    assert [problem.name for problem in plan.problems] == ["p/a"]
    assert not plan.extra_files
    assert not plan.deletions.count


def test_both_sides_are_merged_in_the_order_of_bytes_though_a_server_keeps_another() -> None:
    order = ["a-b", "a.txt", "a/b", "a0", "Z", "é", "\U0001f600", "\uffff"]
    files = [here(name) for name in sorted(order, key=lambda name: name.encode())]
    objects = in_order([there(name) for name in order])
    assert all(file and found for file, found in merged(files, objects))
    assert list(merged([here("b")], in_order([there("", 0), there("a/", 0)]))) == [
        (here("b"), None)
    ]


def test_sides_that_are_kept_on_disk_say_the_same_in_the_order_of_bytes() -> None:
    files, objects = KeptFiles(), KeptObjects("p/")
    names = ["é", "a/b", "a", "a.b", "\U0001f600", "\uffee", *(f"n{n:04}" for n in range(1100))]
    files.add([here(name) for name in names[:500]])
    files.add([here(name, leads_to="/in/\udcff") for name in names[500:]])
    objects.add([there(name, 2) for name in names])
    objects.add([there("")])
    ordered = sorted(names, key=str.encode)
    assert [each.relative for each in files] == ordered
    assert [each.inside for each in objects] == ordered
    assert set(files) == {here(name) for name in names[:500]} | {
        here(name, leads_to="/in/\udcff") for name in names[500:]
    }
    assert next(iter(objects)) == there("a", 2)
    plan = build_sync_plan(
        *(files, objects, ()),
        direction=UP,
        bucket="b",
        prefix="p/",
        folder=Path("/in"),
        at=Connection(),
    )
    sent = plan.transfers.items
    assert isinstance(plan.transfers, UploadPlan)
    assert (len(sent), plan.bytes, plan.tallies[SyncKind.CHANGED].count) == (1106, 1106, 1106)
    assert [each.key for each in plan.transfers.items] == [f"p/{name}" for name in ordered]
    last = plan.transfers.items[-1]
    assert (last.path, last.existing) == (
        Path("/in/\U0001f600"),
        ExistingObject(2, "etag-\U0001f600", None),
    )


def test_of_many_names_the_first_of_each_kind_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synchronising, "NAMED", 2)
    plan = planned([here(f"f{number}") for number in range(5)], [there("x")])
    assert list(kinds(plan)) == ["f0", "f1", "x"]
    assert plan.tallies[SyncKind.NEW].count == len(plan.transfers.items) == 5


# -- local files that are removed ----------------------------------------------------------------


def test_only_what_was_shown_and_is_unchanged_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    tree(folder, same=b"1", changed=b"1", gone=b"1", swapped=b"1", sub__deep=b"1", now__dir=b"1")
    tree(tmp_path, elsewhere__deep=b"1")
    files = [file for batch in walk([folder]) for file in batch.files]
    (folder / "changed").write_bytes(b"22")
    (folder / "gone").unlink()
    (folder / "swapped").unlink()
    (folder / "swapped").symlink_to(folder / "changed")
    (folder / "sub").rename(folder / "moved")
    (folder / "sub").symlink_to(tmp_path / "elsewhere")
    said = zip(files, remove_files(folder, files), strict=True)
    reasons = {file.path.name: str(why) for file, why in said}
    assert reasons == {
        "same": "",
        "dir": "",
        "changed": "it was changed since it was shown",
        "gone": "",
        "swapped": "it is not a regular file any more",
        "deep": "a link leads to it now",
    }
    assert names(tmp_path / "elsewhere") == ["deep"]
    assert (folder / "now").is_dir()
    folder.rename(tmp_path / "away")
    assert set(remove_files(folder, files)) == {"the folder is not there"}


# -- with a store --------------------------------------------------------------------------------


def twins_of(plan: SyncPlan) -> list[Twins]:
    return [
        Twins(file.relative, file.path, Listed(plan.bucket, found.key, found.size, found.etag))
        for file, found in plan.to_compare
    ]


async def carried_out(transfers: TransferService, plan: SyncPlan) -> None:
    job = await transfers.start_sync(plan)
    assert (await transfers.queue.wait(job)).state is JobState.DONE


@pytest.mark.parametrize("by", [SyncBy.TIME, SyncBy.CHECKSUM])
async def test_after_an_upload_everything_is_identical(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str, by: SyncBy
) -> None:
    folder = tree(tmp_path / "in", a=b"1", sub__b=b"2", c=b"33")
    put(s3, bucket, **{"p/c": b"3", "p/extra": b"x", "q/c": b"elsewhere"})
    for name in ("a", "sub/b", "c"):
        # S3 has whole seconds: what was written in this one would be newer than its object.
        os.utime(folder / name, (WHEN.timestamp(), WHEN.timestamp()))
    await carried_out(transfers, await plan_sync(transfers, folder, bucket))
    assert keys(s3, bucket) == {"p/a": 1, "p/c": 2, "p/extra": 1, "p/sub/b": 1, "q/c": 9}
    verdicts: Verdicts = {}
    plan = await plan_sync(transfers, folder, bucket, by=by, verdicts=verdicts)
    await transfers.comparer.compare(twins_of(plan), verdicts, at=plan.at)
    plan = await plan_sync(transfers, folder, bucket, by=by, verdicts=verdicts)
    assert (plan.tallies[SyncKind.SAME].count, len(plan.transfers.items)) == (3, 0)
    assert plan.tallies[SyncKind.EXTRA].count == 1


async def test_after_a_download_everything_is_identical_and_only_what_was_seen_is_replaced(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    folder = tree(tmp_path / "in", a=b"old", mine=b"m")
    put(s3, bucket, **{"p/a": b"new", "p/sub/b": b"2"})
    plan = await plan_sync(transfers, folder, bucket, DOWN, by=SyncBy.EXACT)
    assert kinds(plan) == {"a": "changed", "sub/b": "new", "mine": "only there"}
    await carried_out(transfers, plan)
    assert (folder / "a").read_bytes() == b"new"
    assert names(folder) == ["a", "mine", "sub/b"]
    plan = await plan_sync(transfers, folder, bucket, DOWN, by=SyncBy.EXACT)
    assert plan.tallies[SyncKind.SAME].count == 2


async def test_contents_are_told_apart_though_size_and_time_are_the_same(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    folder = tree(tmp_path / "in", same=b"abc", other=b"abd")
    put(s3, bucket, **{"p/same": b"abc", "p/other": b"abc"})
    verdicts: Verdicts = {}
    plan = await plan_sync(transfers, folder, bucket, by=SyncBy.CHECKSUM)
    done: list[int] = []
    await transfers.comparer.compare(twins_of(plan), verdicts, at=plan.at, progress=done.append)
    assert verdicts == {"same": True, "other": False}
    assert done == [1, 2]


async def test_an_object_that_changes_after_the_plan_is_not_overwritten(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    folder = tree(tmp_path / "in", a=b"mine")
    put(s3, bucket, **{"p/a": b"theirs, as seen"})
    plan = await plan_sync(transfers, folder, bucket)
    put(s3, bucket, **{"p/a": b"theirs, and new"})
    assert isinstance(plan.transfers, UploadPlan)
    job = await transfers.start_upload(plan.transfers, ConflictPolicy.OVERWRITE)
    assert (await transfers.queue.wait(job)).files_failed == 1
    assert body(s3, bucket, "p/a") == b"theirs, and new"
