"""Waiting for an instance: what is outlived, what ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from tests.services.rds.instances import instance
from tui.services.aws import Pauses
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import StatusSeen
from tui.services.rds.models import Instance
from tui.services.rds.waiting import (
    AVAILABLE,
    LOOKS_UNTIL_SEEN,
    MOST_TROUBLES,
    STARTED,
    Goal,
    watch,
)

NETWORK = ServiceError("Could not look.", cause="no route", kind=ErrorKind.NETWORK)
THROTTLED = ServiceError("Could not look.", cause="slow down", kind=ErrorKind.THROTTLED)
EXPIRED = ServiceError("Could not look.", kind=ErrorKind.CREDENTIALS)
MISSING = ServiceError("Could not look.", kind=ErrorKind.NOT_FOUND)


class Script:
    """Answers each look with the next thing of a list, and keeps the pauses asked for."""

    def __init__(self, answers: Iterable[Instance | ServiceError]) -> None:
        self.answers = iter(answers)
        self.pauses: list[float] = []

    async def describe(self, identifier: str) -> Instance:
        answer = next(self.answers)
        if isinstance(answer, ServiceError):
            raise answer
        return answer

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


async def seen(script: Script, goal: Goal = AVAILABLE) -> list[StatusSeen]:
    looks = watch("demo", script.describe, Pauses(2.0, 1.5, 15.0), script.sleep, goal)
    return [each async for each in looks]


CREATING = instance(status="creating", Endpoint=None)


async def test_every_status_is_told_until_it_is_available() -> None:
    script = Script([CREATING, CREATING, instance(status="backing-up"), instance()])
    statuses = [each.status for each in await seen(script)]
    assert statuses == ["creating", "creating", "backing-up", "available"]


async def test_available_without_an_endpoint_is_not_the_end() -> None:
    script = Script([instance(Endpoint=None), instance()])
    looks = await seen(script)
    assert len(looks) == 2
    assert looks[-1].instance is not None
    assert looks[-1].instance.host == "demo.rds.example"


async def test_the_pauses_grow_up_to_the_longest() -> None:
    script = Script([CREATING] * 8 + [instance()])
    await seen(script)
    assert script.pauses[:3] == [2.0, 3.0, 4.5]
    assert script.pauses == sorted(script.pauses)
    assert script.pauses[-1] == 15.0


async def test_network_trouble_and_throttling_are_told_and_outlived() -> None:
    script = Script([CREATING, NETWORK, THROTTLED, instance()])
    looks = await seen(script)
    assert [each.trouble for each in looks] == ["", "no route", "slow down", ""]
    assert [each.status for each in looks] == ["creating", "creating", "creating", "available"]


async def test_trouble_that_does_not_end_ends_the_waiting() -> None:
    script = Script([NETWORK] * (MOST_TROUBLES + 1))
    with pytest.raises(ServiceError) as caught:
        await seen(script)
    assert caught.value is NETWORK


async def test_expired_credentials_end_the_waiting_at_once() -> None:
    with pytest.raises(ServiceError) as caught:
        await seen(Script([CREATING, EXPIRED]))
    assert caught.value.kind is ErrorKind.CREDENTIALS


@pytest.mark.parametrize(
    "status",
    [
        "failed",
        "storage-full",
        "incompatible-network",
        "incompatible-parameters",
        "incompatible-something-new",
        "inaccessible-encryption-credentials",
        "insufficient-capacity",
    ],
)
async def test_a_status_that_no_waiting_changes_says_what_to_do(status: str) -> None:
    with pytest.raises(ServiceError) as caught:
        await seen(Script([CREATING, instance(status=status)]))
    assert caught.value.kind is ErrorKind.CONFLICT
    assert status in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("status", ["stopped", "stopping"])
async def test_a_stopped_instance_says_that_it_must_be_started(status: str) -> None:
    with pytest.raises(ServiceError, match="Start it"):
        await seen(Script([instance(status=status)]))


async def test_one_that_is_being_started_may_still_be_said_to_be_stopped_at_first() -> None:
    stopped = instance(status="stopped")
    script = Script([stopped, stopped, instance(status="starting"), instance()])
    statuses = [each.status for each in await seen(script, STARTED)]
    assert statuses == ["stopped", "stopped", "starting", "available"]
    with pytest.raises(ServiceError, match="Start it"):
        await seen(Script([stopped] * (LOOKS_UNTIL_SEEN + 1)), STARTED)


@pytest.mark.parametrize("last", [MISSING, instance(status="deleting")])
async def test_an_instance_that_is_deleted_meanwhile_is_said_to_be(
    last: Instance | ServiceError,
) -> None:
    with pytest.raises(ServiceError, match="deleted meanwhile") as caught:
        await seen(Script([CREATING, last]))
    assert caught.value.kind is ErrorKind.NOT_FOUND


async def test_an_instance_that_never_was_is_not_said_to_be_deleted() -> None:
    with pytest.raises(ServiceError) as caught:
        await seen(Script([MISSING] * (LOOKS_UNTIL_SEEN + 1)))
    assert caught.value is MISSING


async def test_a_new_instance_may_be_unknown_for_a_moment() -> None:
    looks = await seen(Script([MISSING, MISSING, CREATING, instance()]))
    assert [each.status for each in looks] == ["", "", "creating", "available"]


async def test_cancelling_stops_the_looking() -> None:
    looked = asyncio.Event()
    count = 0

    async def describe(identifier: str) -> Instance:
        nonlocal count
        count += 1
        looked.set()
        return CREATING

    async def wait() -> None:
        async for _ in watch("demo", describe, Pauses(first=60.0)):
            pass

    task = asyncio.create_task(wait())
    await looked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert count == 1
