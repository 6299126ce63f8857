"""The signature of small requests to S3, by credentials that renew themselves."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from tui.services.aws.signature import CONTENT_HASH, DATE, TOKEN, Signer, now

UNSIGNED = "UNSIGNED-PAYLOAD"
"""In place of the hash of a body that TLS guards, as the SDK does."""

EMPTY = sha256(b"").hexdigest()
"""The hash of no body."""

Header = tuple[str, str]


class HeaderSigner:
    """Signs all headers of requests to S3 in one region."""

    def __init__(self, credentials: Any, region: str) -> None:
        self._credentials = credentials
        self._signer = Signer(region, "s3")

    @property
    def waits(self) -> bool:
        """Whether the credentials are to be renewed, which may take a request of its own."""
        is_due = getattr(self._credentials, "refresh_needed", None)
        return is_due is not None and bool(is_due())

    def credentials(self) -> Any:
        """The credentials as they are now, renewed if that is due. Blocking while this `waits`.
        Raises what the SDK raises."""
        return self._credentials.get_frozen_credentials()

    def signed(
        self, credentials: Any, method: str, path: str, headers: Iterable[Header], content: str
    ) -> dict[str, str]:
        """The headers with the signature; their names are in lower case, `host` is among them.

        `path` is quoted as it is sent and has no query; `content` is the hash of the body.
        """
        made = {**dict(headers), CONTENT_HASH: content, DATE: now()}
        if credentials.token:
            made[TOKEN] = credentials.token
        made["authorization"] = self._signer.authorization(
            method, credentials, path, "", made, sorted(made)
        )
        return made
