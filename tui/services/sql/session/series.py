"""Statements that are run one behind the other in one call, and what they have come to so far."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tui.services.errors import ErrorKind
from tui.services.sql.models import Page, Result, Row, SqlError
from tui.services.sql.session.results import LARGE_PAGE
from tui.services.sql.session.row_lengths import characters_of
from tui.services.sql.text.statements import Statement

READ_AHEAD_ROWS = 10_000
READ_AHEAD_CHARACTERS = 16 * 1024 * 1024
"""Rows of a result, and characters of them, from which on no more of it is read ahead."""

MOST_WAITING = 500
MOST_WAITING_BYTES = 16 * 1024 * 1024
"""Results that wait to be taken, with which a call ends; and about how many bytes of rows."""

Pack = Callable[[Sequence[Row]], bytes]


@dataclass(frozen=True)
class Ended:
    """A statement that was carried out."""

    result: Result
    pages: tuple[tuple[Page, bytes], ...] = ()
    """The pages behind the first, as they came and packed: what is kept of a result of which the
    next statement ends the rest."""


class Series:
    """Statements, run in order up to the first that fails. One thread runs them while another looks
    how far they are."""

    def __init__(self, statements: Sequence[Statement], pack: Pack) -> None:
        """`pack` packs the rows of a page that is read ahead; it is called on the thread that runs
        them."""
        self.statements = tuple(statements)
        self.at = 0
        """The index of the statement that runs, or failed."""
        self.begun = time.monotonic()
        """When it began, by the monotonic clock."""
        self._pack = pack
        self._done = 0
        self.is_stopped = False
        """Whether the next one is not to be begun: see `stop`."""
        self._ended: deque[Ended] = deque()

    @property
    def current(self) -> Statement:
        """The statement that runs, or failed; at the end the last one."""
        return self.statements[self.at]

    def stop(self) -> None:
        """Begin no further one. What runs is cancelled by its session, which has nothing to cancel
        between two calls."""
        self.is_stopped = True

    @property
    def is_begun(self) -> bool:
        """Whether one of them was carried out."""
        return self._done > 0

    @property
    def is_over(self) -> bool:
        """Whether all of them were carried out."""
        return self._done == len(self.statements)

    def refuse(self) -> None:
        """Raise SqlError (CANCELLED) in the place of the next statement."""
        self.at, self.begun = self._done, time.monotonic()
        when = "between two statements" if self._done else "before anything was sent to the server"
        raise SqlError(f"Cancelled {when}.", kind=ErrorKind.CANCELLED)

    def take(self) -> list[Ended]:
        """Those that ended since this was asked last, in order."""
        return [self._ended.popleft() for _ in range(len(self._ended))]

    def run(
        self,
        run: Callable[[Statement], Result],
        more: Callable[[Result, int], Page],
        stopped: Callable[[], bool],
    ) -> None:
        """Run those that are left, as many as fit until what has ended is taken. Blocking; raises
        what `run` and `more` do, and SqlError (CANCELLED) between two statements."""
        waiting = 0
        while not self.is_over and len(self._ended) < MOST_WAITING and waiting < MOST_WAITING_BYTES:
            self.at, self.begun = self._done, time.monotonic()
            if self.is_stopped or (self._done and stopped()):
                self.refuse()
            result = run(self.current)
            is_last = self._done + 1 == len(self.statements)
            pages = () if is_last or result.complete else tuple(self._ahead(result, more))
            if not is_last:
                waiting += characters_of(result.rows) + sum(len(block) for _, block in pages)
            self._done += 1
            self._ended.append(Ended(result, pages))

    def _ahead(
        self, result: Result, more: Callable[[Result, int], Page]
    ) -> list[tuple[Page, bytes]]:
        """As much as is kept of a result whose rest the server is about to give up."""
        found: list[tuple[Page, bytes]] = []
        count, characters = len(result.rows), characters_of(result.rows)
        while count < READ_AHEAD_ROWS and characters < READ_AHEAD_CHARACTERS:
            page = more(result, LARGE_PAGE)
            found.append((page, self._pack(page.rows)))
            if page.complete:
                break
            count += len(page.rows)
            characters += characters_of(page.rows)
        return found
