"""The files of a job: drawn a few at a time, so that a million of them never sit in memory."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tui.services.s3 import Stop
from tui.services.transfers.job_states import FileResult, FileState

AGAIN = (FileState.FAILED, FileState.UNKNOWN, FileState.CANCELLED)
"""What a retry does again."""

SHOWN_RESULTS = 20_000
"""Files whose ends are listed; of more, those that failed come first."""


SHOWN_UNFIT = 20
"""Files that were found and cannot be transferred, and that a job names."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """What was found and cannot be transferred."""

    count: int = 0
    first: Sequence[FileResult] = ()
    """At most `SHOWN_UNFIT`, with the reasons."""


class FileWork(Protocol):
    """One file of a job, whichever way it goes."""

    @property
    def source(self) -> str:
        """The local path, or the key, that it comes from."""
        ...

    @property
    def destination(self) -> str:
        """The key, or the local path, that it gets."""
        ...

    @property
    def size(self) -> int:
        """Bytes, as they were when it was planned."""
        ...

    async def run(self, stop: threading.Event, on_bytes: Callable[[int], None]) -> FileResult:
        """Do it; `on_bytes` is told of bytes that have passed, and with a negative number of those
        that are to pass again. Raises ServiceError, StoppedError when `stop` was set."""
        ...


@dataclass(frozen=True, slots=True)
class Rest:
    """How the files ended that no result was noted of, once their job has ended."""

    state: FileState
    message: str = ""


class JobFiles(Protocol):
    """The files of one job, and how they ended. Used from the event loop."""

    @property
    def count(self) -> int:
        """How many there are."""
        ...

    @property
    def bytes(self) -> int:
        """Their sizes, as they were when they were planned."""
        ...

    @property
    def only_source(self) -> str:
        """The source of a file that is alone; "" for several."""
        ...

    @property
    def is_looking(self) -> bool:
        """Whether there may be more, which was not found yet."""
        ...

    @property
    def outlives(self) -> bool:
        """Whether a later run of the application can go on with them."""
        ...

    async def begin(self, stop: Stop, unfit: Callable[[Unfit], None]) -> None:
        """Draw from the start, and only what has not been done; look for more until `stop`.
        `unfit` is told what is found and cannot be transferred. Raises ServiceError."""
        ...

    async def draw(self) -> tuple[int, FileWork] | None:
        """The next file and its number; None if there is none. Raises ServiceError."""
        ...

    async def found(self) -> None:
        """Wait until nothing is looked for any more. Raises ServiceError if the look failed."""
        ...

    def leave(self) -> None:
        """Look for nothing more; never waits."""
        ...

    def ended(self, number: int, result: FileResult) -> None:
        """Note how a file has ended."""
        ...

    def over(self, is_over: bool) -> None:
        """Note that the job has ended, or begins again."""
        ...

    async def forget(self) -> None:
        """Clear away what is kept of those that failed. Raises ServiceError."""
        ...

    async def results(self, rest: Rest | None) -> tuple[FileResult, ...]:
        """How the files ended, in the plan's order, at most `SHOWN_RESULTS`; with `rest` those are
        among them that no result was noted of. Raises ServiceError."""
        ...

    def every_result(self, rest: Rest | None) -> AsyncGenerator[tuple[FileResult, ...], None]:
        """As `results`, all of them, in the plan's order and some at a time."""
        ...
