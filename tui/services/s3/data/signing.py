"""AWS Signature Version 4 of small requests, made in the headers.

Source of the rules: "Create a signed AWS API request" (AWS General Reference). The SDK's own signer
does the same and takes ten times as long: it is made for any service and any request.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

UNSIGNED = "UNSIGNED-PAYLOAD"
"""In place of the hash of a body that TLS guards, as the SDK does."""

EMPTY = sha256(b"").hexdigest()
"""The hash of no body."""

Header = tuple[str, str]


@dataclass(slots=True)
class Signer:
    """Signs requests to S3 in one region."""

    credentials: Any
    """Those of the SDK, which renew themselves."""
    region: str
    _key_of: tuple[str, str] = ("", "")
    """The secret and the day that the key is made of."""
    _key: bytes = b""
    _second: int = 0
    _date: str = ""

    @property
    def waits(self) -> bool:
        """Whether the credentials are to be renewed, which may take a request of its own."""
        is_due = getattr(self.credentials, "refresh_needed", None)
        return is_due is not None and bool(is_due())

    def renew(self) -> None:
        """Renew the credentials. Blocking. Raises what the SDK raises."""
        self.credentials.get_frozen_credentials()

    def signed(
        self, method: str, path: str, headers: Sequence[Header], content: str
    ) -> list[Header]:
        """The headers with the signature; their names are in lower case, `host` is among them.

        `path` is quoted as it is sent and has no query; `content` is the hash of the body.
        """
        now = self.credentials.get_frozen_credentials()
        date = self._now()
        all_headers = [
            *headers,
            ("x-amz-content-sha256", content),
            ("x-amz-date", date),
        ]
        if now.token:
            all_headers.append(("x-amz-security-token", now.token))
        all_headers.sort()
        names = ";".join([name for name, _ in all_headers])
        lines = "".join([f"{name}:{' '.join(value.split())}\n" for name, value in all_headers])
        canonical = f"{method}\n{path}\n\n{lines}\n{names}\n{content}"
        day = date[:8]
        scope = f"{day}/{self.region}/s3/aws4_request"
        hashed = sha256(canonical.encode()).hexdigest()
        key = self._signing_key(now.secret_key, day)
        signature = hmac.digest(
            key, f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashed}".encode(), "sha256"
        ).hex()
        all_headers.append(
            (
                "authorization",
                f"AWS4-HMAC-SHA256 Credential={now.access_key}/{scope}, "
                f"SignedHeaders={names}, Signature={signature}",
            )
        )
        return all_headers

    def _now(self) -> str:
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second))
        return self._date

    def _signing_key(self, secret: str, day: str) -> bytes:
        if self._key_of != (secret, day):
            key = f"AWS4{secret}".encode()
            for part in (day, self.region, "s3", "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._key, self._key_of = key, (secret, day)
        return self._key
