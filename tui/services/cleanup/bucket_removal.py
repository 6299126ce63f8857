"""Empty a bucket, and delete it unless it shall stay."""

from __future__ import annotations

from tui.services.cleanup.emptying import Emptying, EmptyingTally
from tui.services.cleanup.models import ProtectionKind
from tui.services.cleanup.removal import Removal, pause
from tui.services.cleanup.report import Outcome, StepResult
from tui.services.cleanup.step import BucketCount
from tui.services.errors import ServiceError
from tui.services.quantities import counted, size_text
from tui.services.s3 import BucketProtection, Versioning
from tui.services.s3.bucket.names import is_directory_bucket

_ROUNDS = 4
"""Tries of DeleteBucket when somebody goes on writing, each after emptying again."""

_HINTS = {
    "BucketHasAccessPointsAttached": "Delete its access points first: aws s3control "
    "delete-access-point.",
}


async def remove_bucket(removal: Removal) -> Outcome:
    """Raises ServiceError only before anything was deleted."""
    emptying = _emptying(removal)
    try:
        outcome = await _empty_and_delete(removal, emptying)
    except ServiceError as error:
        _say_what_went(removal, emptying)
        if error.code == "NoSuchBucket":
            return removal.ended(StepResult.GONE)
        return removal.failed(error)
    return outcome


def _emptying(removal: Removal) -> Emptying:
    step = removal.step
    detail = step.resource.detail
    never = isinstance(detail, BucketProtection) and detail.versioning is Versioning.NEVER
    planned = step.facts if isinstance(step.facts, BucketCount) else BucketCount()
    total = planned.entries if planned.complete else None
    return Emptying(
        removal,
        by_version=not never,
        bypass_governance=ProtectionKind.GOVERNANCE in step.options.lifted,
        progress=lambda tally, phase: removal.progress(
            phase, tally.deleted, total, tally.size_bytes
        ),
    )


async def _empty_and_delete(removal: Removal, emptying: Emptying) -> Outcome:
    removal.progress("listing what is in it", 0)
    deleted_before = -1
    for attempt in range(_ROUNDS):
        empty = await emptying.run()
        if not empty:
            return await _not_empty(removal, emptying)
        if removal.step.options.only_empty:
            _say_what_went(removal, emptying)
            removal.remains.append("The bucket, empty.")
            return removal.ended(StepResult.EMPTIED)
        removal.progress("deleting the bucket", emptying.tally.deleted)
        try:
            await removal.stores.s3.delete_bucket(removal.name, at=removal.stores.connection)
        except ServiceError as error:
            again = error.code in {"BucketNotEmpty", "OperationAborted"}
            if again and attempt < _ROUNDS - 1:
                deleted_before = emptying.tally.deleted
                await pause(removal.stop, removal.tunables.backoff)
                continue
            # It was there a moment ago: an answer was lost, and the SDK asked a second time.
            if error.code != "NoSuchBucket":
                somebody_writes = emptying.tally.deleted > deleted_before
                error.hint = _hint(error, removal.name, emptying, somebody_writes)
                removal.remains.append("The bucket itself.")
                raise
        _say_what_went(removal, emptying)
        removal.did.append("Deleted the bucket.")
        return removal.ended(StepResult.DELETED)
    raise AssertionError("the last round returns or raises")


def _hint(error: ServiceError, name: str, emptying: Emptying, somebody_writes: bool) -> str:
    of_directory = is_directory_bucket(name)
    if error.code == "AccessDenied":
        action = "s3express:DeleteBucket" if of_directory else "s3:DeleteBucket"
        return f"These credentials, or the bucket's policy, do not allow {action}."
    if error.code == "BucketNotEmpty" and of_directory and emptying.uploads.problem is not None:
        return "A directory bucket goes only when its multipart uploads are aborted."
    if error.code != "BucketNotEmpty":
        return _HINTS.get(error.code, error.hint)
    if somebody_writes:
        return "Something is still writing to it; stop that, then try again."
    return "S3 lists nothing in it, and says that it is not empty; wait a minute, then try again."


async def _not_empty(removal: Removal, emptying: Emptying) -> Outcome:
    """The outcome when a run ended with something left in the bucket."""
    tally = emptying.tally
    _say_what_went(removal, emptying)
    removal.remains.append("The bucket, with what was not deleted.")
    if removal.stop.is_set():
        return removal.ended(StepResult.STOPPED, problem="Stopped; the rest was not touched.")
    if tally.refused:
        number = counted(len(tally.refused), "version stays", "versions stay")
        lines = await emptying.explain()
        return removal.ended(
            StepResult.PARTLY if removal.did else StepResult.FAILED,
            problem=f"S3 did not delete everything: {number}.",
            cause="\n".join(lines),
            hint=_first_keys(tally),
        )
    if emptying.hit_limit:
        return removal.ended(
            StepResult.PARTLY,
            problem=f"It holds more than was planned; stopped after deleting {tally.deleted:,}.",
            hint="Something is writing to it. Make a new plan, which counts again.",
        )
    problem = emptying.uploads.problem
    return removal.ended(
        StepResult.PARTLY,
        problem="Something in the bucket was not deleted.",
        cause=problem.cause if problem else "",
        hint="Make a new plan to see what is left.",
    )


def _say_what_went(removal: Removal, emptying: Emptying) -> None:
    tally, uploads = emptying.tally, emptying.uploads
    if tally.deleted:
        markers = f", {counted(tally.markers, 'delete marker')} among them" if tally.markers else ""
        size = size_text(tally.size_bytes)
        things = counted(tally.deleted, "version" if tally.versioned else "object")
        removal.did.append(f"Deleted {things}{markers}, {size}.")
    if uploads.aborted:
        removal.did.append(f"Aborted {counted(uploads.aborted, 'multipart upload')}.")
    if uploads.problem is not None:
        why = uploads.problem.cause or uploads.problem.message
        which = counted(uploads.stay, "multipart upload") if uploads.stay else "Multipart uploads"
        sure = "" if uploads.stay else ", if there are any"
        removal.remains.append(f"{which}{sure}: {why}")


def _first_keys(tally: EmptyingTally) -> str:
    names = [refused.version.key for refused in list(tally.refused.values())[:3]]
    return "The first of them: " + ", ".join(names)
