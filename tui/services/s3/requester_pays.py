"""Buckets whose reader pays for the requests, once the user has agreed to that.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ObjectsinRequesterPaysBuckets.html
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tui.services.aws import Connection
from tui.services.aws.codes import missing_permission
from tui.services.errors import ErrorKind, ServiceError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

HEADER = "x-amz-request-payer"
REQUESTER = "requester"

OFFER = (
    "Or the bucket is requester-pays, which S3 answers in the same way: press $ to read it at "
    "your cost."
)

_OFFERED_FOR = {
    "GetObject",
    "GetObjectTagging",
    "HeadObject",
    "ListObjectsV2",
    "ListObjectVersions",
}
"""The operations after whose refusal paying is offered: those that a reader of a bucket sends."""

_LINK = "tristore_link_pays"
"""The mark, in the SDK's context of a request, of a presigned address that says who pays."""

_Account = tuple[str | None, str | None]


def _account_of(connection: Connection) -> _Account:
    # Not its region: a bucket of another region is reached by another client.
    return connection.target.profile, connection.target.endpoint_url


class RequesterPays:
    """For which buckets the user has agreed to pay, with which profile. Kept until the application
    ends and nowhere stored. Shared by threads.

    The parameter is added on the SDK's hooks, so that no request is forgotten, whoever sends it.
    """

    def __init__(self) -> None:
        self._agreed: set[tuple[_Account, str]] = set()
        self._own: set[tuple[_Account, str]] = set()
        self._watching = threading.Lock()

    def pays(self, connection: Connection, bucket: str) -> bool:
        """Whether the user has agreed to pay for the requests to a bucket."""
        return (_account_of(connection), bucket) in self._agreed

    def agree(self, connection: Connection, bucket: str) -> None:
        """From now on, say with each request to the bucket that the requester pays."""
        self._agreed.add((_account_of(connection), bucket))

    def withdraw(self, connection: Connection, bucket: str) -> None:
        """Say so no longer."""
        self._agreed.discard((_account_of(connection), bucket))

    def learn_own(self, connection: Connection, buckets: Iterable[str]) -> None:
        """Remember buckets that the account owns: no requester pays for its own."""
        account = _account_of(connection)
        self._own.update((account, bucket) for bucket in buckets)

    def offer(self, connection: Connection, bucket: str, error: ServiceError) -> None:
        """Add to the hint of a refusal that paying may help, where that is possible."""
        if error.kind is not ErrorKind.DENIED or missing_permission(error.cause):
            # A refusal that names a permission is about that permission.
            return
        place = _account_of(connection), bucket
        if place in self._agreed or place in self._own or OFFER in error.hint:
            return
        if getattr(error.__cause__, "operation_name", "") in _OFFERED_FOR:
            error.hint = f"{error.hint} {OFFER}".strip()

    def watched(self, client: S3Client, connection: Connection) -> S3Client:
        """The client, whose requests to these buckets say from now on who pays."""
        if not self._agreed:
            return client
        account = _account_of(connection)

        def say_who_pays(params: Any, model: Any, context: dict[str, Any], **_: object) -> None:
            if not isinstance(params, dict) or "RequestPayer" not in _members(model):
                return
            if not any((account, bucket) in self._agreed for bucket in _buckets_in(params)):
                return
            if context.get("is_presign_request"):
                # As a header it would be signed, and whoever opens the link does not send it.
                context[_LINK] = True
            else:
                params.setdefault("RequestPayer", REQUESTER)

        events: Any = client.meta.events  # the stubs know no handlers of these shapes
        name = f"tristore-payer-{id(self)}"
        with self._watching:
            # Of the same name, a second one is not added.
            events.register("before-parameter-build.s3", say_who_pays, unique_id=name)
            events.register("before-sign.s3", _say_in_link, unique_id=f"{name}-link")
        return client


def _say_in_link(request: Any, **_: object) -> None:
    if request.context.get(_LINK):
        request.params[HEADER] = REQUESTER


def _members(model: Any) -> Mapping[str, object]:
    shape: Any = model.input_shape
    return shape.members if shape is not None else {}


def _buckets_in(params: Mapping[str, Any]) -> Iterable[str]:
    yield str(params.get("Bucket", ""))
    source = params.get("CopySource")
    if isinstance(source, Mapping):
        yield str(source.get("Bucket", ""))
    elif isinstance(source, str):
        yield source.lstrip("/").partition("/")[0]
