"""The transfers screen: progress, cancel, reasons, retry, by keys."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.driver import NARROW, WIDE, Driver, running, sandbox_services
from tests.services.transfers.places import plan_upload
from tui.sandbox import SandboxInfo
from tui.screens.transfers import screen
from tui.screens.transfers.rows import COLUMNS, details, results_text, row, title
from tui.services.bundle import Services
from tui.services.s3.data.native import NativeClient
from tui.services.transfers import (
    ConflictPolicy,
    DeletionCounts,
    Direction,
    FileResult,
    FileState,
    JobSnapshot,
    JobState,
    Limits,
)
from tui.widgets.grid.cells import Absent, plain_text

MIB = 1024 * 1024


@pytest.fixture
def services(sandbox: SandboxInfo, tmp_path: Path) -> Services:
    return sandbox_services(sandbox, tmp_path / "state")


@pytest.fixture
def s3(services: Services) -> Any:
    return services.account.connection.client("s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    name = f"screen-{uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    return name


class Gate:
    """Holds the requests of one operation until it is opened."""

    def __init__(self, s3: Any, operation: str) -> None:
        self._events = s3.meta.events
        self._event = f"before-call.s3.{operation}"
        self._open = threading.Event()
        self.reached = threading.Event()
        """Set when the first request stands before it."""
        self._events.register(self._event, self._hold, unique_id="gate")

    def _hold(self, **_: Any) -> None:
        self.reached.set()
        self._open.wait(30)

    def open(self) -> None:
        self._open.set()
        self._events.unregister(self._event, unique_id="gate")


@pytest.fixture
def closed(s3: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Uploads stand still until the gate is opened. They go through the SDK, which has the gate."""

    async def leave_to_the_sdk(*_: object, **__: object) -> None:
        return None

    monkeypatch.setattr(NativeClient, "put_part", leave_to_the_sdk)
    gate = Gate(s3, "UploadPart")
    yield gate
    gate.open()


async def upload(driver: Driver, path: Path, bucket: str) -> int:
    transfers = driver.app.services.transfers  # type: ignore[union-attr]  # opened by now
    plan = await plan_upload(transfers, [path], bucket, "in/")
    return await transfers.start_upload(plan, ConflictPolicy.SKIP)


def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.bin"
    with path.open("wb") as stream:
        stream.truncate(60 * MIB)
    return path


async def test_nothing_yet_says_how_to_begin(services: Services) -> None:
    async with running(services, size=WIDE) as driver:
        await driver.press("f9")
        await driver.sees("Nothing was transferred yet", "u uploads, d downloads")
        await driver.press("escape")
        await driver.misses("Nothing was transferred yet")


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_running_upload_is_shown_and_cancelled_without_a_trace(
    services: Services,
    s3: Any,
    bucket: str,
    tmp_path: Path,
    closed: Gate,
    size: tuple[int, int],
) -> None:
    async with running(services, size=size) as driver:
        job = await upload(driver, large(tmp_path), bucket)
        await driver.press("f9")
        await driver.sees(f"s3://{bucket}/in/", "0%", "0/1", "1 in flight", "large", "? left")
        await driver.until(closed.reached.is_set, "a part under way")
        await driver.press("x")
        await driver.sees("cancelling…")
        closed.open()
        await driver.sees("cancelled", "0 in flight")
        assert services.transfers.queue.job(job).state is JobState.CANCELLED
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


async def test_a_cancelled_upload_is_done_again_with_r(
    services: Services, s3: Any, bucket: str, tmp_path: Path, closed: Gate
) -> None:
    (tmp_path / "large.bin").write_bytes(os.urandom(10 * MIB))
    async with running(services) as driver:
        await upload(driver, tmp_path / "large.bin", bucket)
        await driver.press("f9")
        await driver.sees("0/1")
        await driver.until(closed.reached.is_set, "a part under way")
        await driver.press("x")
        await driver.sees("cancelling…")
        closed.open()
        await driver.sees("– cancelled")
        await driver.press("r")
        await driver.sees("✓ done", "1/1", "1 of 1 file uploaded")
    assert s3.head_object(Bucket=bucket, Key="in/large.bin")["ContentLength"] == 10 * MIB


