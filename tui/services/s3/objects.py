"""Single objects: their details, their links, their end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tui.services.aws import Done, Look, Standpoint, translating
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import batch_delete
from tui.services.s3.batch_delete import Name
from tui.services.s3.clients import BucketClients
from tui.services.s3.lost_delete import after_lost_delete, is_gone, keeps_versions
from tui.services.s3.models import DeleteOutcome, FailedKey, ObjectDetails, PresignedLink

BATCH = batch_delete.LIMIT

ALL_FAIL = {
    ErrorKind.CONFLICT,
    ErrorKind.CREDENTIALS,
    ErrorKind.NETWORK,
    ErrorKind.READ_ONLY,
    ErrorKind.THROTTLED,
    ErrorKind.UNKNOWN,
}
"""Reasons that are not about the keys of one call: deleting ends with them."""

LONGEST_LINK = timedelta(days=7)
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html"""

_EXTRA = {
    "Restore": "restore",
    "ArchiveStatus": "archive status",
    "CacheControl": "cache control",
    "ContentDisposition": "content disposition",
    "ContentLanguage": "content language",
    "Expiration": "expiration",
    "ReplicationStatus": "replication",
    "ObjectLockMode": "lock mode",
    "ObjectLockRetainUntilDate": "locked until",
    "ObjectLockLegalHoldStatus": "legal hold",
    "WebsiteRedirectLocation": "redirect",
    "MissingMeta": "metadata left out",
    "PartsCount": "parts",
}


def head(
    clients: BucketClients,
    bucket: str,
    key: str,
    version_id: str | None,
    at: Standpoint | None = None,
) -> ObjectDetails:
    """The details of one object. Raises ServiceError."""
    parameters: dict[str, Any] = {"Key": key} | ({"VersionId": version_id} if version_id else {})
    answer = clients.call(
        f"read the details of {key!r}", "head_object", bucket, at=at, **parameters
    )
    return details_of(bucket, key, answer)


def details_of(bucket: str, key: str, answer: Mapping[str, Any]) -> ObjectDetails:
    """The details of an object, from HeadObject's answer."""
    modified = answer.get("LastModified")
    return ObjectDetails(
        bucket=bucket,
        key=key,
        size=int(answer["ContentLength"]),
        modified=modified.astimezone(UTC) if modified else None,
        etag=answer.get("ETag", "").strip('"'),
        content_type=answer.get("ContentType", ""),
        content_encoding=answer.get("ContentEncoding", ""),
        storage_class=answer.get("StorageClass") or "STANDARD",
        version_id=answer.get("VersionId", ""),
        encryption=_encryption(answer),
        metadata=tuple((answer.get("Metadata") or {}).items()),
        extra=tuple((label, str(answer[name])) for name, label in _EXTRA.items() if name in answer),
    )


def _encryption(answer: Mapping[str, Any]) -> str:
    if "SSECustomerAlgorithm" in answer:
        return f"{answer['SSECustomerAlgorithm']} with a key of the customer's"
    algorithm = str(answer.get("ServerSideEncryption", ""))
    key = answer.get("SSEKMSKeyId")
    return f"{algorithm} (key {key})" if key else algorithm


def presign(clients: BucketClients, bucket: str, key: str, asked: timedelta) -> PresignedLink:
    """An address that gives the object to anybody until its real expiry. Raises ServiceError.

    The link works only as long as its signer may read the object and its credentials live,
    whatever the address itself says. Nothing is checked against the object.
    """
    if asked < timedelta(seconds=1):
        raise ServiceError("A link must last at least a second.", kind=ErrorKind.INVALID)
    with translating(f"make a link for {key!r}"):
        if clients.region_of(bucket) is None and clients.account.endpoint is None:
            # The region is part of the signature, and nobody could follow a redirect with it.
            clients.call(f"find the region of {bucket}", "head_bucket", bucket)
        life = clients.account.credentials_life()
        now = datetime.now(UTC)
        lasting, reason = min(asked, LONGEST_LINK), ""
        if lasting < asked:
            reason = "S3 allows at most 7 days."
        if life.expires is not None and life.expires - now < lasting:
            lasting = max(life.expires - now, timedelta(seconds=1))
            reason = "The credentials that sign it end then."
        client = clients.for_bucket(bucket)
        _sign_with_version_4(client)
        url = client.generate_presigned_url(
            "get_object",
            Params={"Bucket": bucket, "Key": key},
            ExpiresIn=int(lasting.total_seconds()),
        )
    certain = life.expires is not None or not life.temporary
    return PresignedLink(
        str(url), now + timedelta(seconds=int(lasting.total_seconds())), reason, certain
    )


