"""Waiting until an instance is available: what each status means, how often to look."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from tui.services.aws import Pauses
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds.models import Instance, StatusSeen

AWS_PAUSES = Pauses(first=2.0, factor=1.5, longest=15.0)
"""An instance takes five to ten minutes; a look every 15 s costs nothing and misses little."""

SANDBOX_PAUSES = Pauses(first=0.2, factor=1.5, longest=1.0)

MOST_TROUBLES = 20
"""Looks in a row that may fail for the network or throttling (about five minutes) before the
waiting gives up."""

LOOKS_UNTIL_SEEN = 3
"""Looks in which a new instance may still be unknown to the listing, and one that is being started,
as a member with its cluster, still be said to be stopped."""

_TRANSIENT = {ErrorKind.NETWORK, ErrorKind.THROTTLED}

_HOPELESS: dict[str, str] = {
    "failed": "RDS could not create it. Delete it, then create it again, perhaps with another "
    "class or version.",
    "create-failed": "RDS could not create it. Delete it, then create it again, perhaps with "
    "another class or version.",
    "inaccessible-encryption-credentials": "Its KMS key cannot be used; enable the key or "
    "restore its permissions.",
    "inaccessible-encryption-credentials-recoverable": "Its KMS key cannot be used; enable the "
    "key, then start the instance.",
    "incompatible-create": "The settings do not fit this engine; delete it and create it again.",
    "incompatible-network": "The subnets or security groups do not allow it (often: no free "
    "addresses in a subnet, or the VPC has no internet gateway for public access). Change the "
    "network, or delete it and create it without public access.",
    "incompatible-option-group": "The option group does not fit; choose another, or delete it.",
    "incompatible-parameters": "The parameter group does not fit; reset its parameters, then "
    "reboot the instance.",
    "incompatible-restore": "It cannot be restored to this point; delete it and try again.",
    "incompatible-credentials": "The stored credentials do not fit; set a new master password.",
    "insufficient-capacity": "AWS has no room for this class here; delete it and choose another "
    "class or region.",
    "restore-error": "The restore failed; delete it and try again.",
    "storage-full": "Its storage is full; allocate more, then wait until it is available.",
}
"""Statuses that no waiting changes, with what to do about each."""

_LEAVING = {"deleting", "delete-precheck"}
_STOPPED = {"stopped", "stopping"}


@dataclass(frozen=True)
class Goal:
    """What an instance is waited for."""

    word: str
    """Completes "It is …" when it is reached."""
    reached: Callable[[Instance], bool]
    usual: str
    """How long it takes at AWS, a sentence."""
    stopping: bool = False
    """Whether a stopped instance is on its way there."""
    starting: bool = False
    """Whether a start was just asked for."""
    removes: bool = False
    """Whether it is gone when the goal is reached."""


AVAILABLE = Goal(
    "available",
    lambda instance: instance.status == "available" and instance.host is not None,
    "At AWS a new instance usually takes 5 to 10 minutes.",
)
STARTED = Goal(
    "available",
    AVAILABLE.reached,
    "At AWS a start usually takes a few minutes.",
    starting=True,
)
REBOOTED = Goal(
    "available again", AVAILABLE.reached, "A reboot usually takes less than a minute of outage."
)
STOPPED = Goal(
    "stopped",
    lambda instance: instance.status == "stopped",
    "At AWS a stop usually takes a few minutes, with much to write down longer.",
    stopping=True,
)

IAM_ON = Goal(
    "ready for IAM tokens",
    lambda instance: bool(instance.iam_auth) and AVAILABLE.reached(instance),
    "At AWS this usually takes a minute or two; the instance serves meanwhile.",
)


def refusal(identifier: str, status: str) -> ServiceError | None:
    """The error for a status that will not become "available" by itself, or None."""
    hint = _HOPELESS.get(status)
    if hint is None and status.startswith("incompatible-"):
        hint = "The console's Events page says what it does not fit."
    if hint is not None:
        return ServiceError(
            f"{identifier} will not become available: its status is {status}.",
            hint=hint,
            code=status,
            kind=ErrorKind.CONFLICT,
        )
    if status in _LEAVING:
        return _gone(identifier, f"its status is {status}")
    if status in _STOPPED:
        return ServiceError(
            f"{identifier} is {status}.",
            hint="Start it, then wait until it is available.",
            code=status,
            kind=ErrorKind.CONFLICT,
        )
    return None


def _gone(identifier: str, why: str) -> ServiceError:
    return ServiceError(
        f"{identifier} was deleted meanwhile: {why}.",
        hint="Create it again if that was not meant.",
        kind=ErrorKind.NOT_FOUND,
    )


def _not_stopped(identifier: str) -> ServiceError:
    return ServiceError(
        f"{identifier} was not stopped: it is available again.",
        hint="The console's Events page says why. It is billed for its hours.",
        kind=ErrorKind.CONFLICT,
    )


async def watch(
    identifier: str,
    describe: Callable[[str], Awaitable[Instance]],
    pauses: Pauses,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    goal: Goal = AVAILABLE,
) -> AsyncIterator[StatusSeen]:
    """Look until the instance is available, or what else the goal is; the last thing yielded
    shows it so.

    Network trouble and throttling are reported in `StatusSeen.trouble` and outlived, up to
    `MOST_TROUBLES` in a row. Raises ServiceError for a status that will not change by itself, for
    an instance that is gone, and for every other error.
    """
    began = time.monotonic()
    looks = troubles = 0
    began_to_stop = False
    status = ""
    while True:
        trouble = ""
        instance: Instance | None = None
        try:
            instance = await describe(identifier)
        except ServiceError as error:
            if error.kind is ErrorKind.NOT_FOUND and status:
                raise _gone(identifier, "AWS does not know it any more") from error
            troubles += 1
            not_yet = error.kind is ErrorKind.NOT_FOUND and troubles <= LOOKS_UNTIL_SEEN
            if not not_yet and (error.kind not in _TRANSIENT or troubles > MOST_TROUBLES):
                raise
            trouble = error.cause or error.message
        else:
            troubles = 0
            status = instance.status
        yield StatusSeen(identifier, status, time.monotonic() - began, instance, trouble)
        if instance is not None:
            if goal.reached(instance):
                return
            problem = None
            not_yet_begun = goal.starting and looks < LOOKS_UNTIL_SEEN
            if not ((goal.stopping or not_yet_begun) and status in _STOPPED):
                problem = refusal(identifier, status)
            elif status == "stopping":
                began_to_stop = True
            if goal.stopping and began_to_stop and status == "available":
                problem = _not_stopped(identifier)
            if problem is not None:
                raise problem
        await sleep(pauses.after(looks))
        looks += 1