async def test_failures_say_which_file_and_why_and_can_be_retried(
    services: Services, s3: Any, bucket: str, tmp_path: Path
) -> None:
    (tmp_path / "[red]a").write_text("a")
    (tmp_path / "b").write_text("b")
    async with running(services) as driver:
        transfers = services.transfers
        plan = await plan_upload(transfers, [tmp_path / "[red]a", tmp_path / "b"], bucket, "")
        (tmp_path / "[red]a").unlink()
        await transfers.queue.wait(await transfers.start_upload(plan))
        await driver.press("f9")
        await driver.sees("✗ partly failed", "1/2", "[red]a", "No such file or directory")
        await driver.press("enter")
        await driver.sees("done", "→  b", "failed")
        await driver.press("escape")
        (tmp_path / "[red]a").write_text("a")
        await driver.press("r")
        await driver.sees("✓ done", "2/2")
        await driver.press("D")
        await driver.sees("Nothing was transferred yet")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 2


def ended(**changed: Any) -> JobSnapshot:
    """Three files of 1 KiB in all, uploaded."""
    job = JobSnapshot(
        id=1,
        direction=Direction.UPLOAD,
        bucket="b",
        place="",
        only_source="",
        state=JobState.DONE,
        cancelling=False,
        files_total=3,
        files_done=3,
        files_skipped=0,
        files_failed=0,
        bytes_total=1024,
        bytes_done=1024,
        rate=None,
        eta=None,
        elapsed=1.0,
    )
    return replace(job, **changed)


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (ended(), "✓ done"),
        (ended(files_done=1, files_skipped=2), "✓ done, 2 skipped"),
        (ended(files_done=0, files_skipped=3, bytes_done=0), "– skipped"),
        (ended(state=JobState.RUNNING), "█" * 16 + " ending"),
        (
            ended(state=JobState.RUNNING, deletions=DeletionCounts("object", 4, 1)),
            "█" * 3 + "░" * 12 + " deleting",
        ),
        (
            ended(state=JobState.RUNNING, deletions=DeletionCounts("object", 4, 1, waits=True)),
            "waiting: journal in use",
        ),
        (
            ended(files_skipped=1, deletions=DeletionCounts("file", 4, is_held_back=True)),
            "✓ done, none deleted",
        ),
        (ended(state=JobState.RUNNING, paused=True), "█" * 16 + " paused"),
    ],
)
def test_a_row_says_how_its_transfer_ended_and_has_room_for_it(job: JobSnapshot, said: str) -> None:
    progress = plain_text(row(job)[1])
    assert progress == said
    assert len(progress) <= COLUMNS[1].max_width


def test_a_transfer_that_still_finds_files_claims_no_total() -> None:
    unfit = FileResult("/d/pipe", "", FileState.SKIPPED, 0, "not a regular file")
    job = ended(state=JobState.RUNNING, files_total=120_000, looking=True, unfit=(unfit,))
    assert title(job) == "↑ 120,000+ files → s3://b/"
    cells = [plain_text(cell) for cell in row(job)]
    assert cells[1:4] == ["still looking for files", "3/120,000+", "1.0 KiB / 1.0 KiB+"]
    said = details(job).plain
    assert "3 of 120,000+ files, still looking uploaded" not in said
    assert "/d/pipe\n    not a regular file" in said


def test_a_transfer_that_only_deletes_speaks_of_no_files_and_bytes() -> None:
    counts = DeletionCounts("object", 4000, 1000)
    job = ended(state=JobState.RUNNING, files_total=0, files_done=0, deletions=counts)
    assert row(job)[2:] == ("1,000/4,000", *[Absent.BLANK] * 3)
    assert "\n1,000 of 4,000 objects deleted, 0:01 so far" in details(job).plain
    waits = details(replace(job, deletions=replace(counts, waits=True))).plain
    assert "objects deleted, waiting for another window, which holds the journal" in waits


def test_what_is_kept_of_a_failure_is_said_with_its_keys() -> None:
    job = ended(state=JobState.FAILED, files_done=0, files_failed=3, can_go_on=True)
    assert "r goes on from there, C after a restart" in details(job).plain
    assert "r goes on" not in details(ended(state=JobState.FAILED)).plain


