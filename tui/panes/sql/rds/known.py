"""The RDS instances that are known in this run of the application: their passwords, and those that
are waited for."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from tui.services.aws import Target
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import ConnectInfo, Instance, StatusSeen
from tui.services.rds.waiting import AVAILABLE, Goal
from tui.services.sql import NO_SECRET, SecretSource


class Connect(Protocol):
    """Opens a connection in the pane: with a password, with the one that is kept somewhere, or with
    an IAM token if there is neither; whether the server has let us in with what was given: it was
    not asked if the user leaves it, or goes to a connection that is open. Raises ServiceError if it
    does not let us in."""

    def __call__(
        self, info: ConnectInfo, password: str | None, /, *, kept: SecretSource = NO_SECRET
    ) -> Awaitable[bool]: ...


@dataclass
class InstanceWatch:
    """One instance that is waited for, whether or not a dialog shows it."""

    identifier: str
    target: Target
    """The account and region that it is in."""
    goal: Goal = AVAILABLE
    began: float = field(default_factory=time.monotonic)
    changes: list[StatusSeen] = field(default_factory=list)
    """The first look at each new status, oldest first."""
    last: StatusSeen | None = None
    ended_after: float | None = None
    """Seconds; None while the waiting goes on."""
    instance: Instance | None = None
    """The instance once it is available."""
    error: ServiceError | None = None
    """Why the waiting ended otherwise."""
    on_screen: bool = False
    """Whether a dialog shows it, so that no toast needs to."""
    report: str = ""
    """What is to be said at the end; empty says that the goal is reached."""
    acts: bool = False
    """Whether it does the work itself, in steps, and does not only look: nothing takes its place
    before it has ended."""

    @property
    def elapsed(self) -> float:
        """Seconds of waiting so far, or in all."""
        if self.ended_after is not None:
            return self.ended_after
        return time.monotonic() - self.began

    @property
    def word(self) -> str:
        """The status that was seen last, in a word or two."""
        return self.last.status if self.last and self.last.status else "asked for"

    @property
    def outcome(self) -> str:
        """How it ended, a sentence or more."""
        if self.error is not None:
            return str(self.error)
        return self.report or f"{self.identifier} is {self.goal.word}."

    @property
    def done(self) -> bool:
        """Whether the waiting has ended, well or not."""
        return self.ended_after is not None

    def see(self, look: StatusSeen) -> None:
        """Keep what one look showed."""
        if look.status and (not self.changes or self.changes[-1].status != look.status):
            self.changes.append(look)
        self.last = look

    def end(self, *, instance: Instance | None = None, error: ServiceError | None = None) -> None:
        """The waiting is over."""
        self.ended_after = time.monotonic() - self.began
        self.instance = instance
        self.error = error


Looks = Callable[[InstanceWatch], AsyncIterator[StatusSeen]]
"""Looks at something until the goal is reached; may write the watch's `report`."""


class Start(Protocol):
    """Runs a coroutine in the background; shows its ServiceError."""

    def __call__(self, work: Coroutine[Any, Any, None], /, *, group: str) -> object: ...


def group_of(target: Target, identifier: str) -> str:
    """The group of the worker that follows an instance, which replaces another one of its group:
    the same name may be followed in two accounts and in two regions."""
    return "/".join(("rds-wait", target.profile or "", target.region or "", identifier))


class KnownInstances:
    """Passwords are kept in memory, for the instances that were created here, until the end."""

    def __init__(
        self,
        services: Services,
        *,
        connect: Connect,
        start: Start,
        say: Callable[[str], None],
        removing: Callable[[], None] = lambda: None,
    ) -> None:
        """`removing` is called when the deletion of something begins, and when it has ended: who
        is connected to it must not call that a lost connection."""
        self.connect = connect
        self._removing = removing
        self._services = services
        self._start = start
        self._say = say
        self._passwords: dict[tuple[Target, str], str] = {}
        self._watches: dict[tuple[Target, str], InstanceWatch] = {}

    def _key(self, identifier: str) -> tuple[Target, str]:
        return self._services.account.target, identifier

    def remember(self, identifier: str, password: str, target: Target) -> None:
        """Keep the master password of an instance of an account and region."""
        self._passwords[target, identifier] = password

    def forget(self, identifier: str) -> None:
        """Drop a password that turned out to be wrong."""
        self._passwords.pop(self._key(identifier), None)

    def password_of(self, identifier: str) -> str | None:
        """The master password, if it was entered in this run."""
        return self._passwords.get(self._key(identifier))

    @property
    def waiting(self) -> list[InstanceWatch]:
        """The waits under way, the oldest first."""
        return [watch for watch in self._watches.values() if not watch.done]

    def under_way(self, identifier: str) -> InstanceWatch | None:
        """What is waited for at an instance of this account and region, if anything."""
        watch = self._watches.get(self._key(identifier))
        return None if watch is None or watch.done else watch

    def watch(self, identifier: str, goal: Goal = AVAILABLE) -> InstanceWatch:
        """Wait for an instance in the background; the wait under way if there is one."""

        def looks(watch: InstanceWatch) -> AsyncIterator[StatusSeen]:
            return self._services.rds.wait_for(watch.identifier, goal)

        return self.follow(identifier, goal, looks)

    def follow(
        self, identifier: str, goal: Goal, looks: Looks, *, acts: bool = False
    ) -> InstanceWatch:
        """Follow any other work on something of that name, in the background. CONFLICT while a
        watch that `acts` is under way for another goal."""
        key = self._key(identifier)
        known = self._watches.get(key)
        if known is not None and not known.done:
            if known.goal is goal:
                return known
            if known.acts:
                raise ServiceError(
                    f"{identifier}: {known.word}. Wait until that has ended.",
                    kind=ErrorKind.CONFLICT,
                )
            # The worker that follows it is replaced below.
            known.end()
        watch = self._watches[key] = InstanceWatch(identifier, key[0], goal, acts=acts)
        self._start(self._follow(watch, looks), group=group_of(*key))
        return watch

    async def _follow(self, watch: InstanceWatch, looks: Looks) -> None:
        if watch.goal.removes:
            self._removing()
        try:
            async for look in looks(watch):
                watch.see(look)
        except ServiceError as error:
            watch.end(error=error)
            if not watch.on_screen:
                raise
            return
        finally:
            if watch.goal.removes:
                self._removing()
        watch.end(instance=watch.last.instance if watch.last else None)
        if watch.on_screen:
            return
        how = " In the SQL pane, Ctrl+O connects." if watch.goal is AVAILABLE else ""
        self._say(watch.outcome + how)

    def busy(self) -> str:
        """What quitting now would lose, as a sentence; empty if nothing."""
        created = [each.identifier for each in self.waiting if each.goal is AVAILABLE]
        said = []
        if created:
            said.append(
                f"{', '.join(created)}: still being created. It goes on at AWS, but its password "
                "is not kept."
            )
        others = [
            f"{each.identifier}: {each.word}" for each in self.waiting if each.goal is not AVAILABLE
        ]
        if others:
            said.append(f"{', '.join(others)}. What was asked of AWS goes on there.")
        return " ".join(said)
