"""Calls that end on the event loop are in the audit log before anybody goes on."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tui.services.audit import AuditEntry, AuditLog
from tui.services.s3.data import small_requests
from tui.services.s3.data.small_requests import AuditLines


class CountedLog(AuditLog):
    """Tells how often it is written to."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.writes: list[int] = []

    def append_all(self, entries: Sequence[AuditEntry]) -> None:
        self.writes.append(len(entries))
        super().append_all(entries)


def entry(number: int) -> AuditEntry:
    return AuditEntry("s3", "PutObject", {"Key": str(number)}, "ok")


def keys(log: AuditLog) -> list[str]:
    return [json.loads(line)["target"]["Key"] for line in log.path.read_text().splitlines()]


async def test_lines_that_end_together_are_written_together(tmp_path: Path) -> None:
    log = CountedLog(tmp_path / "audit.jsonl")
    lines = AuditLines(log)

    async def append(number: int) -> None:
        await lines.append(entry(number))
        assert str(number) in keys(log)

    await asyncio.gather(*(append(number) for number in range(50)))
    assert sorted(map(int, keys(log))) == list(range(50))
    assert len(log.writes) < 5


def test_the_end_of_the_loop_loses_none_for_which_no_thread_was_free(tmp_path: Path) -> None:
    log = CountedLog(tmp_path / "audit.jsonl")
    goes_on = threading.Event()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(1))
        busy = loop.run_in_executor(None, goes_on.wait)
        lines = AuditLines(log)
        for number in (1, 2):
            waits = asyncio.ensure_future(lines.append(entry(number)))
            await asyncio.sleep(0.001)
            assert not waits.done()
        loop.call_soon(goes_on.set)
        assert not busy.done()

    asyncio.run(main())
    assert sorted(keys(log)) == ["1", "2"]


def test_the_end_of_the_loop_loses_none(tmp_path: Path) -> None:
    log = CountedLog(tmp_path / "audit.jsonl")

    async def main() -> None:
        lines = AuditLines(log)
        first = asyncio.ensure_future(lines.append(entry(1)))
        while not log.writes:
            await asyncio.sleep(0)
        others = [asyncio.ensure_future(lines.append(entry(number))) for number in (2, 3)]
        await asyncio.sleep(0)
        assert not any(each.done() for each in others)
        first.cancel()

    asyncio.run(main())
    assert sorted(keys(log)) == ["1", "2", "3"]


def test_lines_that_come_one_by_one_wait_for_each_other_and_the_end_loses_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small_requests, "EVERY", 3600)
    log = CountedLog(tmp_path / "audit.jsonl")

    async def main() -> None:
        lines = AuditLines(log)
        await lines.append(entry(1))
        others = []
        for number in (2, 3):
            others.append(asyncio.ensure_future(lines.append(entry(number))))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        assert keys(log) == ["1"]
        assert not any(each.done() for each in others)

    asyncio.run(main())
    assert sorted(keys(log)) == ["1", "2", "3"]
    assert len(log.writes) == 2
