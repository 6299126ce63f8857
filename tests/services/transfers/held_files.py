"""The files of a job that are in memory anyway."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence

from tui.services.s3 import Stop
from tui.services.transfers.job_files import AGAIN, SHOWN_RESULTS, FileWork, Rest, Unfit
from tui.services.transfers.job_states import FileResult


class HeldFiles:
    """Files that are in memory anyway."""

    is_looking = False
    outlives = True

    def __init__(self, work: Sequence[FileWork]) -> None:
        self._work = work
        self.bytes = sum(each.size for each in work)
        self._results: dict[int, FileResult] = {}
        self._next = 0

    @property
    def count(self) -> int:
        return len(self._work)

    @property
    def only_source(self) -> str:
        return self._work[0].source if len(self._work) == 1 else ""

    async def begin(self, stop: Stop, unfit: Callable[[Unfit], None]) -> None:
        kept = {n: result for n, result in self._results.items() if result.state not in AGAIN}
        self._results, self._next = kept, 0

    async def draw(self) -> tuple[int, FileWork] | None:
        while self._next < len(self._work):
            number = self._next
            self._next += 1
            if number not in self._results:
                return number, self._work[number]
        return None

    async def found(self) -> None:
        """All were known from the start."""

    def leave(self) -> None:
        """Nothing is looked for."""

    def ended(self, number: int, result: FileResult) -> None:
        self._results[number] = result

    def over(self, is_over: bool) -> None:
        """Nothing of it is written down."""

    async def forget(self) -> None:
        """Nothing is kept."""

    async def results(self, rest: Rest | None) -> tuple[FileResult, ...]:
        found = dict(self._results)
        if rest is not None:
            for number, work in enumerate(self._work):
                if number not in found:
                    found[number] = FileResult(
                        work.source, work.destination, rest.state, work.size, rest.message
                    )
        return tuple(found[number] for number in sorted(found))[:SHOWN_RESULTS]

    async def every_result(self, rest: Rest | None) -> AsyncGenerator[tuple[FileResult, ...], None]:
        yield await self.results(rest)
