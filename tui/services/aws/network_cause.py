"""Why an endpoint could not be reached, in words."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

_URL = re.compile(r"""https?://[^\s"'<>]+""")

NO_ADDRESS = "there is no address for this name."


def network_cause(error: Exception) -> str:
    """The cause of an error of the SDK's HTTP client, without the path and query of the address.

    They hold the whole request, and of a presigned address the signature.
    """
    fields = getattr(error, "kwargs", {})
    url = str(fields.get("endpoint_url") or "") or _address_in(str(error))
    where = _endpoint_of(url)
    reason = _reason(error)
    if where and reason:
        return f"{where}: {reason}"
    return _URL.sub(lambda found: _endpoint_of(found[0]) or "the endpoint", str(error))


def _address_in(text: str) -> str:
    found = _URL.search(text)
    return found[0] if found else ""


def _endpoint_of(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    # Without what stands before an @: it may be a password.
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}" if host else ""


def _reason(error: Exception) -> str:
    from botocore import exceptions as sdk

    if isinstance(error, sdk.ConnectTimeoutError):
        return "no connection was made in time."
    if isinstance(error, sdk.ReadTimeoutError):
        return "the connection was made, but no answer came in time."
    if isinstance(error, sdk.ProxyConnectionError):
        return "the proxy could not be reached."
    for cause in _causes(error):
        if isinstance(cause, ConnectionRefusedError):
            return "the connection was refused: nothing listens there."
        if isinstance(cause, socket.gaierror) or "NameResolution" in type(cause).__name__:
            return NO_ADDRESS
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({cause.verify_message})."
    if isinstance(error, sdk.EndpointConnectionError):
        return "no connection could be made."
    return ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """What the error came of, down to the first cause; the HTTP library nests in several ways."""
    waiting, seen = [error], set[int]()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        fields = getattr(each, "kwargs", None)
        inner = fields.get("error") if isinstance(fields, dict) else None
        nested = (
            each.__cause__,
            each.__context__,
            inner,
            getattr(each, "reason", None),
            *each.args,
        )
        waiting += [one for one in nested if isinstance(one, BaseException)]
