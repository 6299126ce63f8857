"""Single requests without a thread for each: small objects by HTTP of our own, parts of large ones
by AWS's native S3 client (awscrt).

It is only ever a faster way to the same end. It does not pass through the SDK's hooks, so the
read-only guard and the audit are called here. Whatever it cannot do (another region, a proxy, a
server that it does not get on with) is left to the SDK, which then says what is wrong.

The methods are awaited on any event loop. awscrt sends parts from its own threads, and while it
does, Python does nothing. For a small object its objects and its way through threads cost three
times the request. An answer is written to the audit before the caller knows of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

from tui.services.audit import UNKNOWN, AuditEntry, AuditLog
from tui.services.aws import guard
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.data.body import FilePart, PausedError, Stop
from tui.services.s3.data.http_connections import (
    BrokenOffError,
    CancelledUnsentError,
    HttpAnswer,
    NotSentError,
)
from tui.services.s3.data.native_answers import Answers
from tui.services.s3.data.signing import Header
from tui.services.s3.data.small_requests import AuditLines, SmallRequests
from tui.services.s3.properties.upload_attributes import as_headers
from tui.services.s3.requester_pays import HEADER, REQUESTER

LONGEST_SECONDS = 60.0
"""Seconds after which a small request is given up and left to the SDK."""

SLOWEST = 64 * 1024
"""Bytes a second that a large one is given time for beyond that."""

TRIES = 3
"""Failures in a row, before the first success, after which the client is not used again."""

_UNSURE = {"500", "502", "504"}
"""Answers that do not say that nothing was done."""

_HEADERS = {
    "ContentType": "content-type",
    "ContentMD5": "content-md5",
    "IfNoneMatch": "if-none-match",
    "IfMatch": "if-match",
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
    LOST = "left to the SDK, but it may have been stored: no answer said what became of it"


class NativeClient:
    """The native client beside an SDK client; shared by all transfers of an account."""

    def __init__(
        self,
        inner: Any,
        small: SmallRequests,
        address: Address,
        *,
        read_only: bool,
        audit: AuditLog | None,
        where: Where,
        pays: Pays = lambda bucket: False,
    ) -> None:
        self._inner = inner
        self._small = small
        self._address = address
        self._read_only = read_only
        self._audit = audit
        self._lines = AuditLines(audit) if audit is not None else None
        self._where = where
        self._pays = pays
        self._answers: WeakKeyDictionary[asyncio.AbstractEventLoop, Answers[str]] = (
            WeakKeyDictionary()
        )
        self._failures = 0
        self._succeeded = False

    @property
    def works(self) -> bool:
        """Whether it is worth asking: not when it has only ever failed."""
        return self._succeeded or self._failures < TRIES

    async def put(
        self, bucket: str, key: str, data: bytes, headers: Mapping[str, Any], stop: Stop
    ) -> NativePut:
        """Store an object. `headers` are named as the SDK does.

        Raises ServiceError (READ_ONLY, or THROTTLED), StoppedError when cancelled.
        """
        guard.refuse_if_read_only(self._read_only, "s3", "PutObject")
        if not self._may_write(bucket):
            return NativePut.LEFT
        named = [(_HEADERS[name], value) for name, value in headers.items() if name in _HEADERS]
        if len(named) < len(headers):
            named += [
                (name.lower(), value)
                for name, value in as_headers(
                    {n: value for n, value in headers.items() if n not in _HEADERS}
                )
            ]
        outcome, _ = await self._ask("PUT", "PutObject", bucket, key, named, data, stop)
        if outcome == "ok":
            return NativePut.STORED
        no_answer = bool(outcome) and not outcome.isdecimal()
        return NativePut.LOST if no_answer or outcome in _UNSURE else NativePut.LEFT

    async def put_part(
        self,
        bucket: str,
        key: str,
        part: tuple[str, int],
        body: FilePart,
        headers: Mapping[str, str],
        stop: Stop,
        *,
        summed: bool = False,
    ) -> Mapping[str, str] | None:
        """Send one part, `part` being the id of its upload and its number; gives the headers of
        the answer, in lower case. None leaves it to the SDK: a part may be sent twice.

        `summed` adds its CRC64NVME, which is made outside Python.

        `body` may still be read when this ends: withdraw it. Raises as `put`.
        """
        guard.refuse_if_read_only(self._read_only, "s3", "UploadPart")
        if not self._may_write(bucket):
            return None
        upload_id, number = part
        request = _Request(
            "UploadPart",
            bucket,
            key,
            [*headers.items(), ("Content-Length", str(len(body)))],
            query=f"?partNumber={number}&uploadId={quote(upload_id, safe='')}",
            body=body,
            summed=summed,
        )
        return request.answer if await self._send(request, stop) == "ok" else None

    async def get(
        self, bucket: str, key: str, etag: str, stop: Stop
    ) -> tuple[bytes, Mapping[str, str]] | None:
        """An object and the headers of the answer, in lower case; None leaves it to the SDK.

        `etag` is what it must still have, empty if unknown. Raises ServiceError (THROTTLED),
        StoppedError.
        """
        if not self._address.reaches(bucket):
            return None
        conditions = [("x-amz-checksum-mode", "ENABLED")]
        if etag:
            conditions.append(("if-match", f'"{etag}"'))
        outcome, answer = await self._ask("GET", "GetObject", bucket, key, conditions, b"", stop)
        if answer is None or outcome != "ok":
            return None
        return answer.body, answer.headers

    async def _ask(
        self,
        method: str,
        operation: str,
        bucket: str,
        key: str,
        headers: list[Header],
        body: bytes,
        stop: Stop,
    ) -> tuple[str, HttpAnswer | None]:
        """The outcome of a small request, and the answer. The outcome is "ok", a status, the name
        of an error if none came, or "" if nothing was sent. Raises as `get`."""
        if self._pays(bucket):
            headers.append((HEADER, REQUESTER))
        answer = None
        try:
            answer = await self._small.send(
                method,
                self._address.of(bucket, key),
                headers,
                body,
                stop=stop,
                longest=LONGEST_SECONDS,
            )
        except NotSentError:
            self._failures += not stop.is_set()
            return "", None
        except (CancelledUnsentError, PausedError):
            raise
        except (BrokenOffError, TimeoutError) as error:
            outcome = type(error).__name__
        except BaseException as error:
            # It was in flight when it was given up, or the application ends.
            if method == "PUT" and self._audit is not None:
                self._audit.append(self._entry(operation, bucket, key, type(error).__name__))
            raise
        else:
            outcome = "ok" if 200 <= answer.status < 300 else str(answer.status)
        if method == "PUT" and self._lines is not None:
            await self._lines.append(self._entry(operation, bucket, key, outcome))
        self._note(outcome, key)
        return outcome, answer

    def _may_write(self, bucket: str) -> bool:
        # A write that cannot be recorded goes where it is recorded.
        return self._audit is not None and self._address.reaches(bucket)

    async def _send(self, request: _Request, stop: Stop) -> str:
        """ "ok", or what went wrong. Raises ServiceError (THROTTLED), StoppedError."""
        if self._pays(request.bucket):
            request.headers = [*request.headers, (HEADER, REQUESTER)]
        answers = self._answers_on(asyncio.get_running_loop())
        answer = answers.expect(stop, request.longest)

        def on_done(error: Any = None, status_code: int | None = None, **_: object) -> None:
            outcome = "ok" if error is None else str(status_code or _name(error))
            if self._audit is not None:
                entry = self._entry(request.operation, request.bucket, request.key, outcome)
                self._audit.append(entry)
            answers.arrived(answer, outcome)

        sent = request.start(self._inner, self._address, on_done)
        try:
            outcome = await answer
        except TimeoutError as error:
            outcome = type(error).__name__
        finally:
            if not answers.forget(answer):
                sent.cancel()
        self._note(outcome, request.key)
        return outcome

    def _note(self, outcome: str, key: str) -> None:
        """Learn from an outcome. Raises ServiceError (THROTTLED)."""
        if outcome == "ok":
            self._succeeded = True
        elif outcome == "503":
            raise ServiceError(
                f"Could not reach {key}: the service asks for fewer requests.",
                hint="Wait a moment and try again.",
                code="SlowDown",
                kind=ErrorKind.THROTTLED,
            )
        else:
            self._failures += 1

    def _answers_on(self, loop: asyncio.AbstractEventLoop) -> Answers[str]:
        found = self._answers.get(loop)
        if found is None:
            found = self._answers[loop] = Answers(loop)
        return found

    def _entry(self, operation: str, bucket: str, key: str, outcome: str) -> AuditEntry:
        answered = outcome == "ok" or outcome.isdecimal()
        return AuditEntry(
            service="s3",
            operation=operation,
            target={"Bucket": bucket, "Key": key},
            outcome=outcome if answered else UNKNOWN,
            note="" if answered else outcome,
            account_id=self._where.account_id,
            region=self._where.region,
            endpoint=self._where.endpoint,
        )


@dataclass
class _Request:
    """One request, and what its answer is filled into from the client's thread."""

    operation: str
    bucket: str
    key: str
    headers: Sequence[Header]
    query: str
    body: Any
    """A FilePart, which is what awscrt needs of a file."""
    summed: bool
    """Whether the body's CRC64NVME is sent with it."""
    answer: Mapping[str, str] = field(default_factory=dict)
    """The headers of the answer, in lower case."""

    @property
    def longest(self) -> float:
        """Seconds after which the request is given up."""
        return LONGEST_SECONDS + len(self.body) / SLOWEST

    def start(self, inner: Any, address: Address, on_done: Callable[..., None]) -> Any:
        """Send it; gives the native request, which ends when it is forgotten."""
        from awscrt.http import HttpHeaders, HttpRequest
        from awscrt.s3 import (
            S3ChecksumAlgorithm,
            S3ChecksumConfig,
            S3ChecksumLocation,
            S3RequestType,
        )

        sums = S3ChecksumConfig(S3ChecksumAlgorithm.CRC64NVME, S3ChecksumLocation.HEADER)
        host, path = address.of(self.bucket, self.key)
        headers = HttpHeaders([("Host", host), *self.headers])
        return inner.make_request(
            type=S3RequestType.DEFAULT,
            operation_name=self.operation,
            request=HttpRequest("PUT", path + self.query, headers, self.body),
            checksum_config=sums if self.summed else None,
            on_headers=self._on_headers,
            on_done=on_done,
        )

    def _on_headers(self, status_code: int, headers: list[tuple[str, str]], **_: object) -> None:
        self.answer = {name.lower(): value for name, value in headers}


def _name(error: object) -> str:
    return str(getattr(error, "name", type(error).__name__))


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
