"""One job: a plan being carried out, counted, and able to stop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import StoppedError
from tui.services.transfers.models import (
    Direction,
    FileResult,
    FileState,
    JobSnapshot,
    JobState,
)
from tui.services.transfers.records import JobRecord
from tui.services.transfers.transport import JobStop, several

FILES_AT_ONCE = 64
"""Files of one job under way; the pool bounds all jobs together."""

SHOWN_FAILURES = 200
"""Failures that a snapshot carries."""

SHOWN_IN_FLIGHT = 4

COUNTABLE = 2.0
"""Files a second from which their number tells the time left, too: a thousand tiny files take
their time though hardly a byte is left."""

RATE_WINDOW = 8.0
"""Seconds that a rate looks back."""

RATE_SETTLED = 1.0
"""Seconds of history before a rate is worth showing."""

YIELD_EVERY = 20
"""Files that a worker may end without anything else getting its turn."""

_AGAIN = (FileState.FAILED, FileState.UNKNOWN, FileState.CANCELLED)
"""What a retry does again."""

_BROKE_OFF = "The transfer broke off because of a defect in this application."


class Work(Protocol):
    """One file of a job, whichever way it goes."""

    @property
    def source(self) -> str: ...
    @property
    def destination(self) -> str: ...
    @property
    def size(self) -> int: ...

    async def run(self, stop: threading.Event, on_bytes: Callable[[int], None]) -> FileResult:
        """Do it. Raises ServiceError or StoppedError."""
        ...


class Job:
    """The state of one job. Byte counts come from threads; all else happens on the loop."""

    def __init__(
        self,
        number: int,
        direction: Direction,
        bucket: str,
        place: str,
        work: Sequence[Work],
        size: int,
        changed: Callable[[], None],
        refuse: Callable[[], None] = lambda: None,
        *,
        to_bucket: str = "",
        record: JobRecord | None = None,
    ) -> None:
        self._record = record
        self.number = number
        self.direction = direction
        self.bucket = bucket
        self.place = place
        self.to_bucket = to_bucket
        self.state = JobState.QUEUED
        self.stop = JobStop()
        self.ended = asyncio.Event()
        self._work = work
        self._changed = changed
        self._refuse = refuse
        self._results: dict[int, FileResult] = {}
        self._counts = dict.fromkeys(FileState, 0)
        self._in_flight: dict[int, str] = {}
        self._bytes_total = size
        self._bytes_done = 0
        self._bytes_settled = dict.fromkeys(FileState, 0)
        """Bytes of files that ended without being transferred, by how they ended."""
        self._first_failures: list[FileResult] = []
        self._broke_off = False
        """Whether something other than a file's own failure ended it."""
        self._lock = threading.Lock()
        self._rate = RateMeter()
        self._files_rate = RateMeter()
        self._started: float | None = None
        self._elapsed = 0.0

    # -- running ---------------------------------------------------------------------------

    async def run(self) -> None:
        """Transfer every file that has not been yet. Raises only for a defect, never for a file,
        and only when nothing is in flight any more.
        """
        self.state = JobState.RUNNING
        self._started = time.monotonic()
        if self._record is not None:
            self._record.over(False)
        self._rate.start()
        self._files_rate.start()
        self._changed()
        waiting = (n for n in range(len(self._work)) if n not in self._results)
        try:
            await several(waiting, self._one, at_once=FILES_AT_ONCE, give_up=self._break_off)
        finally:
            # However it ends: nobody waits for ever, and what has no result was not done.
            for number in range(len(self._work)):
                if number not in self._results:
                    self._settle(number, _ended(self._work[number], FileState.FAILED, _BROKE_OFF))
            self._elapsed += time.monotonic() - self._started
            self._started = None
            self.state = self._end_state()
            if self._record is not None:
                self._record.over(True)
            self.ended.set()
            self._changed()

    async def _one(self, number: int) -> None:
        work = self._work[number]
        if len(self._results) % YIELD_EVERY == 0:
            # Files that are skipped or cancelled await nothing: a million would hold up the screen.
            await asyncio.sleep(0)
        if self.stop.is_set():
            self._settle(number, self._stopped(work))
            return
        self._in_flight[number] = work.source
        try:
            result = await work.run(self.stop, self._add_bytes)
        except StoppedError:
            result = self._stopped(work)
        except ServiceError as error:
            unknown = error.kind is ErrorKind.UNKNOWN
            state = FileState.UNKNOWN if unknown else FileState.FAILED
            result = _ended(work, state, str(error))
        finally:
            del self._in_flight[number]
        self._settle(number, result)

    def _stopped(self, work: Work) -> FileResult:
        if self._broke_off:
            return _ended(work, FileState.FAILED, _BROKE_OFF)
        return _ended(work, FileState.CANCELLED)

    def _break_off(self) -> None:
        self._broke_off = True
        self.stop.set()

    def _settle(self, number: int, result: FileResult) -> None:
        self._results[number] = result
        self._counts[result.state] += 1
        if self._record is not None:
            self._record.ended(number, result.state)
        told = result.state in {FileState.FAILED, FileState.UNKNOWN}
        if told and len(self._first_failures) < SHOWN_FAILURES:
            self._first_failures.append(result)
        if result.state is not FileState.DONE:
            self._bytes_settled[result.state] += self._work[number].size
        elif result.size != self._work[number].size:
            # The file had another size than when it was planned; what was sent is what counts.
            self._bytes_total += result.size - self._work[number].size
        self._changed()

    def _add_bytes(self, size: int) -> None:
        with self._lock:
            self._bytes_done += size

    def _end_state(self) -> JobState:
        failed, done = self._counts[FileState.FAILED], self._counts[FileState.DONE]
        if self._counts[FileState.CANCELLED] or (self.stop.is_set() and not self._work):
            return JobState.CANCELLED
        if not failed:
            return JobState.UNKNOWN if self._counts[FileState.UNKNOWN] else JobState.DONE
        return JobState.PARTLY_FAILED if done else JobState.FAILED

    # -- asked from outside ----------------------------------------------------------------

    def cancel(self) -> None:
        """Stop between parts; the state becomes CANCELLED when what is in flight has ended."""
        self.stop.set()
        self._changed()

    def pause(self, paused: bool) -> None:
        """Begin no other request, or go on; what is in flight ends."""
        self.stop.paused = paused
        self._rate.start()
        self._files_rate.start()
        self._changed()

    @property
    def can_retry(self) -> bool:
        return not self.state.is_active and any(self._counts[state] for state in _AGAIN)

    def prepare_retry(self) -> None:
        """Forget the failed and cancelled files' results, so that `run` does them again.

        Raises ServiceError where it would be refused.
        """
        self._refuse()
        self._results = {
            number: result for number, result in self._results.items() if result.state not in _AGAIN
        }
        for state in _AGAIN:
            self._counts[state] = self._bytes_settled[state] = 0
        self._first_failures.clear()
        self.stop.clear()
        self.stop.paused = False
        self._broke_off = False
        self.ended.clear()
        self.state = JobState.QUEUED
        self._changed()

    @property
    def results(self) -> dict[int, FileResult]:
        """How the files ended that have ended, by their place in the plan; a copy, unordered."""
        return dict(self._results)

    def _time_left_by_files(self, now: float) -> float | None:
        ended = len(self._results)
        rate = self._files_rate.feed(now, ended)
        if rate is None or rate < COUNTABLE:
            return None
        return time_left(rate, len(self._work) - ended)

    def snapshot(self) -> JobSnapshot:
        """The job as it is now."""
        now = time.monotonic()
        with self._lock:
            done = self._bytes_done
        settled = sum(self._bytes_settled.values())
        elapsed = self._elapsed
        rate: float | None = None
        left: float | None = None
        paused = self.stop.paused and self.state.is_active
        if self._started is not None:
            elapsed += now - self._started
        if self._started is not None and not paused:
            rate = self._rate.feed(now, done)
            left = longest(
                time_left(rate, self._bytes_total - settled - done),
                self._time_left_by_files(now),
            )
        return JobSnapshot(
            id=self.number,
            direction=self.direction,
            bucket=self.bucket,
            place=self.place,
            only_source=self._work[0].source if len(self._work) == 1 else "",
            state=self.state,
            cancelling=self.stop.is_set() and self.state.is_active,
            files_total=len(self._work),
            files_done=self._counts[FileState.DONE],
            files_skipped=self._counts[FileState.SKIPPED],
            files_failed=self._counts[FileState.FAILED],
            bytes_total=self._bytes_total,
            bytes_done=done,
            rate=rate,
            eta=left,
            elapsed=elapsed,
            in_flight=tuple(self._in_flight.values())[:SHOWN_IN_FLIGHT],
            failures=tuple(self._first_failures),
            files_unknown=self._counts[FileState.UNKNOWN],
            to_bucket=self.to_bucket,
            paused=paused,
        )


def _ended(work: Work, state: FileState, message: str = "") -> FileResult:
    return FileResult(work.source, work.destination, state, work.size, message)


# -- how fast, and how long -----------------------------------------------------------------------


class RateMeter:
    """The rate of a growing number over the last seconds. Not thread-safe: one reader feeds it."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, int]] = deque()

    def start(self) -> None:
        """Forget the past."""
        self._points.clear()

    def feed(self, now: float, total: int) -> float | None:
        """Take note of `total` at `now` (seconds); the rate per second, None while unknown."""
        self._points.append((now, total))
        while len(self._points) > 2 and now - self._points[1][0] >= RATE_WINDOW:
            self._points.popleft()
        then, before = self._points[0]
        if now - then < RATE_SETTLED:
            return None
        return max(0.0, (total - before) / (now - then))


def time_left(rate: float | None, left: int) -> float | None:
    """Seconds to go; None when there is no rate to tell it from."""
    if not rate or left < 0:
        return None
    return left / rate


def longest(*times: float | None) -> float | None:
    """The longest of those that are known; None if none is."""
    known = [each for each in times if each is not None]
    return max(known) if known else None
