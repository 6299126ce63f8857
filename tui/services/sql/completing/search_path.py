"""The search path of the user's own session, followed through what changes it."""

from __future__ import annotations

import re
from contextlib import suppress

from tui.services.sql.models import TransactionState
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.text.lexer import has_any
from tui.services.sql.text.statements import Statement

_ENDINGS = frozenset({"COMMIT", "END", "ROLLBACK", "ABORT", "PREPARE"})
_SETTINGS = frozenset({"SET", "RESET", "DISCARD"})
_WORTH_A_LOOK = re.compile(
    r"search_path|\bschema\b|\b(?:session\s+)?(?:role|authorization)\b|\btemp(?:orary)?\b", re.I
)
_WORDS = ("search_path", "schema", "role", "authorization", "temp")
"""One of these is in whatever has such a word."""
_LOOKED_AT = 100_000
"""Characters of a statement that are looked through for these."""

_ASK = "SELECT pg_catalog.unnest(pg_catalog.current_schemas(true))"
_SHOW = "SHOW search_path"
_LISTED = re.compile(r'"((?:[^"]|"")*)"|([^", ]+)')


class SessionPath:
    """Which schemas need not be written on one connection; its thread's own, but for reading."""

    def __init__(self) -> None:
        self.schemas: tuple[str, ...] | None = None
        """In their order; None while it is that of any new connection."""
        self._reported: str | None = None
        self._is_stale = False
        """Whether it may have changed where the server could not be asked."""

    def follow(self, connection: ServerConnection, statement: Statement) -> None:
        """A statement has ended: ask the server for the path if that may be another one now."""
        if connection.state is TransactionState.LOST or connection.info.is_redshift:
            # Redshift has no unnest(): the error would abort the transaction that is open.
            return
        self._is_stale = self._may_change(connection, statement) or self._is_stale
        if not self._is_stale or connection.state is TransactionState.FAILED:
            # A failed transaction answers nothing; how it ends is followed, too.
            return
        import psycopg2

        # A query may be the first of a transaction, and SET TRANSACTION is refused after it.
        is_shown = connection.state is TransactionState.OPEN and statement.keyword in _SETTINGS
        ask = _SHOW if is_shown else _ASK
        # What cannot be asked stays what it was: it only says what is offered.
        with suppress(psycopg2.Error), connection.execute(ask, stoppable=False) as cursor:
            told = [row[0] or "" for row in connection.fetch(cursor)]
            self.schemas = _listed(told[0], connection.info.user) if is_shown else tuple(told)
            self._is_stale = False

    def _may_change(self, connection: ServerConnection, statement: Statement) -> bool:
        # From version 18 on the server says by itself when it changes.
        reported = connection.driver.get_parameter_status("search_path")
        before, self._reported = self._reported, reported
        if before is not None and reported != before:
            return True
        keyword = statement.keyword
        if keyword in _ENDINGS:
            # They may take back what was set.
            return self.schemas is not None
        if keyword in _SETTINGS and len(statement.words) > 1 and statement.words[1] == "ALL":
            return True
        text = statement.text[:_LOOKED_AT]
        return has_any(text, _WORDS) and bool(_WORTH_A_LOOK.search(text))


def _listed(shown: str, user: str) -> tuple[str, ...]:
    """The schemas of the setting as it is shown: the server's own comes first if it is not named.
    There need not be one of each name."""
    found = [
        user if plain == "$user" or quoted == "$user" else plain or quoted.replace('""', '"')
        for quoted, plain in _LISTED.findall(shown)
    ]
    return tuple(found if "pg_catalog" in found else ["pg_catalog", *found])
