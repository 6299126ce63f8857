"""Deleting objects by key, and what became of a delete whose answer was lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tui.services.aws import Connection, Done, Look
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.bucket.buckets import get_versioning
from tui.services.s3.calls import S3Calls
from tui.services.s3.copying.copy_source import etag_of, head_or_none
from tui.services.s3.deleting import batch_delete
from tui.services.s3.deleting.batch_delete import (
    NO_ETAGS,
    NO_VERSION,
    BatchOutcome,
    Name,
    Refused,
    delete_alone,
    delete_batch,
)
from tui.services.s3.deleting.marker_look import markers_over
from tui.services.s3.listing.listing import list_existing
from tui.services.s3.models import DeleteOutcome, FailedKey, S3Object, Versioning

ALL_FAIL = {
    ErrorKind.CONFLICT,
    ErrorKind.CREDENTIALS,
    ErrorKind.NETWORK,
    ErrorKind.READ_ONLY,
    ErrorKind.THROTTLED,
    ErrorKind.UNKNOWN,
}
"""Reasons that are not about the keys of one call: deleting ends with them."""

CHANGED = "PreconditionFailed"
"""The code of a delete whose object has another ETag by now."""

_CHANGED = "it was changed after it was shown, and left as it is"

_IN_DOUBT = "an answer was lost: it was changed after it was shown, or is deleted already"

LOOK_PAGES = 20
"""Pages of the listing that are read to find out what a lost delete did. The keys of one call lie
close together; where they do not, it is better to say that nothing is known than to read a whole
bucket."""


def delete_objects(
    s3: S3Calls,
    bucket: str,
    keys: Sequence[str],
    *,
    etags: Sequence[str] = (),
    at: Connection | None = None,
) -> Iterator[DeleteOutcome]:
    """Delete objects by key, 1,000 a call, and tell after each call what became of its keys.

    `etags` is empty, or has the ETag of each key, or "" where it is not known. A key that has
    another one by now stays: AWS is told it with each key; of other servers, which may not heed it,
    a listing is read right before, if it may be read. Where AWS denies the condition, which needs
    s3:GetObject too, that is done as well.

    Where the bucket keeps versions, an object only gets a delete marker. A call that is refused
    as a whole is told of its keys only, unless it is the first, or the reason is one for all that
    follow as well (`ALL_FAIL`, CONFLICT if the user leaves `at`): then it raises ServiceError, and
    the rest is not tried.
    """
    s3 = s3.on(at)
    for number, key_call in enumerate(batch_delete.calls_for(keys, etags)):
        names = key_call.names
        try:
            delete = _delete_alone if key_call.is_alone else _delete_together
            outcome = _unchanged_only(s3, bucket, names, key_call.etags, delete)
        except ServiceError as error:
            if number == 0 or error.kind in ALL_FAIL:
                raise
            why = error.cause or error.message
            outcome = BatchOutcome(tuple(Refused(name, error.code, why) for name in names))
        yield _told(names, outcome)


def remove_markers(
    s3: S3Calls, bucket: str, markers: Sequence[Name], *, at: Connection | None = None
) -> Iterator[DeleteOutcome]:
    """Remove delete markers by their version ids, 1,000 a call; what they hid is there again.

    To remove one that is gone does nothing, so a call may be sent again. Raises ServiceError when
    a call is refused or lost as a whole.
    """
    s3 = s3.on(at)
    together, alone = batch_delete.split(markers)
    for start in range(0, len(together), batch_delete.LIMIT):
        names = together[start : start + batch_delete.LIMIT]
        action = f"remove {len(names)} delete markers from {bucket}"
        yield _told(names, delete_batch(s3, action, bucket, names, by_version=True))
    for name in alone:
        action = f"remove the delete marker of {name.key!r}"
        yield _told([name], delete_alone(s3, action, bucket, name, by_version=True))


def _told(names: Sequence[Name], outcome: BatchOutcome) -> DeleteOutcome:
    failed = tuple(FailedKey(each.name.key, each.code, each.message) for each in outcome.refused)
    stay = {each.key for each in failed}
    deleted = tuple(name.key for name in names if name.key not in stay)
    refused = {each.name for each in outcome.refused}
    removed = tuple(each for each in names if each.version_id != NO_VERSION and each not in refused)
    return DeleteOutcome(deleted, failed, outcome.markers, outcome.made, removed)


Delete = Callable[[S3Calls, str, Sequence[Name], Mapping[str, str]], BatchOutcome]


def _unchanged_only(
    s3: S3Calls, bucket: str, names: Sequence[Name], known: Mapping[str, str], delete: Delete
) -> BatchOutcome:
    """Delete what still has the ETag that is known of it, and find every delete marker of it."""
    if not known:
        return delete(s3, bucket, names, NO_ETAGS)
    return _with_every_marker(s3, bucket, known, _if_unchanged(s3, bucket, names, known, delete))


def _with_every_marker(
    s3: S3Calls, bucket: str, known: Mapping[str, str], outcome: BatchOutcome
) -> BatchOutcome:
    """The outcome with the delete markers, too, of which the answer was lost: to take the delete
    back, they have to be removed as well."""
    by_condition = {each.name.key for each in outcome.refused if each.code == CHANGED}
    if not (outcome.is_unsure and (outcome.markers or by_condition)):
        return outcome
    # What the second try found changed may be what the first one deleted.
    stay = {each.name.key for each in outcome.refused} - by_condition
    gone = {key: etag for key, etag in known.items() if etag and key not in stay}
    try:
        found = markers_over(s3, bucket, gone)
    except ServiceError:
        # Not to know them changes nothing of what was deleted.
        if s3.connection.endpoint is not None:
            return outcome  # there a listing told what was changed
        return replace(outcome, refused=tuple(map(_in_doubt, outcome.refused)))
    others = tuple(each for each in outcome.made if each.key not in found)
    every = (Name(key, version) for key, versions in found.items() for version in versions)
    refused = tuple(each for each in outcome.refused if each.name.key not in found)
    markers = outcome.markers + len(outcome.refused) - len(refused)
    return BatchOutcome(refused, markers, (*every, *others))


def _in_doubt(refused: Refused) -> Refused:
    return Refused(refused.name, "InDoubt", _IN_DOUBT) if refused.code == CHANGED else refused


def _if_unchanged(
    s3: S3Calls, bucket: str, names: Sequence[Name], known: Mapping[str, str], delete: Delete
) -> BatchOutcome:
    if s3.connection.endpoint is not None:
        return _looked_at(s3, bucket, names, known, delete)
    outcome = _changed_in_words(delete(s3, bucket, names, known))
    denied = [each.name for each in outcome.refused if each.code == "AccessDenied"]
    if not denied:
        return outcome
    again = _looked_at(s3, bucket, denied, known, delete)
    stay = tuple(each for each in outcome.refused if each.code != "AccessDenied")
    markers, made = outcome.markers + again.markers, outcome.made + again.made
    is_unsure = outcome.is_unsure or again.is_unsure
    return BatchOutcome(stay + again.refused, markers, made, is_unsure)


def _looked_at(
    s3: S3Calls, bucket: str, names: Sequence[Name], known: Mapping[str, str], delete: Delete
) -> BatchOutcome:
    """Delete without a condition what a listing right before shows to be unchanged."""
    try:
        now = _etags_now(s3, bucket, list(known))
    except ServiceError as error:
        if error.kind in ALL_FAIL:
            raise
        now = {}  # it may not be listed: deleted as it was confirmed
    changed = {key for key, etag in now.items() if etag and etag != known[key]}
    if not changed:
        return delete(s3, bucket, names, NO_ETAGS)
    refused = tuple(Refused(each, CHANGED, _CHANGED) for each in names if each.key in changed)
    rest = [each for each in names if each.key not in changed]
    outcome = delete(s3, bucket, rest, NO_ETAGS) if rest else BatchOutcome(())
    return replace(outcome, refused=refused + outcome.refused)


def _etags_now(s3: S3Calls, bucket: str, keys: Sequence[str]) -> dict[str, str]:
    """The ETags of those that are there. Raises ServiceError."""
    if len(keys) == 1:
        # Not every server can say every key in a listing.
        there = head_or_none(s3, bucket, keys[0])
        return {} if there is None else {keys[0]: etag_of(there)}
    # To the end, however far apart they lie: what is not seen would be deleted though it changed.
    pages = list_existing(s3, bucket, keys)
    return {key: each.etag for page in pages for key, each in page.items()}


def _changed_in_words(outcome: BatchOutcome) -> BatchOutcome:
    refused = (
        replace(each, message=_CHANGED) if each.code == CHANGED else each
        for each in outcome.refused
    )
    return replace(outcome, refused=tuple(refused))


def _delete_together(
    s3: S3Calls, bucket: str, names: Sequence[Name], etags: Mapping[str, str]
) -> BatchOutcome:
    return delete_batch(
        s3,
        f"delete {len(names)} objects from {bucket}",
        bucket,
        names,
        etags=etags,
        look=lambda _: Done(_after_lost_delete(s3, bucket, names)),
    )


def _delete_alone(
    s3: S3Calls, bucket: str, names: Sequence[Name], etags: Mapping[str, str]
) -> BatchOutcome:
    key = names[0].key
    etag = etags.get(key, "")

    def look(_: Mapping[str, Any]) -> Done[BatchOutcome] | Look:
        gone = _is_gone(s3, bucket, key)
        if not gone:
            return Look.NOT_DONE
        return Done(BatchOutcome((), int(_keeps_versions(s3, bucket)), is_unsure=True))

    try:
        return delete_alone(s3, f"delete {key!r}", bucket, names[0], etag=etag, look=look)
    except ServiceError as error:
        if not (etag and error.code in {CHANGED, "412"}):
            raise
        return BatchOutcome((Refused(names[0], CHANGED, ""),))


# -- after a lost answer: what is still listed was not deleted ---------------------------------


def _after_lost_delete(s3: S3Calls, bucket: str, names: Sequence[Name]) -> BatchOutcome:
    """What DeleteObjects would have answered, as the listing shows it. Raises ServiceError."""
    listed = _listed(s3, bucket, [name.key for name in names])
    stay = [name for name in names if name.key in listed]
    message = "the answer was lost; it is still listed"
    refused = tuple(Refused(name, "StillThere", message) for name in stay)
    gone = len(names) - len(stay)
    markers = gone if _keeps_versions(s3, bucket) else 0
    return BatchOutcome(refused, markers, is_unsure=True)


def _listed(s3: S3Calls, bucket: str, keys: Sequence[str]) -> dict[str, S3Object]:
    """Those of `keys` that are listed."""
    found: dict[str, S3Object] = {}
    for number, page in enumerate(list_existing(s3, bucket, keys)):
        if number == LOOK_PAGES:
            raise ServiceError(
                "The objects lie too far apart to look for them.", kind=ErrorKind.OTHER
            )
        found.update(page)
    return found


def _is_gone(s3: S3Calls, bucket: str, key: str) -> bool:
    """Whether no object has this key now. Raises ServiceError.

    For keys with control characters, which not every server can say in a listing.
    """
    try:
        s3.call(
            f"see whether {key!r} is there",
            lambda client: client.head_object,
            Bucket=bucket,
            Key=key,
        )
    except ServiceError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return True
        raise
    return False


def _keeps_versions(s3: S3Calls, bucket: str) -> bool:
    """Whether a delete leaves a delete marker; False if it may not be read. Raises ServiceError."""
    try:
        return get_versioning(s3, bucket) is not Versioning.NEVER
    except ServiceError as error:
        if error.kind is ErrorKind.DENIED:
            return False
        raise
