"""Objects copied on the server's side, and the source deleted after it for a move. Blocking."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from tui.services.aws import Connection, Done, Look
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.bucket.names import may_be_access_point
from tui.services.s3.calls import S3Calls
from tui.services.s3.copying.copy_parts import CopyInParts, needs_no_checksums
from tui.services.s3.copying.copy_source import (
    NO_CONDITIONS,
    UNMET,
    CopySource,
    ObjectCopy,
    etag_of,
    exists_now,
    head_or_none,
    read_source,
    source_changed,
    tags_of,
)
from tui.services.s3.data.data_plane import MIB
from tui.services.s3.data.stored_name import (
    is_listed,
    listing_of,
    may_get_another_name,
    refuse_other_name,
)

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

SINGLE_COPY_BYTES = 256 * MIB
"""Up to this size one CopyObject copies an object, which keeps its ETag if it was put in one
request. Above, parts show the progress; S3 itself asks for them above 5 GiB."""

SMALLEST_PART = 64 * MIB
PARTS_AT_ONCE = 8


class Copier:
    """Copies objects, step by step; shared by threads.

    Every method raises ServiceError: CHANGED if the source is not what was listed, or what was to
    be overwritten is another object by now; EXISTS if something has come into being there.
    """

    def __init__(self, s3: S3Calls) -> None:
        self._s3 = s3
        self.is_aws = s3.connection.endpoint is None
        """Whether the server is known to heed a condition on CopyObject and DeleteObject."""

    def read(self, copy: ObjectCopy) -> CopySource:
        """The source, after a look at whether it may be copied there."""
        source = read_source(self._s3, copy)
        if not self.is_aws:
            self._refuse_taken(copy)
        return source

    def _refuse_taken(self, copy: ObjectCopy) -> None:
        """The nearest thing to a condition where the server may not know it: look just before."""
        there = head_or_none(self._s3, copy.to_bucket, copy.to_key)
        if there is not None and etag_of(there) != copy.replaces:
            raise _replaced_changed(copy, "") if copy.replaces else exists_now(copy.to_key, "")

    def whole(self, source: CopySource) -> str:
        """Copy in one request; gives the ETag of the copy."""
        return self._conditional(source.copy, lambda condition: self._whole(source, condition))

    def _whole(self, source: CopySource, condition: Mapping[str, str]) -> str:
        copy = source.copy
        request: dict[str, Any] = {
            "Bucket": copy.to_bucket,
            "Key": copy.to_key,
            "CopySource": copy.source,
            "MetadataDirective": "COPY",
            **source.placed,
            **source.condition,
            **condition,
        }

        def look(_: Mapping[str, Any]) -> Done[str] | Look:
            stored = head_or_none(self._s3, copy.to_bucket, copy.to_key)
            if stored is None or (copy.replaces and etag_of(stored) == copy.replaces):
                return Look.NOT_DONE
            same = etag_of(stored) == source.etag
            return Done(etag_of(stored)) if same else Look.UNCLEAR

        return self._s3.change(
            f"copy {copy.key!r}",
            _copy_object,
            lambda answer: etag_of(answer["CopyObjectResult"]),
            look,
            **request,
        )

    def in_parts(
        self, source: CopySource, smallest: int = SMALLEST_PART, *, checksums: bool = True
    ) -> CopyInParts:
        """Begin to copy in parts; without `checksums` the algorithm of the source is not kept."""
        return CopyInParts.begin(self._s3, source, smallest, checksums=checksums)

    def go_on(self, source: CopySource, upload_id: str, step: int) -> CopyInParts | None:
        """The copy in parts of so many bytes that an earlier run has begun; None if it is gone."""
        return CopyInParts.resume(self._s3, source, upload_id, step)

    def complete(self, source: CopySource, parts: CopyInParts) -> str:
        """Make the copy of its parts; gives its ETag."""
        return self._conditional(source.copy, parts.complete)

    def _conditional(self, copy: ObjectCopy, send: Callable[[Mapping[str, str]], str]) -> str:
        condition = {"IfMatch": f'"{copy.replaces}"'} if copy.replaces else {"IfNoneMatch": "*"}
        try:
            try:
                return send(condition)
            except ServiceError as error:
                if self.is_aws or error.code not in NO_CONDITIONS:
                    raise
                self._refuse_taken(copy)
                return send({})
        except ServiceError as error:
            if error.code in UNMET:
                raise self._unmet(copy, error) from error
            _explain(error)
            raise

    def _unmet(self, copy: ObjectCopy, error: ServiceError) -> ServiceError:
        """Which of the two conditions was not met."""
        read_source(self._s3, copy)
        if not copy.replaces:
            return exists_now(copy.to_key, error.cause)
        return _replaced_changed(copy, error.cause)

    def verify(self, source: CopySource, etag: str) -> None:
        """Look at the copy: it has that ETag, and the size of the source."""
        copy = source.copy
        stored = head_or_none(self._s3, copy.to_bucket, copy.to_key)
        if stored is None or int(stored["ContentLength"]) != source.size or etag_of(stored) != etag:
            raise ServiceError(
                f"The copy {copy.to_key!r} is not what was copied: it was changed meanwhile.",
                hint="The source is as it was.",
                kind=ErrorKind.CHANGED,
            )

    def is_made(self, copy: ObjectCopy) -> bool:
        """Whether the destination holds the same as the source: bytes, headers, metadata, tags.
        INVALID where it may be the source itself."""
        source = read_source(self._s3, copy)
        stored = head_or_none(self._s3, copy.to_bucket, copy.to_key, ChecksumMode="ENABLED")
        if stored is not None:
            _refuse_itself(copy, source.head, stored)
        if stored is None or not source.is_same(stored) or not self._has_its_own_name(copy):
            return False
        if not (source.head.get("TagCount") or stored.get("TagCount")):
            return True
        made = {"Bucket": copy.to_bucket, "Key": copy.to_key}
        return tags_of(self._s3, copy.source) == tags_of(self._s3, made)

    def _has_its_own_name(self, copy: ObjectCopy) -> bool:
        """Whether the copy is another object than its source.

        Not so where a server changes keys: MinIO stores `/x` as `x`, and one on a disk that knows
        no case stores `X` as `x`. HeadObject finds such a copy, for it changes the key too; only a
        listing says under which name it is.
        """
        if self.is_aws or (copy.bucket != copy.to_bucket and not self.may_rename(copy)):
            return True
        return is_listed(listing_of(self._s3, copy.to_bucket), copy.to_key)

    def may_rename(self, copy: ObjectCopy) -> bool:
        """Whether the server may keep the copy under another name than was asked for."""
        return not self.is_aws and may_get_another_name(copy.to_key)

    def refuse_other_name(self, copy: ObjectCopy, *, written: bool = True) -> None:
        """Raise ServiceError if it does so; as `stored_name.refuse_other_name`."""
        listed = listing_of(self._s3, copy.to_bucket)
        refuse_other_name(listed, copy.to_bucket, copy.to_key, written=written)

    def holds(self, copy: ObjectCopy, etags: Collection[str]) -> bool:
        """Whether the destination holds an object of the size of the source, with one of these
        ETags. The source need not be there any more."""
        stored = head_or_none(self._s3, copy.to_bucket, copy.to_key)
        if stored is None or int(stored["ContentLength"]) != copy.size:
            return False
        return etag_of(stored) in set(etags) - {""}

    def is_gone(self, copy: ObjectCopy) -> bool:
        """Whether nothing is under the key of the source."""
        return head_or_none(self._s3, copy.bucket, copy.key) is None

    def delete_source(self, copy: ObjectCopy) -> None:
        """Delete the source if it is still what was copied. Where the bucket keeps versions it
        gets a delete marker.

        AWS is told the ETag (If-Match). Other servers are told it too, but may not heed it: so
        they are asked for it right before.
        """
        s3 = self._s3
        if not (self.is_aws and copy.etag):
            read_source(s3, copy)
        if not self._has_its_own_name(copy):
            raise ServiceError(
                f"This server lists nothing under the name {copy.to_key!r}: it keeps the copy "
                "under another name, which may be that of the source.",
                hint='Choose another name. MinIO takes a "/" at the beginning of a key away.',
                kind=ErrorKind.INVALID,
            )
        request: dict[str, Any] = {"Bucket": copy.bucket, "Key": copy.key}
        action = f"delete {copy.key!r}"

        def look(_: Mapping[str, Any]) -> Done[None] | Look:
            there = head_or_none(s3, copy.bucket, copy.key)
            return Done(None) if there is None else Look.NOT_DONE

        def send(**condition: str) -> None:
            s3.change(action, _delete_object, lambda _: None, look, **request, **condition)

        try:
            send(**({"IfMatch": f'"{copy.etag}"'} if copy.etag else {}))
        except ServiceError as error:
            if error.code in UNMET:
                raise source_changed(copy.key, error.cause) from error
            if self.is_aws or error.code not in NO_CONDITIONS:
                raise
            send()


def copy_object(s3: S3Calls, copy: ObjectCopy, *, at: Connection | None = None) -> str:
    """Copy one object of any size; gives the ETag of the copy, after a look at it.

    Raises ServiceError, as the methods of `Copier`.
    """
    copier = Copier(s3.on(at))
    source = copier.read(copy)
    single = source.size <= SINGLE_COPY_BYTES
    if single:
        etag = copier.whole(source)
    else:
        try:
            etag = _in_parts(copier, source)
        except ServiceError as error:
            if not needs_no_checksums(error):
                raise
            etag = _in_parts(copier, source, checksums=False)
    copier.verify(source, etag)
    if copier.may_rename(copy):
        copier.refuse_other_name(copy)
    return etag


def copy_is_made(s3: S3Calls, copy: ObjectCopy, *, at: Connection) -> bool:
    """Whether the destination holds the same already: bytes, headers, metadata and tags. Raises
    ServiceError."""
    return Copier(s3.on(at)).is_made(copy)


def _in_parts(copier: Copier, source: CopySource, *, checksums: bool = True) -> str:
    parts = copier.in_parts(source, checksums=checksums)
    try:
        with ThreadPoolExecutor(PARTS_AT_ONCE, thread_name_prefix="tristore-s3-copy") as pool:
            list(pool.map(parts.send, range(1, len(parts.ranges) + 1)))
        return copier.complete(source, parts)
    except BaseException as error:
        if not (isinstance(error, ServiceError) and error.kind is ErrorKind.UNKNOWN):
            parts.abort()
        raise


def _refuse_itself(copy: ObjectCopy, head: Mapping[str, Any], stored: Mapping[str, Any]) -> None:
    """An access point is another name of a bucket: an object that is found under both is one, and a
    move would delete it."""
    names = {copy.bucket, copy.to_bucket}
    if len(names) == 1 or copy.key != copy.to_key or not any(map(may_be_access_point, names)):
        return
    if all(head.get(name) == stored.get(name) for name in ("ETag", "LastModified", "VersionId")):
        raise ServiceError(
            f"What is at s3://{copy.to_bucket}/{copy.to_key} seems to be the object itself: an "
            "access point is another name of its bucket. It was left as it is.",
            hint="Name the bucket itself on both sides, or another key.",
            kind=ErrorKind.INVALID,
        )


def _replaced_changed(copy: ObjectCopy, cause: str) -> ServiceError:
    return ServiceError(
        f"{copy.to_key!r} was changed after you chose to overwrite it. It was left as it is.",
        cause=cause,
        kind=ErrorKind.CHANGED,
    )


def _explain(error: ServiceError) -> None:
    if error.code == "InvalidObjectState":
        error.hint = "It is archived: restore it first, then copy it."
    elif error.code.startswith("KMS") and not error.hint:
        error.hint = (
            "The copy is encrypted with the KMS key of the source, or with the default key of the "
            "bucket: that key must be there, enabled, and open to these credentials."
        )


# Which parameters are sent is known only when it runs, so the stubs cannot check them.


def _copy_object(client: S3Client) -> Callable[..., Any]:
    return client.copy_object


def _delete_object(client: S3Client) -> Callable[..., Any]:
    return client.delete_object
