"""Which characters of a connection, as it is typed, are or may become a password."""

from __future__ import annotations

import re

Span = tuple[int, int]
"""From a character up to another, which is not in it."""

_URL = re.compile(r"\s*(?:.*?\bpsql\s.*?)?postgres(?:ql)?://", re.IGNORECASE | re.DOTALL)
_PORT = re.compile(r"\d{1,5}(?=[/?,])")
_CONNECTION = re.compile(
    r"\s*(?:postgres(?:ql)?://|(?:\$\s+)?(?:PG\w+=|(?:\S*/)?psql\s)|[a-z_]+\s*=)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"""(?:^|(?<=[\s&?'"]))(?:pg|ssl)?password\s*=\s*('(?:[^'\\]|\\.)*'?|"[^"]*"?|[^\s&]*)""",
    re.IGNORECASE,
)
"""`password=…` of a conninfo string or of a URL's query, PGPASSWORD=… before psql."""


def secret_parts(text: str) -> list[Span]:
    """The parts that must not be shown, in no order. A text that is no connection has none.

    What follows the user and a colon may still become a password until a `/` ends a port.
    """
    if not _CONNECTION.match(text):
        return []
    found = [each.span(1) for each in _NAMED.finditer(text)]
    begin = _URL.match(text)
    if begin is not None:
        found += _of_authority(text, begin.end())
    return found


def _of_authority(text: str, start: int) -> list[Span]:
    """The password between the user and the last @: one that is not escaped may have any of the
    characters that would end it."""
    at = text.rfind("@", start)
    end = len(text) if at < 0 else at
    colon = _password_colon(text, start, end)
    if colon < 0 or (at < 0 and _PORT.match(text, colon + 1)):
        return []
    if at < 0:
        # No user is there: up to where the database begins, which has no secret.
        ends = re.compile(r"\s").search(text, colon)
        end = ends.start() if ends else end
    return [(colon + 1, end)]


def _password_colon(text: str, start: int, end: int) -> int:
    user = re.compile(r"[^:/?\[]*").match(text, start, end)
    after = start if user is None else user.end()
    return after if text[after : after + 1] == ":" and after < end else -1
