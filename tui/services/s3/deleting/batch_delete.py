"""DeleteObjects: what one call may carry, the call, and what its answer says of each name.

Everything that deletes by the batch uses this, whether by key or by version. Blocking.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING, Any

from tui.services.aws import Looker
from tui.services.aws.lost_answer import came_after_lost_answer
from tui.services.s3.calls import S3Calls

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import (
        DeleteObjectOutputTypeDef,
        DeleteObjectsOutputTypeDef,
        ObjectIdentifierTypeDef,
    )

LIMIT = 1000
"""Names in one call.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
"""

NO_VERSION = "null"
"""The version id of what was written while the bucket had no versioning
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html)."""

NO_ETAGS: Mapping[str, str] = {}

GONE_ALREADY = frozenset({"NoSuchKey", "NoSuchVersion"})
"""Codes of deletes that found nothing: what was asked for is so."""

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 document can carry, so no DeleteObjects request either
(https://www.w3.org/TR/xml/#charsets); S3 takes them in the URL of a single delete."""


def fits_xml(key: str) -> bool:
    """Whether every server can say the key in a listing."""
    return not _NOT_IN_XML.search(key)


@dataclass(frozen=True)
class Name:
    """What a delete names: a key, or one version of it."""

    key: str
    version_id: str = NO_VERSION


@dataclass(frozen=True)
class Refused:
    """A name that was not deleted, and why."""

    name: Name
    code: str
    message: str


@dataclass(frozen=True)
class BatchOutcome:
    """What became of the names in one call."""

    refused: tuple[Refused, ...]
    """Those that stay."""
    markers: int = 0
    """How many of the others only got a delete marker."""
    made: tuple[Name, ...] = ()
    """These markers, where each has a version id of its own (not where versioning is suspended:
    what has the id "null" may be overwritten)."""
    is_unsure: bool = False
    """Whether an answer was lost on the way, or may have been: then there may be delete markers
    that are not among these."""


def delete_batch(
    s3: S3Calls,
    action: str,
    bucket: str,
    names: Sequence[Name],
    *,
    by_version: bool = False,
    bypass_governance: bool = False,
    etags: Mapping[str, str] = NO_ETAGS,
    look: Looker[BatchOutcome] | None = None,
) -> BatchOutcome:
    """Delete at most `LIMIT` names that `split` has put together.

    Without `by_version`, what has no version id is named by its key alone: that needs only
    s3:DeleteObject, but where the bucket keeps versions it adds a delete marker. A key whose ETag
    is not the one in `etags` is refused, by servers that know that. `look` finds out what became of
    a call whose answer was lost. Raises ServiceError if S3 refuses or loses the
    call as a whole.
    """

    def read(answer: DeleteObjectsOutputTypeDef) -> BatchOutcome:
        markers = [each for each in answer.get("Deleted", ()) if each.get("DeleteMarker")]
        by_read = {_fold(name.key): name.key for name in names}
        made = (
            Name(by_read[_fold(each["Key"])], each.get("DeleteMarkerVersionId") or NO_VERSION)
            for each in markers
            if _fold(each.get("Key", "")) in by_read
        )
        own = tuple(each for each in made if each.version_id != NO_VERSION)
        stay = tuple(refused(names, answer))
        return BatchOutcome(stay, len(markers), own, is_unsure=came_after_lost_answer(answer))

    request: dict[str, Any] = {
        "Bucket": bucket,
        "Delete": {"Objects": [_identifier(name, by_version, etags) for name in names]},
    }
    if bypass_governance:
        request["BypassGovernanceRetention"] = True
    if look is None:
        return read(s3.call(action, _delete_objects, **request))
    return s3.change(action, _delete_objects, read, look, **request)


def delete_alone(
    s3: S3Calls,
    action: str,
    bucket: str,
    name: Name,
    *,
    by_version: bool = False,
    bypass_governance: bool = False,
    etag: str = "",
    look: Looker[BatchOutcome] | None = None,
) -> BatchOutcome:
    """Delete one name in a call of its own; as `delete_batch`, but a refusal is raised."""

    def read(answer: DeleteObjectOutputTypeDef) -> BatchOutcome:
        is_marker = bool(answer.get("DeleteMarker"))
        made = Name(name.key, answer.get("VersionId") or NO_VERSION)
        own = (made,) if is_marker and made.version_id != NO_VERSION else ()
        return BatchOutcome((), int(is_marker), own, is_unsure=came_after_lost_answer(answer))

    request: dict[str, Any] = {"Bucket": bucket, "Key": name.key}
    if by_version or name.version_id != NO_VERSION:
        request["VersionId"] = name.version_id
    if bypass_governance:
        request["BypassGovernanceRetention"] = True
    if etag:
        request["IfMatch"] = etag
    if look is None:
        return read(s3.call(action, _delete_object, **request))
    return s3.change(action, _delete_object, read, look, **request)


