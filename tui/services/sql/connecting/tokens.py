"""IAM tokens that were made elsewhere and are given as a password."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit


def token_ended(password: str, now: datetime) -> datetime | None:
    """When the IAM token that stands for a password ended; None if it is good, or is no token.

    A token is a signed URL without its scheme, good for `X-Amz-Expires` seconds from `X-Amz-Date`.
    Source: "Connecting using IAM authentication" of the RDS User Guide.
    """
    if "X-Amz-Expires=" not in password or "Action=connect" not in password:
        return None
    try:
        fields = parse_qs(urlsplit(f"https://{password}").query)
        made = datetime.strptime(fields["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        ended = made + timedelta(seconds=int(fields["X-Amz-Expires"][0]))
    except (ValueError, KeyError, OverflowError):
        return None
    return ended if ended < now else None
