"""Passwords and waits of this run, without an application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from tests.services.rds.instances import instance
from tui.panes.sql.rds.deleting import GONE
from tui.panes.sql.rds.known import InstanceWatch, KnownInstances, group_of
from tui.panes.sql.rds.progress import progress_text
from tui.services.aws import Target
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import StatusSeen

PASSWORD = "correct-horse-9"


class Rig:
    """The instances known, on an RDS that says what it is told to."""

    def __init__(self, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
        self.said: list[str] = []
        self.works: list[asyncio.Task[None]] = []
        self.groups: list[str] = []
        self.looks: asyncio.Queue[StatusSeen | ServiceError | None] = asyncio.Queue()
        self.removing: list[str] = []
        self.known = KnownInstances(
            services,
            connect=self._connect,
            start=self._start,
            say=self.said.append,
            removing=lambda: self.removing.append("removing"),
        )
        monkeypatch.setattr(services.rds, "wait_for", self._looks)

    async def _connect(self, *_: object, kept: object = None) -> bool:
        raise NotImplementedError

    def _start(self, work: Coroutine[Any, Any, None], /, *, group: str) -> None:
        self.groups.append(group)
        self.works.append(asyncio.ensure_future(work))

    async def _looks(self, identifier: str, goal: object) -> AsyncIterator[StatusSeen]:
        while (look := await self.looks.get()) is not None:
            if isinstance(look, ServiceError):
                raise look
            yield look

    async def see(self, *looks: StatusSeen | ServiceError | None) -> None:
        """Let RDS answer this, None for the end."""
        for look in looks:
            self.looks.put_nowait(look)
        while not self.looks.empty():
            await asyncio.sleep(0)
        await asyncio.sleep(0)


@pytest.fixture
async def rig(services: Services, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    rig = Rig(services, monkeypatch)
    yield rig
    for work in rig.works:
        work.cancel()


def look(status: str, elapsed: float = 1.0, *, trouble: str = "") -> StatusSeen:
    found = instance("demo", status) if status else None
    return StatusSeen("demo", status, elapsed, found, trouble)


async def test_a_wait_keeps_each_status_once_and_says_when_the_instance_is_ready(rig: Rig) -> None:
    watch = rig.known.watch("demo")
    await rig.see(look("creating"), look("creating", 2.0), look("backing-up", 3.0))
    assert [each.status for each in watch.changes] == ["creating", "backing-up"]
    assert rig.known.waiting == [watch]
    assert rig.known.busy().startswith("demo: still being created.")
    await rig.see(look("available", 4.0), None)
    await rig.works[0]
    assert watch.instance is not None
    assert watch.done
    assert rig.known.busy() == ""
    assert rig.said == ["demo is available. In the SQL pane, Ctrl+O connects."]


async def test_what_a_dialog_shows_is_not_said_as_well(rig: Rig) -> None:
    rig.known.watch("demo").on_screen = True
    await rig.see(look("available"), None)
    await rig.works[0]
    assert rig.said == []


async def test_an_instance_is_waited_for_once_in_each_region(rig: Rig, services: Services) -> None:
    watch = rig.known.watch("demo")
    assert rig.known.watch("demo") is watch
    services.account.switch(region="eu-west-1")
    assert rig.known.watch("demo") is not watch
    assert len(set(rig.groups)) == 2
    services.account.switch(region="us-east-1")


def test_an_instance_of_the_same_name_in_another_account_is_followed_by_itself() -> None:
    """A worker replaces another one of its group: it would break off a deletion there."""
    here, there = Target("prod", "eu-west-1"), Target("dev", "eu-west-1")
    assert group_of(here, "shop") != group_of(there, "shop")
    assert group_of(here, "shop") == group_of(Target("prod", "eu-west-1"), "shop")


async def test_a_deletion_under_way_is_not_broken_off_by_a_wait(rig: Rig) -> None:
    async def deleting(_: InstanceWatch) -> AsyncIterator[StatusSeen]:
        yield look("turning its protection off")
        await asyncio.Event().wait()

    watch = rig.known.follow("demo", GONE, deleting, acts=True)
    await rig.see()
    with pytest.raises(ServiceError, match="turning its protection off") as refused:
        rig.known.watch("demo")
    assert refused.value.kind is ErrorKind.CONFLICT
    assert not watch.done
    assert rig.known.follow("demo", GONE, deleting, acts=True) is watch
    assert len(rig.groups) == 1


async def test_whoever_is_connected_hears_of_a_deletion_when_it_begins_and_when_it_ends(
    rig: Rig,
) -> None:
    async def deleting(_: InstanceWatch) -> AsyncIterator[StatusSeen]:
        told.append(list(rig.removing))
        yield look("deleting")
        raise ServiceError("It could not be deleted.")

    told: list[list[str]] = []
    watch = rig.known.follow("demo", GONE, deleting, acts=True)
    watch.on_screen = True
    await rig.works[0]
    assert told == [["removing"]]
    assert rig.removing == ["removing", "removing"]


@pytest.mark.parametrize("on_screen", [True, False])
async def test_an_instance_that_is_deleted_meanwhile_ends_the_waiting_with_the_reason(
    rig: Rig, on_screen: bool
) -> None:
    watch = rig.known.watch("demo")
    watch.on_screen = on_screen
    gone = ServiceError("demo was deleted meanwhile.", hint="[/] Create it again.")
    await rig.see(look("creating"), gone)
    if on_screen:
        await rig.works[0]
    else:
        # Nothing shows it: whoever runs it in the background says it.
        with pytest.raises(ServiceError):
            await rig.works[0]
    assert watch.error is gone
    shown = progress_text(watch).plain
    assert "✗ demo was deleted meanwhile.\n[/] Create it again." in shown


def test_the_progress_says_the_status_and_what_went_wrong_with_the_last_look() -> None:
    watch = InstanceWatch("demo", Target(region="us-east-1"))
    assert "asked for …" in progress_text(watch).plain
    watch.see(look("creating"))
    watch.see(look("", 2.0, trouble="AccessDenied [/]"))
    shown = progress_text(watch).plain
    assert "creating" in shown
    assert "Last look failed, trying again: AccessDenied [/]" in shown
    assert "Esc hides this" in shown


def test_a_password_belongs_to_one_account_and_region(services: Services) -> None:
    async def connect(*_: object, kept: object = None) -> bool:
        raise NotImplementedError

    def start(work: Coroutine[Any, Any, None], /, *, group: str) -> None:
        raise NotImplementedError

    known = KnownInstances(services, connect=connect, start=start, say=print)
    known.remember("demo", PASSWORD, services.account.target)
    services.account.switch(region="eu-west-1")
    assert known.password_of("demo") is None
    services.account.switch(region="us-east-1")
    assert known.password_of("demo") == PASSWORD
    assert PASSWORD not in repr(known)