def _identifier(name: Name, by_version: bool, etags: Mapping[str, str]) -> ObjectIdentifierTypeDef:
    if by_version or name.version_id != NO_VERSION:
        return {"Key": name.key, "VersionId": name.version_id}
    if etags.get(name.key):
        return {"Key": name.key, "ETag": etags[name.key]}
    return {"Key": name.key}


# Which parameters are sent is known only when it runs, so the stubs cannot check them.


def _delete_objects(client: S3Client) -> Callable[..., DeleteObjectsOutputTypeDef]:
    return client.delete_objects


def _delete_object(client: S3Client) -> Callable[..., DeleteObjectOutputTypeDef]:
    return client.delete_object


@dataclass
class KeyCall:
    """Keys that one call deletes."""

    names: list[Name] = field(default_factory=list)
    etags: dict[str, str] = field(default_factory=dict)
    """By key, those that are known."""
    is_alone: bool = False
    """Whether it is a key that needs a call of its own."""

    def add(self, key: str, etag: str) -> None:
        """Put a key into the call."""
        self.names.append(Name(key))
        if etag:
            self.etags[key] = etag


def calls_for(keys: Sequence[str], etags: Sequence[str] = ()) -> Iterator[KeyCall]:
    """The calls that delete keys, as `split` says; `etags` is empty, or has one for each key.

    The keys are gone through three times and not kept: there may be millions.
    """
    read_as = Counter(_fold(key) for key in keys if "\r" in key)
    if read_as:
        read_as.update(key for key in keys if "\r" not in key and key in read_as)
    call, alone = KeyCall(), list[KeyCall]()
    for key, etag in zip(keys, etags or repeat(""), strict=False):
        told_apart = "\r" not in key or read_as[_fold(key)] == 1
        if _NOT_IN_XML.search(key) or not told_apart:
            alone.append(KeyCall(is_alone=True))
            alone[-1].add(key, etag)
            continue
        call.add(key, etag)
        if len(call.names) == LIMIT:
            yield call
            call = KeyCall()
    if call.names:
        yield call
    yield from alone


def split(names: Iterable[Name]) -> tuple[list[Name], list[Name]]:
    """(those that fit into one call together, those that need a call of their own).

    Alone goes what XML cannot carry, and what the answer could not tell from another name.
    """
    names = list(names)
    read_as = Counter(_as_read(name) for name in names)
    together: list[Name] = []
    alone: list[Name] = []
    for name in names:
        fits = not _NOT_IN_XML.search(name.key)
        told_apart = "\r" not in name.key or read_as[_as_read(name)] == 1
        (together if fits and told_apart else alone).append(name)
    return together, alone


def refused(names: Sequence[Name], answer: Mapping[str, Any]) -> list[Refused]:
    """Which of the names in a call stay, by the errors in its answer.

    An error that leaves the version out is about every version of its key. One that names nothing
    in the call leaves it open what it is about, so every name of the call stays in doubt.
    """
    by_name = {_as_read(name): [name] for name in names}
    by_key: dict[str, list[Name]] = {}
    for name in names:
        by_key.setdefault(_fold(name.key), []).append(name)
    found: dict[Name, Refused] = {}
    for error in answer.get("Errors") or ():
        code, key = str(error.get("Code", "")), _fold(str(error.get("Key", "")))
        if code in GONE_ALREADY:
            continue
        version = str(error.get("VersionId") or NO_VERSION)
        about = by_name.get(Name(key, version)) or by_key.get(key) or names
        for name in about:
            found[name] = Refused(name, code, str(error.get("Message", "")))
    return list(found.values())


def _as_read(name: Name) -> Name:
    """The name as a parser reads it in an answer."""
    return Name(_fold(name.key), name.version_id)


def _fold(key: str) -> str:
    """A carriage return that an answer does not escape is read as a line feed
    (https://www.w3.org/TR/xml/#sec-line-ends)."""
    return key.replace("\r\n", "\n").replace("\r", "\n")
