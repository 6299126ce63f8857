"""The transfers screen: progress, cancel, reasons, retry, by keys."""

from __future__ import annotations

import asyncio
import csv
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.driver import NARROW, WIDE, Driver, running
from tests.services.transfers.places import plan_upload
from tui.screens.transfers import screen
from tui.screens.transfers.rows import results_text
from tui.services.bundle import Services
from tui.services.s3.data.native import NativeClient
from tui.services.transfers import (
    ConflictPolicy,
    JobState,
    Limits,
)
from tui.services.transfers.journal.journal import Journal
from tui.services.transfers.journal.resuming import cut_off

MIB = 1024 * 1024


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
        transfers.folders.last_download = tmp_path
        await driver.press("alt+s")
        await driver.sees("Save how the files ended")
        await driver.press("enter")
        await driver.sees("How 2 files ended is in")
        heads, *lines = csv.reader((tmp_path / "transfer-results.csv").read_text().splitlines())
        assert [line[:3] for line in lines] == [
            ["failed", str(tmp_path / "[red]a"), "[red]a"],
            ["done", str(tmp_path / "b"), "b"],
        ]
        assert "No such file" in lines[0][heads.index("Message")]
        (tmp_path / "[red]a").write_text("a")
        await driver.press("r")
        await driver.sees("✓ done", "2/2")
        await driver.press("D")
        await driver.sees("Nothing was transferred yet")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 2


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
        await driver.press("p")
        await driver.sees("This transfer has ended.")
        await driver.press("less_than_sign")
        await driver.sees("Only transfers that wait for their turn are put in order.")
        await driver.press("enter")
        await driver.sees("→  in/x")
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()


@pytest.mark.parametrize("outlives", [True, False])
async def test_quitting_says_whether_the_next_start_can_go_on_and_leaves_no_parts_else(
    *,
    services: Services,
    s3: Any,
    bucket: str,
    tmp_path: Path,
    closed: Gate,
    monkeypatch: pytest.MonkeyPatch,
    outlives: bool,
) -> None:
    # What is in a sandbox ends with it.
    monkeypatch.setattr(type(services.account), "is_sandbox", not outlives)
    async with running(services) as driver:
        await upload(driver, large(tmp_path), bucket)
        await driver.sees("⇅ 1 in flight")
        await driver.press("q")
        what = "the next start can go on with it" if outlives else "quitting cancels it"
        await driver.sees(f"1 transfer is in flight; {what}.")
        [job] = services.transfers.queue._jobs.values()
        await driver.press("right", "enter")
        # Not before: the upload could end first.
        await driver.until(job.stop.is_set)
        closed.open()
        await driver.until(lambda: driver.app.return_code is not None or not driver.app.is_running)
    while list(services.transfer_journal.parent.glob(f"{services.transfer_journal.stem}-*.lock")):
        # The journal is let go of on its own thread.
        await asyncio.sleep(0.001)
    journal = Journal(services.transfer_journal)
    assert len(cut_off(journal)) == outlives
    journal.close()
    assert len(s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])) == outlives


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
