"""Calls on a bucket, sent to the region where the bucket is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from tui.services.aws import Account, Connection, Looker, Paging, settled
from tui.services.aws.calls import Backoff, every_page, repeated
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.requester_pays import RequesterPays

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M")
A = TypeVar("A", bound=Mapping[str, object])

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

HOW_TO_LOOK = "Press r and look at what is listed before you do it again."


class S3Calls:
    """How buckets are called: each in its own region, which is remembered.

    The SDK follows most wrong-region answers by itself, but anew for every client and not for
    presigned links; what was once learned is therefore kept here. Blocking; shared by threads.

    A method of the SDK's client is given as a function of the client, because which client it is
    depends on the bucket:

        s3.call("read x", lambda client: client.head_object, Bucket="b", Key="x")
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        self.payers = RequesterPays()
        self._at: Connection | None = None
        self._owner: str | None = None
        self._regions: dict[str, str] = {}
        self._held: dict[str, S3Client] = {}

    def on(self, connection: Connection | None, *, owned: bool = False) -> S3Calls:
        """The same on that connection or not at all; None changes nothing.

        With `owned`, a bucket that does not belong to the connection's account is refused, on AWS
        itself: it may have been deleted and taken by somebody else.
        """
        if connection is None:
            return self
        calls = S3Calls(self.account)
        calls._at = connection
        calls._owner = connection.expected_owner if owned else None
        calls._regions, calls.payers = self._regions, self.payers
        return calls

    def held(self, *buckets: str) -> S3Calls:
        """The same, with the clients that reach these buckets now: they go on working when the user
        has left the connection. Raises CONFLICT if that is so already."""
        calls = S3Calls(self.account)
        calls._at, calls._owner, calls._regions = self.connection, self._owner, self._regions
        calls.payers = self.payers
        calls._held = {bucket: self.client(bucket) for bucket in buckets}
        return calls

    @property
    def connection(self) -> Connection:
        """Where the calls go."""
        return self._at or self.account.connection

    def region_of(self, bucket: str) -> str | None:
        """The region of a bucket, if it was ever said."""
        return self._regions.get(bucket)

    def learn(self, bucket: str, region: str | None) -> None:
        """Remember where a bucket is, from an answer that said so."""
        if region:
            self._regions[bucket] = region

    def client(self, bucket: str) -> S3Client:
        """The SDK client that reaches the bucket; its own region's as soon as that is known.

        Raises CONFLICT if the user has left the connection.
        """
        held = self._held.get(bucket)
        if held is not None and self._regions.get(bucket) in {None, held.meta.region_name}:
            return held
        connection = self.connection
        client = connection.client("s3", region=self._regions.get(bucket))
        return self.payers.watched(client, connection)

    def call(
        self,
        action: str,
        method: Callable[[S3Client], Callable[P, T]],
        /,
        *args: P.args,
        **parameters: P.kwargs,
    ) -> T:
        """The answer of one operation on the bucket `Bucket`, as `aws.call` gives it.

        Follows the bucket to its region once. Raises ServiceError.
        """
        return self._sent(action, method, parameters, lambda send: send())

    def configuration(
        self,
        absent: frozenset[str],
        action: str,
        method: Callable[[S3Client], Callable[P, T]],
        /,
        *args: P.args,
        **parameters: P.kwargs,
    ) -> T | None:
        """As `call`, of an operation that reads a configuration; None if the bucket has none, which
        S3 says with one of the error codes `absent`."""
        try:
            return self.call(action, method, *args, **parameters)
        except ServiceError as error:
            if error.code in absent:
                return None
            raise

    def change(
        self,
        action: str,
        method: Callable[[S3Client], Callable[P, T]],
        read: Callable[[T], M],
        look: Looker[M],
        /,
        *args: P.args,
        **parameters: P.kwargs,
    ) -> M:
        """What `read` makes of the answer of a change; if the answer was lost, what `look` finds
        out of how it ended. Otherwise as `call`.
        """
        return self._sent(
            action,
            method,
            parameters,
            lambda send: settled(lambda: read(send()), look, how_to_look=HOW_TO_LOOK),
        )

    def pages(
        self,
        action: str,
        method: Callable[[S3Client], Callable[P, A]],
        paging: Paging[A],
        /,
        *args: P.args,
        **parameters: P.kwargs,
    ) -> Iterator[A]:
        """Every page of a listing of the bucket `Bucket`, as `aws.pages` gives it."""

        def page(**sent: Any) -> A:
            return self._sent(action, method, sent, lambda send: send())

        return every_page(page, paging, parameters)

    def _sent(
        self,
        action: str,
        method: Callable[[S3Client], Callable[..., T]],
        parameters: Mapping[str, Any],
        settle: Callable[[Callable[[], T]], M],
    ) -> M:
        _refuse_broken_text(parameters, action)
        bucket = str(parameters["Bucket"])
        if self._owner is not None:
            parameters = {**parameters, "ExpectedBucketOwner": self._owner}

        def send(to: S3Client) -> T:
            answer = method(to)(**parameters)
            self.learn(bucket, _region_said(answer))
            return answer

        where = action
        while True:
            client = self.client(bucket)
            try:
                return repeated(Backoff(), where, partial(settle, partial(send, client)))
            except ServiceError as error:
                region = _region_said(getattr(error.__cause__, "response", None))
                self.learn(bucket, region)
                elsewhere = region is not None and region != client.meta.region_name
                if not elsewhere or error.code not in _ELSEWHERE or where != action:
                    self.payers.offer(self.connection, bucket, error)
                    raise
                where = f"{action} in its region, {region}"


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


def _region_said(answer: Any) -> str | None:
    if not isinstance(answer, Mapping):
        return None
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    region = headers.get("x-amz-bucket-region") or answer.get("Error", {}).get("Region")
    return str(region) if region else None
