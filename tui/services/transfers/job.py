"""One job: a plan being carried out, counted, and able to stop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import StoppedError
from tui.services.transfers.holding_back import HoldingBack
from tui.services.transfers.job_files import AGAIN, SHOWN_UNFIT, FileWork, JobFiles, Rest, Unfit
from tui.services.transfers.job_states import FileResult, FileState, JobSnapshot, JobState
from tui.services.transfers.job_stop import JobStop
from tui.services.transfers.journal.deletions import Deletions
from tui.services.transfers.moving.transport import drawn
from tui.services.transfers.passing import may_pass
from tui.services.transfers.rates import RateMeter, longest, time_left
from tui.services.transfers.route import Route
from tui.services.transfers.under_way import UnderWay

FILES_AT_ONCE = 256
"""Files of one upload or download under way: those that no connection is free for are read or
written meanwhile. The pool and the connections bound all jobs together."""

LARGE_AT_ONCE = 64
"""Files of more than `SMALL` bytes under way, which may each be in memory; and any files that are
copied."""

SMALL = 256 * 1024

SHOWN_FAILURES = 200
"""Failures that a snapshot carries."""

SHOWN_IN_FLIGHT = 4

COUNTABLE = 2.0
"""Files a second from which their number tells the time left, too: a thousand tiny files take
their time though hardly a byte is left."""

YIELD_EVERY = 20
"""Files that a worker may end without anything else getting its turn."""

_BROKE_OFF = "The transfer broke off because of a defect in this application."


class Job:
    """The state of one job. Byte counts come from threads; all else happens on the loop."""

    def __init__(
        self,
        number: int,
        route: Route,
        files: JobFiles,
        changed: Callable[[], None],
        refuse: Callable[[], None] = lambda: None,
        deletions: Deletions | None = None,
    ) -> None:
        self.number = number
        self.route = route
        self.state = JobState.QUEUED
        self.stop = JobStop()
        self.ended = asyncio.Event()
        self._files = files
        self._changed = changed
        self._refuse = refuse
        self._deletions = deletions
        """What is deleted when all else has arrived."""
        self._counts = dict.fromkeys(FileState, 0)
        self._under_way = UnderWay()
        self._bytes_more = 0
        """What the files had more than when they were planned."""
        self._bytes_settled = dict.fromkeys(FileState, 0)
        """Bytes of files that ended without being transferred, by how they ended."""
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)
        self._holding_back = HoldingBack()
        self._first_failures: list[FileResult] = []
        self.can_go_on = False
        """Whether something failed for a reason that may pass: what was begun is kept, and a later
        run is told of it."""
        self._first_unfit: list[FileResult] = []
        self._files_unfit = 0
        self._broke_off = ""
        """Why something other than a file's own failure ended it, "" if nothing did."""
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
        self._files.over(False)
        self._rate.start()
        self._files_rate.start()
        self._changed()
        try:
            await self._transfer()
            while self._holding_back.has_passed and self._may_do_again():
                await self._transfer()
            if self._deletions is not None and not self.stop.is_set():
                await self._deletions.run(self.stop, self._changed, self._told)
        except ServiceError as error:
            # The list of the files cannot be read, or the rest of them not be found.
            self._broke_off = self._said(error)
        except StoppedError:
            # Cancelled while it waited for another window, which held the list of the files.
            self.stop.set()
        except BaseException:
            self._broke_off = self._broke_off or _BROKE_OFF
            raise
        finally:
            self._files.leave()
            # However it ends: nobody waits for ever, and what has no result was not done.
            rest = self._rest
            self._counts[rest.state] += self._files.count - self._ended_files
            if rest.message not in {"", *(each.message for each in self._first_failures)}:
                told = FileResult(self.route.place, "", rest.state, 0, rest.message)
                self._first_failures.append(told)
            self._elapsed += time.monotonic() - self._started
            self._started = None
            self.state = self._end_state()
            self._files.over(not self.can_go_on or self.stop.is_set())
            self.ended.set()
            self._changed()

    async def _transfer(self) -> None:
        await self._files.begin(self.stop, self._unfit)
        at_once = FILES_AT_ONCE
        if self.route.direction.is_within_s3:
            at_once = min(at_once, LARGE_AT_ONCE)
        await drawn(self._draw, self._one, at_once=at_once, give_up=self._break_off)
        await self._files.found()

    def _may_do_again(self) -> bool:
        """Whether files failed for what has passed meanwhile; their results are forgotten then."""
        self._holding_back.clear()
        failed = self._counts[FileState.FAILED] + self._counts[FileState.UNKNOWN]
        if self.stop.is_set() or not failed:
            return False
        self._forget_failures()
        self._changed()
        return True

    def _forget_failures(self) -> None:
        for state in AGAIN:
            self._counts[state] = self._bytes_settled[state] = 0
        self._first_failures.clear()
        self.can_go_on = False

    async def _draw(self) -> tuple[int, FileWork] | None:
        return None if self.stop.is_set() else await self._files.draw()

    @property
    def _ended_files(self) -> int:
        return sum(self._counts.values())

    @property
    def _rest(self) -> Rest:
        if self._broke_off:
            return Rest(FileState.FAILED, self._broke_off)
        return Rest(FileState.CANCELLED)

    async def _one(self, file: tuple[int, FileWork]) -> None:
        number, work = file
        if self._ended_files % YIELD_EVERY == 0:
            # Files that are skipped await nothing: a million would hold up the screen.
            await asyncio.sleep(0)
        try:
            result = await self._run(number, work)
        except StoppedError:
            result = _ended(work, self._rest.state, self._rest.message)
        except ServiceError as error:
            unknown = error.kind is ErrorKind.UNKNOWN
            state = FileState.UNKNOWN if unknown else FileState.FAILED
            result = _ended(work, state, self._said(error))
            self._holding_back.failed(error)
        except BaseException:
            self._settle(number, work, _ended(work, FileState.FAILED, _BROKE_OFF))
            raise
        else:
            self._holding_back.ended(result.state)
        self._settle(number, work, result)

    async def _run(self, number: int, work: FileWork) -> FileResult:
        if work.size <= SMALL:
            return await self._run_now(number, work)
        async with self._large:
            return await self._run_now(number, work)

    async def _run_now(self, number: int, work: FileWork) -> FileResult:
        await self._holding_back.wait(self.stop)
        on_bytes = self._under_way.begin(number, work)
        try:
            return await work.run(self.stop, on_bytes)
        finally:
            self._under_way.end(number)

    def _unfit(self, found: Unfit) -> None:
        self._counts[FileState.SKIPPED] += found.count
        self._files_unfit += found.count
        room = SHOWN_UNFIT - len(self._first_unfit)
        self._first_unfit.extend(found.first[:room])
        self._changed()

    def _said(self, error: ServiceError) -> str:
        self.can_go_on = self.can_go_on or (may_pass(error) and self._files.outlives)
        return str(error)

    def _break_off(self) -> None:
        self._broke_off = _BROKE_OFF
        self.stop.set()

    def _settle(self, number: int, work: FileWork, result: FileResult) -> None:
        self._counts[result.state] += 1
        self._files.ended(number, result)
        if result.state in {FileState.FAILED, FileState.UNKNOWN}:
            self._told(result)
        if result.state is not FileState.DONE:
            self._bytes_settled[result.state] += work.size
        elif result.size != work.size:
            # The file had another size than when it was planned; what was sent is what counts.
            self._bytes_more += result.size - work.size
        self._changed()

    def _told(self, failure: FileResult) -> None:
        if len(self._first_failures) < SHOWN_FAILURES:
            self._first_failures.append(failure)

    def _end_state(self) -> JobState:
        failed, done = self._counts[FileState.FAILED], self._counts[FileState.DONE]
        if self._deletions is not None:
            failed += self._deletions.counts.failed
            done += self._deletions.counts.done
        if self._broke_off:
            return JobState.PARTLY_FAILED if done else JobState.FAILED
        nothing_known = self._files.is_looking or not self._files.count or self._deletes
        if self._counts[FileState.CANCELLED] or (self.stop.is_set() and nothing_known):
            return JobState.CANCELLED
        if not failed:
            return JobState.UNKNOWN if self._counts[FileState.UNKNOWN] else JobState.DONE
        return JobState.PARTLY_FAILED if done else JobState.FAILED

    @property
    def _deletes(self) -> bool:
        """Whether there is something left to delete."""
        return self._deletions is not None and self._deletions.is_left

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

    def try_now(self) -> None:
        """Wait no longer before one of the files that are held back is tried."""
        self._holding_back.try_now()

    async def forget(self) -> None:
        """Clear away what was kept of it. Raises ServiceError."""
        await self._files.forget()

    @property
    def can_retry(self) -> bool:
        ended = any(self._counts[state] for state in AGAIN)
        left = self._files.is_looking or ended or self._deletes
        return left and not self.state.is_active

    def prepare_retry(self) -> None:
        """Forget the failed and cancelled files' results, so that `run` does them again.

        Raises ServiceError where it would be refused.
        """
        self._refuse()
        self._forget_failures()
        self._holding_back.clear()
        if self._deletions is not None:
            self._deletions.prepare_retry()
        self.stop.clear()
        self.stop.paused = False
        self._broke_off = ""
        self.ended.clear()
        self.state = JobState.QUEUED
        self._changed()

    async def results(self) -> tuple[FileResult, ...]:
        """How the files ended that have ended, as `JobFiles.results`."""
        results = await self._files.results(None if self.state.is_active else self._rest)
        return results + (await self._deletions.results() if self._deletions is not None else ())

    async def every_result(self) -> AsyncGenerator[tuple[FileResult, ...], None]:
        """As `results`, all files, some at a time; of very many deletions some, at the end."""
        rest = None if self.state.is_active else self._rest
        async with aclosing(self._files.every_result(rest)) as parts:
            async for part in parts:
                yield part
        if self._deletions is not None:
            yield await self._deletions.results()

    def _time_left_by_files(self, rate: float | None) -> float | None:
        if rate is None or rate < COUNTABLE:
            return None
        return time_left(rate, self._files.count - self._ended_files)

    def snapshot(self) -> JobSnapshot:
        """The job as it is now."""
        now = time.monotonic()
        done = self._under_way.bytes
        settled = sum(self._bytes_settled.values())
        total = self._files.bytes + self._bytes_more
        elapsed = self._elapsed
        rate: float | None = None
        files_rate: float | None = None
        left: float | None = None
        paused = self.stop.paused and self.state.is_active
        if self._started is not None:
            elapsed += now - self._started
        if self._started is not None and not paused:
            rate = self._rate.feed(now, done)
            # What is skipped, or fails, takes no time that tells of the rest.
            files_rate = self._files_rate.feed(now, self._counts[FileState.DONE])
            left = longest(
                time_left(rate, total - settled - done),
                self._time_left_by_files(files_rate),
            )
            if self._files.is_looking:
                left = None
        return JobSnapshot(
            id=self.number,
            direction=self.route.direction,
            bucket=self.route.bucket,
            place=self.route.place,
            only_source=self._files.only_source,
            state=self.state,
            cancelling=self.stop.is_set() and self.state.is_active,
            files_total=self._files.count,
            files_done=self._counts[FileState.DONE],
            files_skipped=self._counts[FileState.SKIPPED],
            files_failed=self._counts[FileState.FAILED],
            bytes_total=total,
            bytes_done=done,
            rate=rate,
            eta=left,
            elapsed=elapsed,
            in_flight=self._under_way.first(SHOWN_IN_FLIGHT),
            in_flight_more=max(0, len(self._under_way) - SHOWN_IN_FLIGHT),
            failures=tuple(self._first_failures),
            files_unknown=self._counts[FileState.UNKNOWN],
            to_bucket=self.route.to_bucket,
            paused=paused,
            looking=self._files.is_looking and self.state.is_active,
            can_go_on=self.can_go_on and not self.state.is_active,
            unfit=tuple(self._first_unfit),
            in_journal=self._files.outlives,
            files_unfit=self._files_unfit,
            files_rate=files_rate,
            held_back=self._holding_back.now if self.state.is_active else None,
            deletions=self._deletions.counts if self._deletions is not None else None,
        )


def _ended(work: FileWork, state: FileState, message: str = "") -> FileResult:
    return FileResult(work.source, work.destination, state, work.size, message)
