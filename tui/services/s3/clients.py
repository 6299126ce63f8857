"""Calls on a bucket, sent to the region where the bucket is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tui.services.aws import Looker, Standpoint, settled, translating
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.calls import S3Calls

_ELSEWHERE = {
    "301",
    "307",
    "400",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
    "PermanentRedirect",
    "TemporaryRedirect",
}
"""The codes with which S3 says that a bucket is in another region. A HEAD has only a status."""

_PERMISSIONS = {
    "create_bucket": "s3:CreateBucket",
    "delete_object": "s3:DeleteObject",
    "delete_objects": "s3:DeleteObject",
    "get_bucket_encryption": "s3:GetEncryptionConfiguration",
    "get_bucket_location": "s3:GetBucketLocation",
    "get_bucket_policy_status": "s3:GetBucketPolicyStatus",
    "get_bucket_versioning": "s3:GetBucketVersioning",
    "get_object": "s3:GetObject",
    "get_public_access_block": "s3:GetBucketPublicAccessBlock",
    "head_bucket": "s3:ListBucket",
    "head_object": "s3:GetObject",
    "list_objects_v2": "s3:ListBucket",
    "put_public_access_block": "s3:PutBucketPublicAccessBlock",
}
"""What a policy calls the permission; it is often not the operation's name.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

HOW_TO_LOOK = "Press r and look at what is listed before you do it again."

_GENERAL_HINT = "These credentials need permission for"


class BucketClients:
    """The SDK clients for buckets, and what is known of the buckets' regions.

    The SDK follows most wrong-region answers by itself, but anew for every client and not for
    presigned links; what was once learned is therefore kept here. Blocking; shared by threads.
    """

    def __init__(self, calls: S3Calls) -> None:
        self.calls = calls
        self.account = calls.account

    def region_of(self, bucket: str) -> str | None:
        """The region of a bucket, if it was ever said."""
        return self.calls.region_of(bucket)

    def learn(self, bucket: str, region: str | None) -> None:
        """Remember where a bucket is, from an answer that said so."""
        self.calls.learn(bucket, region)

    def for_bucket(self, bucket: str, at: Standpoint | None = None) -> Any:
        """The SDK client that reaches the bucket; its own region's as soon as that is known."""
        return self.account.client("s3", region=self.calls.region_of(bucket), at=at)

    def call(
        self,
        action: str,
        operation: str,
        bucket: str,
        *,
        hint: str = "",
        at: Standpoint | None = None,
        look: Looker[dict[str, Any]] | None = None,
        **parameters: Any,
    ) -> dict[str, Any]:
        """The answer of one operation on a bucket. `action` completes "Could not …".

        Follows the bucket to its region once. `look` finds out what became of a change whose
        answer was lost. Raises ServiceError, CONFLICT if the account is not at `at` any more.
        """
        from botocore.exceptions import ClientError

        _refuse_broken_text(parameters, action)
        with permission_named(operation), translating(action, hint=hint):
            client = self.for_bucket(bucket, at)
            try:
                answer = self._send(client, operation, bucket, parameters, look)
            except ClientError as error:
                region = _region_said(error.response)
                if region is None or region == client.meta.region_name:
                    raise
                self.learn(bucket, region)
                if str(error.response.get("Error", {}).get("Code")) not in _ELSEWHERE:
                    raise
            else:
                self.learn(bucket, _region_said(answer))
                return dict(answer)
        where = f"{action} in its region, {self.region_of(bucket)}"
        with permission_named(operation), translating(where, hint=hint):
            client = self.for_bucket(bucket, at)
            return dict(self._send(client, operation, bucket, parameters, look))

    @staticmethod
    def _send(
        client: Any,
        operation: str,
        bucket: str,
        parameters: Mapping[str, Any],
        look: Looker[dict[str, Any]] | None,
    ) -> dict[str, Any]:
        def send() -> dict[str, Any]:
            answer: dict[str, Any] = getattr(client, operation)(Bucket=bucket, **parameters)
            return answer

        if look is None:
            return send()
        return settled(send, look, how_to_look=HOW_TO_LOOK)


def _refuse_broken_text(value: object, action: str) -> None:
    """Some servers list keys that are not UTF-8; no request of S3's can say them."""
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise ServiceError(
                f"Could not {action}.",
                cause="The name holds bytes that are not UTF-8.",
                hint="Use a tool of that server's own to rename it.",
                kind=ErrorKind.INVALID,
            )
    elif isinstance(value, Mapping):
        for each in value.values():
            _refuse_broken_text(each, action)
    elif isinstance(value, list):
        for each in value:
            _refuse_broken_text(each, action)


@contextmanager
def permission_named(operation: str) -> Iterator[None]:
    """Put the missing permission's own name into the hint of a denied call."""
    try:
        yield
    except ServiceError as error:
        permission = _PERMISSIONS.get(operation)
        if error.kind is ErrorKind.DENIED and permission and error.hint.startswith(_GENERAL_HINT):
            error.hint = f"These credentials need the permission {permission}."
        raise


def _region_said(answer: Any) -> str | None:
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    region = headers.get("x-amz-bucket-region") or answer.get("Error", {}).get("Region")
    return str(region) if region else None
