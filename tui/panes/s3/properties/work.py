"""Work on many objects, one call for each: a few at once, with progress, stopped between two.

It has the outside of `ObjectDeletion`, so that the browser carries it out.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from tui.panes.s3.change.deleting import SHOWN
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted

AT_ONCE = 8

TOLD_EVERY = 0.5
"""Seconds after which it is told anew how far large ones are."""

_ALL_FAIL = {ErrorKind.CREDENTIALS, ErrorKind.NETWORK, ErrorKind.READ_ONLY, ErrorKind.CONFLICT}
"""Reasons that are not about one object: nothing more is begun."""

_OF_ONE = {"InvalidObjectState", "OperationAborted"}
"""Codes of a conflict that is about one object all the same."""

T = TypeVar("T")


class ObjectWork(Generic[T]):
    """Work that is under way, or was. `one` does it for an object, and gives in words how that
    ended; `done` is the word for all of it, like "changed", and `inside` says how far
    large ones are."""

    def __init__(
        self,
        items: Sequence[T],
        key_of: Callable[[T], str],
        one: Callable[[T], Awaitable[str]],
        *,
        done: str,
        inside: Callable[[], str] = lambda: "",
    ) -> None:
        self.stopped = False
        """Whether no other object is to begin."""
        self.outcomes: Counter[str] = Counter()
        """How it ended, and for how many."""
        self._items = items
        self._key_of = key_of
        self._one = one
        self._word = done
        self._inside = inside
        self._failed: list[tuple[str, ServiceError]] = []

    @property
    def state(self) -> str:
        """How far it is."""
        ends = "stopping…" if self.stopped else "Esc stops"
        failed = f", {len(self._failed):,} failed" if self._failed else ""
        inside = self._inside()
        inside = f", {inside}" if inside else ""
        return f"{self._word} {self._done:,} of {len(self._items):,}{failed}{inside}, {ends}"

    @property
    def _done(self) -> int:
        return sum(self.outcomes.values())

    async def run(self) -> AsyncGenerator[Sequence[str], None]:
        """Work until nothing is left to do; no object goes by it."""
        waiting = iter(self._items)
        under_way: set[asyncio.Task[None]] = set()
        try:
            while True:
                while not self.stopped and len(under_way) < AT_ONCE:
                    following = next(waiting, None)
                    if following is None:
                        break
                    under_way.add(asyncio.create_task(self._do(following)))
                if not under_way:
                    return
                ended, under_way = await asyncio.wait(
                    under_way, timeout=TOLD_EVERY, return_when=asyncio.FIRST_COMPLETED
                )
                for each in ended:
                    each.result()
                yield ()
        finally:
            for task in under_way:
                task.cancel()

    async def _do(self, item: T) -> None:
        try:
            outcome = await self._one(item)
        except ServiceError as error:
            self._failed.append((self._key_of(item), error))
            if error.kind in _ALL_FAIL and error.code not in _OF_ONE:
                self.stopped = True
        else:
            self.outcomes[outcome] += 1

    @property
    def report(self) -> str:
        """What was done, a sentence for each way it ended; empty if nothing was."""
        return "\n".join(
            f"{counted(count, 'object')}: {outcome}." for outcome, count in self.outcomes.items()
        )

    @property
    def problem(self) -> ServiceError | None:
        """What was not done, and why; None if everything was."""
        left = len(self._items) - self._done
        if not left:
            return None
        if len(self._items) == 1 and self._failed:
            return self._failed[0][1]
        causes = [f"{key}: {error}" for key, error in self._failed[:SHOWN]]
        if len(self._failed) > SHOWN:
            causes.append(f"… and {len(self._failed) - SHOWN:,} more")
        untried = left - len(self._failed)
        if untried:
            causes.append(f"{counted(untried, 'object')} not tried: stopped.")
        kinds = {error.kind for _, error in self._failed}
        unsure = ", or it is not known" if ErrorKind.UNKNOWN in kinds else ""
        return ServiceError(
            f"{counted(left, 'object was', 'objects were')} not {self._word}{unsure}.",
            cause="\n".join(causes),
            hint="The others are done. Press i on an object to see how it is now.",
            kind=self._failed[0][1].kind if self._failed else ErrorKind.OTHER,
        )