def _sign_with_version_4(client: Any) -> None:
    """Left alone, the SDK signs links for the oldest regions with version 2.

    Those ignore the limit of 7 days and are refused by KMS and by newer regions.
    """
    client.meta.events.register_first(
        "choose-signer.s3.GetObject", _version_4, unique_id="tristore-presign-v4"
    )


def _version_4(signature_version: object, **_: Any) -> str | None:
    name = str(signature_version)
    if name.endswith("-query") and not name.startswith(("v4a", "v4-s3express")):
        return "s3v4-query"
    return None


def delete_objects(
    clients: BucketClients, bucket: str, keys: Sequence[str], at: Standpoint | None = None
) -> Iterator[DeleteOutcome]:
    """Delete objects by key, 1,000 a call, and tell after each call what became of its keys.

    Where the bucket keeps versions, an object only gets a delete marker. A call that is refused
    as a whole is told of its keys only, unless it is the first, or the reason is one for all that
    follow as well (`ALL_FAIL`): then it raises ServiceError, and the rest is not tried.
    """
    for number, (delete, chunk) in enumerate(_calls(keys)):
        try:
            outcome = delete(clients, bucket, chunk, at)
        except ServiceError as error:
            if number == 0 or error.kind in ALL_FAIL:
                raise
            outcome = DeleteOutcome((), tuple(_failed(key, error) for key in chunk), 0)
        yield outcome


_Delete = Callable[[BucketClients, str, list[str], Standpoint | None], DeleteOutcome]


def _calls(keys: Sequence[str]) -> Iterator[tuple[_Delete, list[str]]]:
    """The calls that a delete of `keys` takes, as (function, its keys)."""
    together, alone = batch_delete.split(map(Name, keys))
    for start in range(0, len(together), BATCH):
        yield _delete_batch, [name.key for name in together[start : start + BATCH]]
    for name in alone:
        yield _delete_alone, [name.key]


def _delete_alone(
    clients: BucketClients, bucket: str, keys: list[str], at: Standpoint | None
) -> DeleteOutcome:
    key = keys[0]

    def look(_: Mapping[str, Any]) -> Done[dict[str, Any]] | Look:
        gone = is_gone(clients.calls, bucket, key)
        return (
            Done({"DeleteMarker": keeps_versions(clients.calls, bucket)}) if gone else Look.NOT_DONE
        )

    answer = clients.call(f"delete {key!r}", "delete_object", bucket, at=at, look=look, Key=key)
    return DeleteOutcome((key,), (), int(bool(answer.get("DeleteMarker"))))


def _delete_batch(
    clients: BucketClients, bucket: str, keys: list[str], at: Standpoint | None
) -> DeleteOutcome:
    answer = clients.call(
        f"delete {len(keys)} objects from {bucket}",
        "delete_objects",
        bucket,
        at=at,
        look=lambda _: Done(after_lost_delete(clients.calls, bucket, keys)),
        Delete={"Objects": [{"Key": key} for key in keys]},
    )
    refused = batch_delete.refused([Name(key) for key in keys], answer)
    failed = tuple(FailedKey(each.name.key, each.code, each.message) for each in refused)
    stayed = {failure.key for failure in failed}
    markers = sum(bool(entry.get("DeleteMarker")) for entry in answer.get("Deleted", ()))
    return DeleteOutcome(tuple(key for key in keys if key not in stayed), failed, markers)


def _failed(key: str, error: ServiceError) -> FailedKey:
    return FailedKey(key, error.code, error.cause or error.message)
