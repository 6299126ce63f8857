"""One request of those that `direct` sends: its pattern, its signature, and its way there and back.

The connections are the SDK's, so that its time-outs, its certificates and their checks are kept.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tui.services.aws.signature import (
    ALGORITHM,
    CONTENT_HASH,
    DATE,
    TOKEN,
    Signer,
    encoded,
    now,
    query_of,
)
from tui.services.giving_way import computing, waiting

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

_OF_ONE_REQUEST = {
    "authorization",
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    DATE,
    TOKEN,
}
"""Headers that the next request does not take over."""

_SIGNED = {
    "host",
    CONTENT_HASH,
    DATE,
    "x-amz-expected-bucket-owner",
    "x-amz-optional-object-attributes",
    "x-amz-request-payer",
    TOKEN,
}
"""Headers that may be signed. What others mean, a session of S3 Express say, is not known here."""


@dataclass(frozen=True)
class Reply:
    """What a server answered."""

    status: int = 0
    """0 if there was none."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class RequestPattern:
    """What requests of one kind have in common."""

    pool: Any
    """The SDK's connections to the host."""
    path: str
    fixed: tuple[tuple[str, str], ...]
    """What the query always says, encoded."""
    headers: Mapping[str, str]
    """With lower-case names."""
    signed: tuple[str, ...]
    """The names of those that are signed, without those of the token and the date."""
    signer: Signer

    def reply(self, query: Mapping[str, str], credentials: Any) -> Reply:
        """Send a request; the reply."""
        pairs = [(name, encoded(value)) for name, value in query.items()]
        text = query_of([*self.fixed, *pairs])
        headers = {**self.headers, DATE: now()}
        headers["authorization"] = self.authorization(credentials, text, headers)
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        if head.count("\n") != len(headers) or not head.isascii():
            return Reply()  # a token with the end of a line in it
        waiting()
        try:
            return self._exchange(f"GET {self.path}?{text} HTTP/1.1\r\n{head}\r\n".encode())
        finally:
            computing()

    def authorization(self, credentials: Any, query: str, headers: dict[str, str]) -> str:
        """The signature of a request; adds the header of the token."""
        signed = [*self.signed, DATE]
        if credentials.token:
            headers[TOKEN] = credentials.token
            signed.append(TOKEN)
        return self.signer.authorization(
            "GET", credentials, self.path, query, headers, sorted(signed)
        )

    def _exchange(self, request: bytes) -> Reply:
        from urllib3.exceptions import HTTPError

        try:
            connection = self.pool._get_conn()  # noqa: SLF001
        except HTTPError:
            return Reply()  # the SDK has put these connections away
        try:
            if connection.sock is None:
                connection.timeout = self.pool.timeout.connect_timeout
                connection.connect()
            connection.sock.settimeout(self.pool.timeout.read_timeout)
            connection.sock.sendall(request)
            with http.client.HTTPResponse(connection.sock, method="GET") as response:
                response.begin()
                reply = Reply(
                    response.status,
                    {name.lower(): value for name, value in response.getheaders()},
                    response.read(),
                )
                if response.will_close:
                    connection.close()
        except (OSError, http.client.HTTPException, HTTPError):
            connection.close()
            return Reply()
        except BaseException:
            connection.close()
            raise
        finally:
            self.pool._put_conn(connection)  # noqa: SLF001
        # Nothing was asked for in another encoding.
        return Reply() if "content-encoding" in reply.headers else reply


_PARTS = ("_manager", "_proxy_config", "_setup_ssl_cert", "_verify")
"""Of the SDK's session, which it keeps to itself. One without them is left to itself, too."""


def pattern_of(
    sent: AWSPreparedRequest, session: Any, credentials: Any, varying: set[str]
) -> RequestPattern | None:
    """The pattern of the SDK's request; None if it is not known how to follow it. `varying` are the
    names in the query that may differ."""
    from botocore.httpsession import URLLib3Session

    url = urlsplit(sent.url)
    known = isinstance(session, URLLib3Session) and all(hasattr(session, each) for each in _PARTS)
    plain = known and sent.method == "GET" and not sent.body
    # What the proxy is told, and how, only the SDK knows.
    if not plain or credentials is None or session._proxy_config.proxy_url_for(sent.url):  # noqa: SLF001
        return None
    headers = {name.lower(): _text(value) for name, value in sent.headers.items()}
    authorization = headers.get("authorization", "")
    said = dict(part.partition("=")[::2] for part in authorization.split(" ", 1)[-1].split(", "))
    scope = said.get("Credential", "").split("/")[-4:]
    signed = set(said.get("SignedHeaders", "").split(";"))
    if not authorization.startswith(f"{ALGORITHM} ") or scope[2:] != ["s3", "aws4_request"]:
        return None
    if not {"host", CONTENT_HASH, DATE} <= signed <= _SIGNED:
        return None
    pairs = [pair.partition("=")[::2] for pair in url.query.split("&")]
    pool = session._manager.connection_from_url(sent.url)  # noqa: SLF001
    # As the SDK does before each request: whom to trust.
    session._setup_ssl_cert(pool, sent.url, session._verify)  # noqa: SLF001
    pattern = RequestPattern(
        pool,
        url.path,
        tuple((name, value) for name, value in pairs if name not in varying),
        {name: value for name, value in headers.items() if name not in _OF_ONE_REQUEST}
        | {"accept-encoding": "identity"},
        tuple(signed - {DATE, TOKEN}),
        Signer(scope[1], scope[2]),
    )
    again = pattern.authorization(
        credentials.get_frozen_credentials(), query_of(pairs), {**headers}
    )
    return pattern if again == authorization else None


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
