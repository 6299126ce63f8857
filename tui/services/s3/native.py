"""AWS's native S3 client (awscrt) for single small requests: several times the SDK's speed.

It is only ever a faster way to the same end. It does not pass through the SDK's hooks, so the
read-only guard and the audit are called here. Whatever it cannot do (another region, a proxy, a
server that it does not get on with) is left to the SDK, which then says what is wrong.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit
from weakref import WeakKeyDictionary

from tui.services.audit import UNKNOWN, AuditEntry, AuditLog
from tui.services.aws import guard
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.body import Stop, StoppedError
from tui.services.s3.requester_pays import HEADER, REQUESTER

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

THROUGHPUT_GBPS = 5.0
"""What the client sizes its number of connections for."""

LOOK_SECONDS = 0.5
"""Seconds between two looks at whether a request is still wanted."""

LONGEST_SECONDS = 60.0
"""Seconds after which a request is given up and left to the SDK."""

GRACE_SECONDS = 3.0
"""Seconds that a request in flight is given to end after its transfer was cancelled."""

TRIES = 3
"""Failures in a row, before the first success, after which the client is not used again."""

_HEADERS = {
    "ContentType": "Content-Type",
    "ContentMD5": "Content-MD5",
    "IfNoneMatch": "If-None-Match",
    "IfMatch": "If-Match",
}

Pays = Callable[[str], bool]
"""Whether the requests to a bucket are to say that the requester pays."""

_UNRESERVED = "/-_.~"


@dataclass(frozen=True)
class Where:
    """The account and place that audit lines are about."""

    account_id: str | None
    region: str | None
    endpoint: str | None


class NativePut(Enum):
    """What became of an object that was given to the native client."""

    STORED = "stored"
    LEFT = "left to the SDK"
    EXISTS = "left to the SDK, because the key is taken"
    LOST = "left to the SDK, but it may have been stored: the answer was lost"


class NativeClient:
    """The native client beside an SDK client. Blocking; shared by threads."""

    def __init__(
        self,
        inner: Any,
        address: Address,
        *,
        read_only: bool,
        audit: AuditLog | None,
        where: Where,
        pays: Pays = lambda bucket: False,
    ) -> None:
        self._inner = inner
        self._address = address
        self._read_only = read_only
        self._audit = audit
        self._where = where
        self._pays = pays
        self._failures = 0
        self._succeeded = False

    @property
    def works(self) -> bool:
        """Whether it is worth asking: not when it has only ever failed."""
        return self._succeeded or self._failures < TRIES

    def put(
        self, bucket: str, key: str, data: bytes, headers: Mapping[str, str], stop: Stop
    ) -> NativePut:
        """Store an object. `headers` are named as the SDK does.

        Raises ServiceError (READ_ONLY, or THROTTLED), StoppedError when cancelled.
        """
        guard.refuse_if_read_only(self._read_only, "s3", "PutObject")
        if self._audit is None or not self._address.reaches(bucket):
            # A write that cannot be recorded goes where it is recorded.
            return NativePut.LEFT
        named = [(_HEADERS[name], value) for name, value in headers.items()]
        named.append(("Content-Length", str(len(data))))
        outcome = "cancelled"
        try:
            outcome = self._send("PUT", "PutObject", bucket, key, named, stop, data=data)
        except ServiceError as error:
            outcome = error.code
            raise
        finally:
            self._audit.append(self._entry(bucket, key, outcome))
        if outcome == "ok":
            return NativePut.STORED
        if not outcome.isdecimal():
            return NativePut.LOST  # there was no answer
        return NativePut.EXISTS if outcome == "412" else NativePut.LEFT

    def found_stored(self, bucket: str, key: str) -> None:
        """Record that what was refused because the key is taken is what was sent: this client
        sends a request again by itself when the connection breaks.
        """
        if self._audit is not None:
            note = "found out by looking, after 412"
            self._audit.append(replace(self._entry(bucket, key, "ok"), note=note))

    def get(
        self, bucket: str, key: str, etag: str, stop: Stop
    ) -> tuple[bytes, Mapping[str, str]] | None:
        """An object and the headers of the answer, in lower case; None leaves it to the SDK.

        `etag` is what it must still have, empty if unknown. Raises ServiceError (THROTTLED),
        StoppedError.
        """
        if not self._address.reaches(bucket):
            return None
        got = _Got()
        conditions = [("If-Match", f'"{etag}"')] if etag else []
        outcome = self._send("GET", "GetObject", bucket, key, conditions, stop, got=got)
        return (bytes(got.data), got.headers) if outcome == "ok" else None

    def _send(
        self,
        method: str,
        operation: str,
        bucket: str,
        key: str,
        headers: list[tuple[str, str]],
        stop: Stop,
        *,
        data: bytes | None = None,
        got: _Got | None = None,
    ) -> str:
        """ "ok", or what went wrong."""
        from awscrt.exceptions import AwsCrtError
        from awscrt.http import HttpHeaders, HttpRequest
        from awscrt.s3 import S3RequestType

        if self._pays(bucket):
            headers = [*headers, (HEADER, REQUESTER)]
        host, path = self._address.of(bucket, key)
        body = None if data is None else io.BytesIO(data)
        request = HttpRequest(method, path, HttpHeaders([("Host", host), *headers]), body)
        sent = self._inner.make_request(
            type=S3RequestType.DEFAULT,
            operation_name=operation,
            request=request,
            on_headers=None if got is None else got.on_headers,
            on_body=None if got is None else got.on_body,
        )
        try:
            _await(sent, stop)
        except (AwsCrtError, NotYet) as error:
            status = getattr(error, "status_code", None)
            if status == 503:
                raise ServiceError(
                    f"Could not reach {key}: the service asks for fewer requests.",
                    code="SlowDown",
                    kind=ErrorKind.THROTTLED,
                ) from error
            self._failures += 1
            return str(status or getattr(error, "name", type(error).__name__))
        self._succeeded = True
        return "ok"

    def _entry(self, bucket: str, key: str, outcome: str) -> AuditEntry:
        answered = outcome in {"ok", "cancelled", "SlowDown"} or outcome.isdecimal()
        return AuditEntry(
            service="s3",
            operation="PutObject",
            target={"Bucket": bucket, "Key": key},
            outcome=outcome if answered else UNKNOWN,
            note="" if answered else outcome,
            account_id=self._where.account_id,
            region=self._where.region,
            endpoint=self._where.endpoint,
        )


class _Got:
    """The answer to a GET, filled from the client's thread."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.headers: dict[str, str] = {}

    def on_headers(self, status_code: int, headers: list[tuple[str, str]], **_: Any) -> None:
        self.headers = {name.lower(): value for name, value in headers}
        self.data.clear()

    def on_body(self, chunk: bytes, offset: int, **_: Any) -> None:
        self.data[offset : offset + len(chunk)] = chunk


