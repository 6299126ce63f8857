"""How long a link is to last: what people type."""

from __future__ import annotations

import re
from datetime import timedelta

LONGEST_LINK = timedelta(days=7)
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html"""

_PARTS = re.compile(r"(\d{1,6})\s*(seconds?|sec|s|minutes?|min|m|hours?|h|days?|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def parse_lifetime(text: str) -> timedelta | None:
    """ "90m", "2h 30min", "3 days"; None if it says no time."""
    rest, total = text.strip().lower(), 0
    while rest:
        part = _PARTS.match(rest)
        if part is None:
            return None
        total += int(part[1]) * _SECONDS[part[2][0]]
        rest = rest[part.end() :].lstrip(" ,")
    return timedelta(seconds=total) if total else None


def lifetime_problems(text: str) -> list[str]:
    """What is wrong with a typed lifetime; empty if a link may last so long."""
    lasting = parse_lifetime(text)
    if lasting is None:
        return ["Type a time such as 90m, 2h 30m or 3d."]
    if lasting > LONGEST_LINK:
        return ["S3 allows at most 7 days."]
    return []
