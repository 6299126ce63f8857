"""What becomes of the next objects of a very large copy, page by page of their listing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from tui.services.aws import Connection
from tui.services.s3 import MAX_KEY_BYTES, ObjectCopy, S3Object, S3Service, key_length
from tui.services.transfers.kept_items import PlannedFile, planned_copy
from tui.services.transfers.local.naming import TakenKeys
from tui.services.transfers.models import ConflictPolicy, Problem
from tui.services.transfers.more import MoreCopies
from tui.services.transfers.planning.copy_plan import (
    CopyPlan,
    Destination,
    kept_both,
    recognise,
    sorted_copies,
)
from tui.services.transfers.planning.existing_keys import ExistingKeys
from tui.services.transfers.route import Direction, Route

SAME = "the same is there already"
SOMETHING_ELSE = "something else is there"
RESTORE_FIRST = "it is archived: restore it first, then copy it"


@dataclass(frozen=True, slots=True)
class LeftCopy:
    """A copy that is not made."""

    copy: ObjectCopy
    reason: str


@dataclass(frozen=True, slots=True)
class CopyBatch:
    """The objects of one page."""

    files: tuple[PlannedFile, ...]
    bytes: int
    problems: tuple[Problem, ...]


async def copy_batch(
    s3: S3Service,
    page: Sequence[S3Object],
    route: Route,
    more: MoreCopies,
    existing: ExistingKeys,
    *,
    at: Connection,
    others: TakenKeys | None = None,
) -> CopyBatch:
    """Look up what is at the destinations, and decide as `more` says; `others` are the keys that
    the copies before these go to, where both are kept. Raises ServiceError."""
    wanted: dict[str, S3Object] = {}
    problems = []
    for each in page:
        key = more.to + each.key[len(more.base) :]
        size = key_length(key)
        if not key or size > MAX_KEY_BYTES:
            why = f"its copy would have a key of {size:,} bytes, and S3 takes 1 to {MAX_KEY_BYTES}"
            problems.append(Problem(each.key, why))
        else:
            wanted[key] = each
    # Where that may not be asked, the conditions of the writes tell it.
    there = await existing.among(list(wanted)) or {}
    destination = Destination(route.to_bucket, more.to)
    plan = await asyncio.to_thread(sorted_copies, route.bucket, destination, wanted, there)
    await recognise(s3, plan, there, at=at)
    beside = more.policy is ConflictPolicy.KEEP_BOTH
    copies = plan.overwriting()
    if beside and others is not None:
        # A copy before this one may be on its way to what seems to be free.
        meeting = {each.to_key for each in plan.free if each.to_key in others}
        plan.different += [each for each in plan.free if each.to_key in meeting]
        plan.free = [each for each in plan.free if each.to_key not in meeting]
        copies = await kept_both(s3, plan, at=at, others=others)
        others.take(each.to_key for each in copies)
    if more.policy is ConflictPolicy.SKIP:
        copies = plan.free
    files = [planned_copy(copy) for copy in copies]
    files += _rest(plan, more.policy, moves=route.direction is Direction.MOVE)
    return CopyBatch(tuple(files), sum(each.size for each in files), tuple(problems))


def _rest(plan: CopyPlan, policy: ConflictPolicy, *, moves: bool) -> list[PlannedFile]:
    """What is not copied."""
    found = [planned_copy(copy, found=True) for copy in plan.identical] if moves else []
    left = left_of(plan, policy, moves=moves)
    return found + [planned_copy(each.copy, left=each.reason) for each in left]


def left_of(plan: CopyPlan, policy: ConflictPolicy, *, moves: bool) -> list[LeftCopy]:
    """What is left as it is, and why."""
    left = [LeftCopy(copy, RESTORE_FIRST) for copy in plan.archived]
    if not moves:
        left += [LeftCopy(copy, SAME) for copy in plan.identical]
    if policy is ConflictPolicy.SKIP:
        left += [LeftCopy(copy, SOMETHING_ELSE) for copy in plan.different]
    return left