def test_what_is_not_known_is_no_text_in_apostrophes() -> None:
    cells = row(ended(state=JobState.RUNNING, bytes_done=1))
    assert cells[4:] == (Absent.UNKNOWN, Absent.UNKNOWN)


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (ended(), "↑ 3 files → s3://b/"),
        (ended(files_total=1, only_source="/home/me/a.csv", place="p/"), "↑ a.csv → s3://b/p/"),
        (ended(direction=Direction.DOWNLOAD, place="/tmp"), "↓ 3 files of s3://b → /tmp"),
        (
            ended(direction=Direction.DOWNLOAD, only_source="d/a.csv", place="/tmp"),
            "↓ s3://b/d/a.csv → /tmp",
        ),
        (
            ended(
                direction=Direction.DOWNLOAD,
                place="/tmp",
                deletions=DeletionCounts("file", 4),
            ),
            "↓ 3 files of s3://b → /tmp, then 4 deletions there",
        ),
        (
            ended(files_total=0, place="p/", deletions=DeletionCounts("object", 4)),
            "↑ 4 deletions in s3://b/p/",
        ),
        (ended(direction=Direction.MOVE, place="s3://c/"), "» move 3 objects of s3://b → s3://c/"),
    ],
)
def test_a_title_names_what_goes_where(job: JobSnapshot, said: str) -> None:
    assert title(job) == said


async def test_a_report_of_very_many_files_does_not_hold_the_screen(
    services: Services, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x").write_text("x")
    threads: list[threading.Thread] = []

    def noting(results: Any) -> str:
        threads.append(threading.current_thread())
        return results_text(results)

    monkeypatch.setattr(screen, "results_text", noting)
    async with running(services) as driver:
        job = await upload(driver, tmp_path / "x", bucket)
        await services.transfers.queue.wait(job)
        await driver.press("f9")
        await driver.sees("✓ done")
        await driver.press("enter")
        await driver.sees("→  in/x")
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()


async def test_the_header_counts_and_quitting_asks_and_leaves_no_parts(
    services: Services, s3: Any, bucket: str, tmp_path: Path, closed: Gate
) -> None:
    async with running(services) as driver:
        await upload(driver, large(tmp_path), bucket)
        await driver.sees("⇅ 1 in flight")
        await driver.press("q")
        await driver.sees("1 transfer is in flight; quitting cancels it.")
        await driver.press("right")
        closed.open()
        await driver.press("enter")
        await driver.until(lambda: driver.app.return_code is not None or not driver.app.is_running)
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []


async def test_a_transfer_goes_on_while_other_screens_are_open(
    services: Services, s3: Any, bucket: str, tmp_path: Path
) -> None:
    (tmp_path / "x").write_text("x")
    async with running(services) as driver:
        job = await upload(driver, tmp_path / "x", bucket)
        await driver.press("f9")
        await driver.press("escape", "f3")
        assert (await services.transfers.queue.wait(job)).state is JobState.DONE
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1


async def test_limits_are_set_and_waiting_transfers_are_put_in_order_by_keys(
    services: Services, s3: Any, bucket: str, tmp_path: Path, closed: Gate
) -> None:
    async with running(services, size=WIDE) as driver:
        for name in "abcde":
            (path := tmp_path / name).symlink_to(large(tmp_path))
            await upload(driver, path, bucket)
        await driver.press("f9")
        await driver.sees("waiting, next", "waiting, no. 2", "5 in flight")
        await driver.press("less_than_sign")
        await driver.until(lambda: services.transfers.queue.jobs[0].turn == 1, "e is next")
        await driver.press("T")
        await driver.sees("Limit all transfers together")
        await driver.press(*"8 Mbit", "enter", *"99")
        await driver.press("ctrl+s")
        await driver.sees("Write a whole number from 1 to 64.")
        await driver.press("backspace", "enter")
        await driver.sees("at most 1 MB/s, 9 requests at once (T)")
        assert services.transfers.limits == Limits(rate=1_000_000, requests=9)
        await driver.press("T")
        await driver.sees("1 MB/s")
        await driver.press("ctrl+u", "enter", "ctrl+u", "ctrl+s")
        await driver.misses("at most")
        for number in range(1, 6):
            services.transfers.queue.cancel(number)
        closed.open()


async def test_the_pane_shows_what_was_begun_on_the_screen_and_lists_the_bucket_anew(
    services: Services, s3: Any, bucket: str, tmp_path: Path
) -> None:
    (tmp_path / "x").write_text("x")
    async with running(services, size=WIDE, location=f"s3://{bucket}/in/") as driver:
        await driver.sees("Nothing here yet")
        await driver.press("f9")
        job = await upload(driver, tmp_path / "x", bucket)
        await services.transfers.queue.wait(job)
        await driver.press("escape")
        await driver.sees("1 file uploaded", "1 item")
