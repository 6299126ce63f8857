"""Single objects: their details, their beginning, their links. Blocking."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tui.services.aws import Connection, translating
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.calls import S3Calls
from tui.services.s3.data.stored_name import explain_refused_name
from tui.services.s3.link_life import LONGEST_LINK
from tui.services.s3.models import ObjectDetails, PresignedLink

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import GetObjectOutputTypeDef

LIMIT = 256 * 1024
"""Bytes that a preview asks for."""

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


GZIP = b"\x1f\x8b\x08"
_TOTAL = re.compile(r"bytes \d+-\d+/(\d+)")


def head(
    s3: S3Calls,
    bucket: str,
    key: str,
    version_id: str | None = None,
    *,
    at: Connection | None = None,
) -> ObjectDetails:
    """The details of one object. Raises ServiceError."""
    s3 = s3.on(at)
    try:
        answer: Mapping[str, Any] = s3.call(
            f"read the details of {key!r}",
            _head_object,
            Bucket=bucket,
            Key=key,
            **version_named(version_id or ""),
        )
    except ServiceError as error:
        explain_refused_name(error, key)
        raise
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


def presign(s3: S3Calls, bucket: str, key: str, asked: timedelta) -> PresignedLink:
    """An address that gives the object to anybody until its real expiry. Raises ServiceError.

    The link works only as long as its signer may read the object and its credentials live,
    whatever the address itself says. Nothing is checked against the object.
    """
    if asked < timedelta(seconds=1):
        raise ServiceError("A link must last at least a second.", kind=ErrorKind.INVALID)
    if s3.connection.target.unsigned:
        raise ServiceError(
            "A link that expires is signed, and there are no credentials (--no-sign-request).",
            hint="Press y for the plain address: it opens what everybody may read.",
            kind=ErrorKind.CREDENTIALS,
        )
    with translating(f"make a link for {key!r}"):
        if s3.region_of(bucket) is None and s3.connection.endpoint is None:
            # The region is part of the signature, and nobody could follow a redirect with it.
            s3.call(
                f"find the region of {bucket}", lambda client: client.head_bucket, Bucket=bucket
            )
        life = s3.account.credentials_life()
        now = datetime.now(UTC)
        lasting, reason = min(asked, LONGEST_LINK), ""
        if lasting < asked:
            reason = "S3 allows at most 7 days."
        if life.expires is not None and life.expires - now < lasting:
            lasting = max(life.expires - now, timedelta(seconds=1))
            reason = "The credentials that sign it end then."
        client = s3.client(bucket)
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


def _sign_with_version_4(client: S3Client) -> None:
    """Left alone, the SDK signs links for the oldest regions with version 2.

    Those ignore the limit of 7 days and are refused by KMS and by newer regions.
    """
    choose: Any = _version_4  # the stubs know no handler that answers
    client.meta.events.register_first(
        "choose-signer.s3.GetObject", choose, unique_id="tristore-presign-v4"
    )


def _version_4(signature_version: object, **_: object) -> str | None:
    name = str(signature_version)
    if name.endswith("-query") and not name.startswith(("v4a", "v4-s3express")):
        return "s3v4-query"
    return None


@dataclass(frozen=True)
class Beginning:
    """The first bytes of one object."""

    bucket: str
    key: str
    data: bytes
    """As stored."""
    size: int
    """Bytes of the whole object."""
    content_type: str
    """Empty if the object has none."""
    etag: str = ""
    """Without quotes; empty if the server gives none."""
    version_id: str = ""
    """The version that was asked for; empty if it was the latest."""

    def with_data(self, data: bytes) -> Beginning:
        """The same object with another number of its first bytes."""
        return replace(self, data=data)

    @property
    def truncated(self) -> bool:
        """Whether the object goes on after `data`."""
        return len(self.data) < self.size

    @property
    def is_gzip(self) -> bool:
        """Whether the bytes are gzip's, whatever the name says."""
        return self.data.startswith(GZIP)


def read_beginning(
    s3: S3Calls, bucket: str, key: str, limit: int = LIMIT, *, version_id: str = ""
) -> Beginning:
    """The first `limit` bytes of an object, or of a version of it, by a ranged GET.

    Raises ServiceError; CONFLICT for an object that is archived and not restored.
    """
    part = f"bytes=0-{limit - 1}"
    try:
        answer = s3.call(
            f"read {key!r}",
            get_object,
            Bucket=bucket,
            Key=key,
            Range=part,
            **version_named(version_id),
        )
    except ServiceError as error:
        if error.code in {"InvalidRange", "416"}:
            # An empty object has no first byte to ask for.
            return Beginning(bucket, key, b"", 0, "", version_id=version_id)
        if error.code == "InvalidObjectState":
            error.hint = (
                "The object is archived (i shows its storage class): press t in the list to "
                "restore it, then it can be read."
            )
        raise
    with translating(f"read {key!r}"):
        data = read_body(answer, limit)
    total = _TOTAL.fullmatch(answer.get("ContentRange", ""))
    # Without a Content-Range the server did not heed the range and sends everything.
    size = int(total[1]) if total else int(answer["ContentLength"])
    etag = answer.get("ETag", "").strip('"')
    return Beginning(bucket, key, data, size, answer.get("ContentType", ""), etag, version_id)


def version_named(version_id: str) -> dict[str, str]:
    """The SDK's parameter that names a version; none for the latest one."""
    return {"VersionId": version_id} if version_id else {}


def _head_object(client: S3Client) -> Callable[..., Any]:
    # Which parameters are sent is known only when it runs, so the stubs cannot check them.
    return client.head_object


def get_object(client: S3Client) -> Callable[..., GetObjectOutputTypeDef]:
    """GetObject, whose parameters are known only when it runs, so the stubs cannot check them."""
    return client.get_object


def read_body(answer: GetObjectOutputTypeDef, limit: int) -> bytes:
    """At most `limit` bytes of an answer's body. Raises NETWORK if the connection breaks."""
    from urllib3.exceptions import HTTPError

    body = answer["Body"]
    try:
        return bytes(body.read(limit))
    except HTTPError as error:
        raise ServiceError(
            "The connection broke while the object was read.",
            cause=str(error),
            hint="Press r to try again.",
            kind=ErrorKind.NETWORK,
        ) from error
    finally:
        body.close()
