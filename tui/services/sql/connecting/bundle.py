"""RDS's root certificates: where they are kept here, and how they come there.

RDS signs the certificates of its instances itself, so no system's own store knows them.
"""

from __future__ import annotations

import hashlib
import re
import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tui.paths import config_file
from tui.services.errors import ErrorKind, ServiceError
from tui.services.private_file import replace_private

BUNDLE_URL = "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"
"""Source: "Using SSL/TLS to encrypt a connection to a DB instance" of the RDS User Guide."""

LARGEST = 4 * 1024 * 1024
"""Bytes; the bundle has less than 200 KB."""

PATIENCE = 15.0
"""Seconds without a byte."""

LONGEST = 60.0
"""Seconds in all."""

_CHUNK = 64 * 1024
_CERTIFICATE = re.compile(
    r"-----BEGIN CERTIFICATE-----\s+[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----"
)


@dataclass(frozen=True)
class Bundle:
    """Root certificates that were put into a file."""

    file: Path
    certificates: int
    sha256: str
    """Of the file, in hexadecimal."""


class _Answer(Protocol):
    def read(self, count: int, /) -> bytes: ...


def bundle_file() -> Path:
    """Where RDS's bundle is looked for first: beside the settings file."""
    return config_file().with_name("global-bundle.pem")


def fetch_bundle(url: str = BUNDLE_URL, file: Path | None = None) -> Bundle:
    """Fetch the root certificates over HTTPS and put them into `bundle_file`. Blocks.

    The file is replaced only by one that holds certificates and nothing else is wrong with; a
    ServiceError names the URL and the file, so that it can be put there by hand.
    """
    to = file or bundle_file()
    try:
        data = _fetched(url)
        count = _count(data)
        replace_private(to, data)
        # No secret: a server that runs as another user may verify with it, too.
        to.chmod(0o644)
    except (OSError, ValueError) as error:
        # urllib's errors are OSErrors, too.
        reason = getattr(error, "reason", None)
        raise _failed(url, to, str(reason or error)) from error
    return Bundle(to, count, hashlib.sha256(data).hexdigest())


def _fetched(url: str) -> bytes:
    from http.client import HTTPException
    from urllib import request
    from urllib.error import HTTPError

    # Without a handler for plain HTTP, so that no step of a redirection can be one.
    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler(),
        request.UnknownHandler(),
        request.HTTPDefaultErrorHandler(),
        request.HTTPRedirectHandler(),
        request.HTTPErrorProcessor(),
        request.HTTPSHandler(context=ssl.create_default_context()),
    ):
        opener.add_handler(handler)
    end = time.monotonic() + LONGEST
    try:
        with opener.open(url, timeout=PATIENCE) as answer:
            return _read(answer, end)
    except HTTPError as error:
        # It is an answer, with its connection.
        error.close()
        raise
    except HTTPException as error:
        raise ValueError(f"The answer broke off: {type(error).__name__}.") from error


def _read(answer: _Answer, end: float) -> bytes:
    data = bytearray()
    while chunk := answer.read(_CHUNK):
        data += chunk
        if len(data) > LARGEST:
            raise ValueError(f"It is larger than {LARGEST:,} bytes, so it is no such bundle.")
        if time.monotonic() > end:
            raise ValueError(f"It did not come within {LONGEST:.0f} s.")
    return bytes(data)


def _count(data: bytes) -> int:
    """How many certificates there are. ValueError if OpenSSL cannot read each of them."""
    text = data.decode("ascii", "replace")
    found = _CERTIFICATE.findall(text)
    if not found or text.count("-----BEGIN ") != len(found):
        raise ValueError("What came is no bundle of certificates.")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        for each in found:
            context.load_verify_locations(cadata=each)
    except ssl.SSLError as error:
        raise ValueError(f"A certificate in it cannot be read: {error.reason}.") from error
    return len(found)


def _failed(url: str, to: Path, cause: str) -> ServiceError:
    return ServiceError(
        "RDS's root certificates could not be fetched.",
        cause=cause,
        hint=f"Bring {url} here in another way and put it at {to}.",
        kind=ErrorKind.NETWORK,
    )
