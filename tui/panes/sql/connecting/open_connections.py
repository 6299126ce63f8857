"""The connections that are open in the SQL pane, without widgets, and which of them is shown.

What is shown is what statements run on. The others go on: what ends there is told, and what went
wrong is kept until they are shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from tui.panes.sql import wording
from tui.panes.sql.connecting.connected import Known
from tui.panes.sql.runner import QueryRunner
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import DatabaseTarget, Rules, Secrets, TransactionState
from tui.services.sql.connecting.places import LibpqPlace, place_of

MOST_OPEN = 8
"""Connections that can be open at a time: each is a process on its server, of which it has few."""

MAX_RECENT = 9
"""Databases of this run of the application that are offered again."""

_IN_TRANSACTION = frozenset({TransactionState.OPEN, TransactionState.FAILED})

Tell = Callable[[str, bool], None]
"""Says a sentence to the user; whether it is of something that went wrong."""


class ConnectionWork:
    """See `OpenConnections.work`."""

    def __init__(
        self,
        is_shown: Callable[[], bool],
        failed: Callable[[ServiceError], None],
        ended: Callable[[], None] | None,
    ) -> None:
        self._is_shown, self._failed, self._ended = is_shown, failed, ended

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if self._is_shown():
            return False
        if isinstance(error, ServiceError):
            self._failed(error)
            return True
        if error is None and self._ended is not None:
            self._ended()
        return False


class OpenConnections:
    """Calls `changed` whenever something of the connection that is shown has changed, or what is
    said of the others."""

    def __init__(self, services: Services, changed: Callable[[], None], tell: Tell) -> None:
        self.open: list[QueryRunner] = []
        """In the order in which they were opened."""
        self.recent: list[Known] = []
        """The databases of this run, the newest first."""
        self.news: dict[QueryRunner, str] = {}
        """What has happened on connections since they were shown last, in one word."""
        self._services = services
        self._changed, self._tell = changed, tell
        self._connecting: list[str] = []
        self._opening: list[asyncio.Future[None]] = []
        self._known_lost: set[QueryRunner] = set()
        self._closed = False
        self.shown = self._made()
        """The one that is drawn; not connected while none is open."""

    # -- what they are now ------------------------------------------------------------------------

    @property
    def location(self) -> tuple[str, str]:
        """Who is connected where, which of the connections it is, and what the others do."""
        place, state = self.shown.location
        said = [state]
        if len(self.open) > 1:
            said.insert(0, self._count)
        if self._connecting and self.shown.session is None:
            return self._connecting[-1], "connecting…"
        if self._connecting:
            said.insert(0, f"connecting to {self._connecting[-1]}…")
        return place, " · ".join(said)

    @property
    def brief_state(self) -> str:
        """What must be seen of the second part of `location` where there is no room for it."""
        session = self.shown.session
        if session is None or self._connecting or self.shown.deleted_instance:
            return ""
        brief = wording.brief_state(session)
        several = f"{self.open.index(self.shown) + 1} of {len(self.open)}"
        return f"{several} · {brief}" if brief and len(self.open) > 1 else brief

    @property
    def _count(self) -> str:
        """ "2 of 3 (1 lost)": of what the others do, what matters most."""
        said = f"{self.open.index(self.shown) + 1} of {len(self.open)}"
        others = [each for each in self.open if each is not self.shown]
        marks = [self.mark(each) for each in others]
        for mark in ("lost", "failed", "ended", "in transaction", "running"):
            if mark in marks:
                return f"{said} ({marks.count(mark)} {mark})"
        return said

    def mark(self, runner: QueryRunner) -> str:
        """What is to be known of a connection that is not shown; empty if nothing."""
        if runner.state is TransactionState.LOST:
            return "lost"
        if runner in self.news:
            return self.news[runner]
        if runner.running:
            return "running"
        return "in transaction" if runner.state in _IN_TRANSACTION else ""

    def at_stake(self, ending: str = "quitting") -> list[str]:
        """What would be lost with all of them, as sentences."""
        if len(self.open) < 2:
            return self.shown.at_stake(ending)
        return [f"{name_of(each)}: {line}" for each in self.open for line in each.at_stake(ending)]

    # -- opening and closing ----------------------------------------------------------------------

    async def connect(self, target: DatabaseTarget, secrets: Secrets) -> QueryRunner:
        """Open a connection beside the others and show it.

        CONFLICT if as many are open as can be, CANCELLED after `give_up`, PasswordNeededError if
        the server wants a password or does not take this one. What was shown stays shown then.
        """
        self.refuse_more()
        runner = self._made()
        self._connecting.append(target.label)
        self._changed()
        opening = asyncio.ensure_future(runner.connect(target, secrets))
        self._opening.append(opening)
        try:
            await opening
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if opening.cancel() or task is None or task.cancelling():
                raise
            raise ServiceError(
                f"Connecting to {target.label} was given up.", kind=ErrorKind.CANCELLED
            ) from None
        finally:
            self._opening.remove(opening)
            self._connecting.remove(target.label)
            self._changed()
        if self._closed:
            runner.close()
            return runner
        for each in self.open:
            if each.known is not None and each.known[0] == target:
                # The same again: how it is used was chosen for it.
                runner.use_like(each)
        others = [each for each in self.recent if each[0].label != target.label]
        self.recent = [(target, secrets), *others][:MAX_RECENT]
        self.open.append(runner)
        self.show(runner)
        return runner

    @property
    def is_connecting(self) -> bool:
        """Whether a connection is on its way."""
        return bool(self._opening)

    def give_up(self) -> None:
        """Wait no longer for the connection that was begun last."""
        if self._opening:
            self._opening[-1].cancel()

    def refuse_more(self) -> None:
        """CONFLICT if as many are open, or on their way, as can be."""
        if len(self.open) + len(self._connecting) >= MOST_OPEN:
            raise ServiceError(
                f"{MOST_OPEN} connections are open, and more are not opened.",
                hint="Alt+K lists them; x closes one there.",
                kind=ErrorKind.CONFLICT,
            )

    def made_for(self, target: DatabaseTarget) -> QueryRunner | None:
        """The open connection that was made for exactly this target, if there is one."""
        return next((each for each in self._own_first if _is_for(each, target)), None)

    async def like(self, target: DatabaseTarget) -> QueryRunner | None:
        """An open connection to the same database of the same server as the same user, treated as
        carefully, if there is one. What it is called says nothing: a saved connection may lead
        elsewhere by now."""
        place = await asyncio.to_thread(place_of, target)
        return next((each for each in self._own_first if _is_at(each, place, target.rules)), None)

    @property
    def _own_first(self) -> list[QueryRunner]:
        own = [self.shown] if self.shown in self.open else []
        return [*own, *self.open]

    def close_one(self, runner: QueryRunner) -> None:
        """End a connection, with all that is at stake on it. If it was shown, the one behind it is,
        or else the one before."""
        if runner not in self.open:
            return
        at = self.open.index(runner)
        self.open.remove(runner)
        self._forget(runner)
        runner.close()
        if runner is self.shown:
            self.shown = self.open[min(at, len(self.open) - 1)] if self.open else self._made()
            self.news.pop(self.shown, None)
        self._changed()

    def close(self) -> None:
        """End all of them without waiting; what they still have to say is said to nobody."""
        self._closed = True
        for each in self.open:
            each.close()

    # -- showing ----------------------------------------------------------------------------------

    def show(self, runner: QueryRunner) -> None:
        """Show a connection; statements run on it from now on. A transaction that stays open where
        one comes from is told of."""
        if runner in self.open and runner is not self.shown:
            before, self.shown = self.shown, runner
            if before in self.open and before.state in _IN_TRANSACTION:
                self._tell(f"{name_of(before)}: its transaction stays open. Alt+K lists it.", False)
            self.news.pop(runner, None)
            self._changed()

    def step(self, step: int) -> None:
        """Show the next one or the one before; behind the last comes the first."""
        if self.shown in self.open:
            self.show(self.open[(self.open.index(self.shown) + step) % len(self.open)])

    def _made(self) -> QueryRunner:
        runner = QueryRunner(self._services, lambda: self._runner_changed(runner))
        return runner

    def _runner_changed(self, runner: QueryRunner) -> None:
        # Nothing of another connection reaches what is drawn, but for what is said of the others.
        if runner is self.shown or runner in self.open:
            self._changed()

    # -- what ends where it is not seen -----------------------------------------------------------

    def work(self, runner: QueryRunner, *, tells_end: bool = True) -> ConnectionWork:
        """What may take long on a connection, for `with`. If another is shown when it ends, that is
        told, and its error is kept for when this one is shown again; else its error is raised."""
        return ConnectionWork(
            lambda: runner is self.shown,
            partial(self._failed, runner),
            partial(self._ended, runner) if tells_end else None,
        )

    def _ended(self, runner: QueryRunner) -> None:
        if runner in self.open:
            self.news[runner] = "ended"
            self._tell(f"{name_of(runner)}: {runner.status or 'ended'}", False)
            self._changed()

    def _failed(self, runner: QueryRunner, error: ServiceError) -> None:
        if runner not in self.open:
            return  # it was closed, and with it what ran
        runner.error = error
        self.news[runner] = "failed"
        if runner.state is TransactionState.LOST:
            self._known_lost.add(runner)
        self._tell(f"{name_of(runner)}: {error.message}", True)
        self._changed()

    def look(self) -> None:
        """Look whether their servers are still there; never waits."""
        for each in self.open:
            each.look()
            if each.state is not TransactionState.LOST:
                self._known_lost.discard(each)
            elif each not in self._known_lost:
                self._known_lost.add(each)
                if each is not self.shown:
                    self._tell(f"{name_of(each)}: the connection is lost.", True)

    def _forget(self, runner: QueryRunner) -> None:
        self.news.pop(runner, None)
        self._known_lost.discard(runner)


def name_of(runner: QueryRunner) -> str:
    """Who is connected where."""
    return "not connected" if runner.session is None else runner.session.info.label


def _is_for(runner: QueryRunner, target: DatabaseTarget) -> bool:
    return runner.known is not None and runner.known[0] == target and _is_usable(runner)


def _is_at(runner: QueryRunner, place: LibpqPlace, rules: Rules) -> bool:
    if runner.known is None or not _is_usable(runner):
        return False
    return (runner.place, runner.known[0].rules) == (place, rules)


def _is_usable(runner: QueryRunner) -> bool:
    return runner.session is not None and runner.state is not TransactionState.LOST
