"""The sandbox behind a door that answers some requests itself: for what it never says."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from tests.local_server import Answer, HangUpError, Request, serving
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account, Target

_SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]*/([^/]+)/aws4_request")
_ACTION = re.compile(rb"(?:^|&)Action=(\w+)")
_READS = ("Assume", "BatchGet", "Describe", "Get", "List", "Query", "Scan")


class ServiceRequest(Request):
    """A request, and what it asks of which service."""

    @property
    def is_batch_delete(self) -> bool:
        return self.method == "POST" and self.path.endswith("?delete")

    @property
    def service(self) -> str:
        """The service that the request is signed for: "s3", "rds", "dynamodb"."""
        found = _SCOPE.search(self.headers.get("Authorization", ""))
        return found[1] if found else ""

    @property
    def action(self) -> str:
        """The operation; for S3, which names none, the method."""
        _, _, operation = self.headers.get("X-Amz-Target", "").rpartition(".")
        named = _ACTION.search(self.body)
        return operation or (named[1].decode() if named else self.method)

    @property
    def changes(self) -> bool:
        """Whether it may change something."""
        if self.service == "s3":
            return self.method not in {"GET", "HEAD"}
        return not self.action.startswith(_READS)

    def asks(self, action: str) -> bool:
        """Whether it is this operation of a query or JSON protocol."""
        named = self.headers.get("X-Amz-Target", "").endswith(f".{action}")
        return named or f"Action={action}&".encode() in self.body + b"&"


def s3_error(status: int, code: str) -> Answer:
    return Answer(status, f"<Error><Code>{code}</Code><Message>said so</Message></Error>")


def refusal(request: ServiceRequest, status: int, code: str) -> Answer:
    """An error in the form of the service that is asked."""
    if request.service == "dynamodb":
        return Answer(status, f'{{"__type": "com.amazon#{code}", "message": "said so"}}')
    if request.service == "s3":
        return s3_error(status, code)
    error = f"<Error><Code>{code}</Code><Message>said so</Message></Error>"
    if request.service == "ec2":
        return Answer(status, f"<Response><Errors>{error}</Errors></Response>")
    return Answer(status, f"<ErrorResponse>{error}</ErrorResponse>")


Intercept = Callable[[ServiceRequest], Answer | None]
"""Gives the answer, or None to let the sandbox answer."""


@dataclass
class Door:
    """What stands in front of the sandbox."""

    url: str
    intercept: Intercept
    """May be exchanged at any time."""
    requests: list[ServiceRequest] = field(default_factory=list)
    """Everything that was asked, in order."""
    shut: threading.Event = field(default_factory=threading.Event)
    """Set when the door goes away: ends whoever hangs in `hang`."""

    def hang(self, request: ServiceRequest) -> Answer | None:
        """Take the request and never answer."""
        self.shut.wait()
        raise HangUpError

    @property
    def changes(self) -> list[str]:
        """The operations that may have changed something."""
        return [f"{each.service}:{each.action}" for each in self.requests if each.changes]


@contextmanager
def door(sandbox: SandboxInfo, intercept: Intercept = lambda request: None) -> Iterator[Door]:
    """An endpoint whose requests pass through `intercept` on their way to the sandbox."""
    opened = Door("", intercept)

    def respond(came: Request) -> Answer:
        request = ServiceRequest(came.method, came.path, came.headers, came.body)
        opened.requests.append(request)
        return opened.intercept(request) or forward(request, sandbox.endpoint_url)

    with serving(respond) as opened.url:
        try:
            yield opened
        finally:
            opened.shut.set()


def forward(request: Request, url: str) -> Answer:
    """What the sandbox at `url` answers."""
    real = urlsplit(url)
    connection = http.client.HTTPConnection(str(real.hostname), real.port or 80)
    try:
        connection.request(
            request.method, request.path, body=request.body, headers=dict(request.headers)
        )
        response = connection.getresponse()
        kept = {
            name: value
            for name, value in response.getheaders()
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}
        }
        # What is told of an object without its body.
        told = int(response.getheader("Content-Length") or 0) if request.method == "HEAD" else 0
        return Answer(response.status, response.read(), kept, promised=told)
    finally:
        connection.close()


@contextmanager
def account_behind(
    sandbox: SandboxInfo, intercept: Intercept, audit: AuditLog
) -> Iterator[tuple[Account, Door]]:
    """As `behind`, with the door, which remembers what was asked."""
    with door(sandbox, intercept) as opened:
        account = Account(
            Target(region=sandbox.region, endpoint_url=opened.url),
            credentials=sandbox.credentials,
            audit=audit,
        )
        try:
            yield account, opened
        finally:
            account.close()


@contextmanager
def behind(sandbox: SandboxInfo, intercept: Intercept, audit: AuditLog) -> Iterator[Account]:
    """An account whose calls pass through `intercept` on their way to the sandbox."""
    with account_behind(sandbox, intercept, audit) as (account, _):
        yield account


class Losing:
    """Carries out the requests of one action and loses the answers to the first ones of them."""

    def __init__(self, sandbox: SandboxInfo, action: str, times: int = 99) -> None:
        self.sandbox = sandbox
        self.action = action
        self.times = times
        self.lost = 0
        self.only: Callable[[ServiceRequest], bool] = lambda request: True

    def __call__(self, request: ServiceRequest) -> Answer | None:
        if request.action != self.action or not request.changes or self.lost >= self.times:
            return None
        if not self.only(request):
            return None
        self.lost += 1
        forward(request, self.sandbox.endpoint_url)
        raise HangUpError


class AsFiles:
    """Takes names as a server does that keeps objects as files: MinIO stores `/x` as `x`, rclone's
    server `x/` as `x`."""

    def __init__(self, sandbox: SandboxInfo) -> None:
        self.sandbox = sandbox
        self.lists = True
        """Whether its buckets may be listed."""
        self.listings = 0

    def __call__(self, request: ServiceRequest) -> Answer | None:
        path, mark, query = request.path.partition("?")
        if "list-type=2" in query:
            self.listings += 1
            return None if self.lists else s3_error(403, "AccessDenied")
        bucket, slash, key = path.removeprefix("/").partition("/")
        named = f"/{bucket}{slash}{key.strip('/')}{mark}{query}"
        return forward(replace(request, path=named), self.sandbox.endpoint_url)
