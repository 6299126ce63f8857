"""AWS Signature Version 4 of a request to S3, made in its headers, in as few steps as it takes.

The SDK signs anything in any way, and takes ten times as long.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

ALGORITHM = "AWS4-HMAC-SHA256"

CONTENT_HASH = "x-amz-content-sha256"
"""The header that says what the body is hashed to."""

DATE = "x-amz-date"
TOKEN = "x-amz-security-token"  # noqa: S105 - the name of a header


def now() -> str:
    """The value of the header `DATE`."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())


def encoded(value: str) -> str:
    """A part of a query, as it is sent and signed. Raises UnicodeEncodeError for surrogates."""
    return quote(value, safe="-._~")


def query_of(pairs: Iterable[tuple[str, str]]) -> str:
    """A query as it is sent and signed, of names and values that are encoded."""
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


@dataclass
class Signer:
    """Signs for one region and service."""

    region: str
    service: str
    _last: tuple[tuple[str, str], bytes] = field(default=(("", ""), b""), repr=False)
    """The key of a day, and of what it was made. Replaced as one: threads share it."""

    def authorization(
        self,
        method: str,
        credentials: Any,
        path: str,
        query: str,
        headers: Mapping[str, str],
        signed: Sequence[str],
    ) -> str:
        """The header `Authorization`. `path` and `query` are as they are sent; `headers` have
        lower-case names; those in `signed`, which is sorted, are signed, `DATE` and `CONTENT_HASH`
        among them."""
        when = headers[DATE]
        day = when[:8]
        names = ";".join(signed)
        lines = "".join([f"{name}:{' '.join(headers[name].split())}\n" for name in signed])
        request = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{headers[CONTENT_HASH]}"
        scope = f"{day}/{self.region}/{self.service}/aws4_request"
        digest = hashlib.sha256(request.encode()).hexdigest()
        text = f"{ALGORITHM}\n{when}\n{scope}\n{digest}"
        signature = _hmac(self._key(credentials.secret_key, day), text).hex()
        return (
            f"{ALGORITHM} Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}"
        )

    def _key(self, secret: str, day: str) -> bytes:
        made_of, key = self._last
        if made_of != (secret, day):
            key = f"AWS4{secret}".encode()
            for part in (day, self.region, self.service, "aws4_request"):
                key = _hmac(key, part)
            self._last = (secret, day), key
        return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
