"""How every SDK client behaves on the network: timeouts, retries, connections."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

CONNECT_TIMEOUT = 8
"""Seconds to reach an endpoint before the error is shown."""

READ_TIMEOUT = 60
"""Seconds between two bytes of an answer."""

MAX_ATTEMPTS = 4
"""Tries of one call, with the SDK's own backoff between them."""

MAX_CONNECTIONS = 32
"""One connection pool of this size per client."""

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def client_config(custom: str | None) -> Any:
    """The SDK's Config for a client of an endpoint that is not AWS's own, or of AWS (None)."""
    from botocore.config import Config

    options: dict[str, Any] = {}
    if custom:
        # Compatible servers seldom resolve bucket.host, and some reject the newer checksums.
        options["s3"] = {"addressing_style": "path"}
        options["request_checksum_calculation"] = "when_required"
        options["response_checksum_validation"] = "when_required"
        if urlsplit(custom).hostname in _LOOPBACK:
            options["proxies"] = {}
    return Config(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        retries={"mode": "standard", "total_max_attempts": MAX_ATTEMPTS},
        max_pool_connections=MAX_CONNECTIONS,
        **options,
    )