def _await(sent: Any, stop: Stop) -> None:
    waited = stopped = 0.0
    while True:
        try:
            sent.finished_future.result(LOOK_SECONDS)
        except NotYet:
            waited += LOOK_SECONDS
            stopped += LOOK_SECONDS if stop.is_set() else 0.0
            if stopped >= GRACE_SECONDS:
                sent.cancel()
                raise StoppedError from None
            if waited >= LONGEST_SECONDS:
                sent.cancel()
                raise
        else:
            return


@dataclass(frozen=True)
class Address:
    """How a bucket's objects are addressed at an endpoint."""

    host: str
    """With its port, if it has one."""
    path_style: bool

    def reaches(self, bucket: str) -> bool:
        """Whether the bucket can be addressed so: no access points, no express buckets, and a
        name with dots only in the path, because of the certificates.
        """
        if bucket.startswith("arn:") or bucket.endswith(("--x-s3", ".mrap", "--ol-s3")):
            return False
        return self.path_style or "." not in bucket

    def of(self, bucket: str, key: str) -> tuple[str, str]:
        """Host and path of an object. The key is quoted and never normalised."""
        quoted = quote(key, safe=_UNRESERVED)
        if self.path_style:
            return self.host, f"/{bucket}/{quoted}"
        return f"{bucket}.{self.host}", f"/{quoted}"


class NativeClients:
    """One native client beside each SDK client, made when it is first asked for. Blocking."""

    def __init__(self, audit: AuditLog | None) -> None:
        self._audit = audit
        self._made: WeakKeyDictionary[S3Client, NativeClient | None] = WeakKeyDictionary()
        self._making = threading.Lock()

    def beside(
        self, client: S3Client, *, read_only: bool, account_id: str | None, pays: Pays
    ) -> NativeClient | None:
        """The native client beside an SDK client; None where it cannot be used."""
        with self._making:
            if client not in self._made:
                self._made[client] = native_client(
                    client,
                    read_only=read_only,
                    audit=self._audit,
                    account_id=account_id,
                    pays=pays,
                )
            return self._made[client]


def native_client(
    client: S3Client,
    *,
    read_only: bool,
    audit: AuditLog | None,
    account_id: str | None,
    pays: Pays = lambda bucket: False,
) -> NativeClient | None:
    """The native client that stands beside an SDK client; None where it cannot. Blocking."""
    endpoint = urlsplit(client.meta.endpoint_url)
    config: Any = client.meta.config
    options = config.s3 or {}
    path_style = options.get("addressing_style") == "path"
    # boto3's own native transfers do so, too.
    credentials = client._get_credentials()  # type: ignore[attr-defined]  # noqa: SLF001
    plain = set(options) <= {"addressing_style", "payload_signing_enabled"}
    if credentials is None or not plain or _goes_another_way(endpoint.hostname or ""):
        return None
    if not path_style and not (endpoint.hostname or "").endswith("amazonaws.com"):
        return None
    region = client.meta.region_name
    try:
        inner = _inner(credentials, region, tls=endpoint.scheme == "https")
    except ImportError:
        return None
    return NativeClient(
        inner,
        Address(endpoint.netloc, path_style),
        read_only=read_only,
        audit=audit,
        where=Where(account_id, region, client.meta.endpoint_url if path_style else None),
        pays=pays,
    )


def _goes_another_way(host: str) -> bool:
    """Whether a proxy or certificates of one's own are set, of which only the SDK knows."""
    if host in {"127.0.0.1", "localhost", "::1"}:
        return False
    from urllib.request import getproxies

    own = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
    return bool(getproxies()) or any(os.environ.get(name) for name in own)


def _inner(credentials: Any, region: str, *, tls: bool) -> Any:
    from awscrt.auth import AwsCredentials, AwsCredentialsProvider
    from awscrt.io import ClientBootstrap, DefaultHostResolver, EventLoopGroup
    from awscrt.s3 import S3Client, S3RequestTlsMode, create_default_s3_signing_config

    def current() -> Any:
        # The SDK renews them when they are about to expire.
        now = credentials.get_frozen_credentials()
        return AwsCredentials(now.access_key, now.secret_key, now.token)

    loops = EventLoopGroup(1)
    provider = AwsCredentialsProvider.new_delegate(current)
    return S3Client(
        bootstrap=ClientBootstrap(loops, DefaultHostResolver(loops)),
        region=region,
        signing_config=create_default_s3_signing_config(
            region=region, credential_provider=provider
        ),
        tls_mode=S3RequestTlsMode.ENABLED if tls else S3RequestTlsMode.DISABLED,
        throughput_target_gbps=THROUGHPUT_GBPS,
    )
