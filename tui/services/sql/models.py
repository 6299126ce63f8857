"""What the SQL service is told and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.text.statements import Statement

Row = tuple[str | None, ...]
"""One row, each value exactly as the server prints it; None is NULL."""


class TransactionState(Enum):
    """What the server said last about the user's transaction."""

    IDLE = "idle"
    """None is open: every statement commits by itself."""
    OPEN = "in transaction"
    FAILED = "transaction failed"
    """A statement failed in it: only ROLLBACK will do anything."""
    LOST = "connection lost"


@dataclass(frozen=True)
class TimeLimits:
    """Seconds; None leaves it to the server, 0 is no limit whatever the server's own is."""

    statement: float | None = None
    """How long one statement may take."""
    lock: float | None = None
    """How long a statement may wait for one lock."""

    @property
    def text(self) -> str:
        """ "statements 30 s, locks 5 s"; "" where both are left to the server."""
        parts = [
            f"{name} {f'{seconds:g} s' if seconds else 'no limit'}"
            for name, seconds in (("statements", self.statement), ("locks", self.lock))
            if seconds is not None
        ]
        return ", ".join(parts)


NO_LIMITS = TimeLimits()
"""Both are left to the server."""


@dataclass(frozen=True)
class ServerInfo:
    """Who answered."""

    host: str
    """A name, an address, or the folder of a Unix socket."""
    port: int
    database: str
    user: str
    version: str
    """The server's own words: "16.14"."""
    encrypted: bool
    """Whether the connection is under TLS."""
    verified: bool = False
    """Whether its certificate and the name in it were verified: it is the server asked for."""
    tunnel: str = ""
    """The ssh host through which it is reached."""
    authority_only: bool = False
    """Whether its certificate was verified, but not the name in it."""
    tls: str = ""
    """The version of TLS: "TLSv1.3"; empty without."""
    is_redshift: bool = False
    """Whether it says that it is Redshift, which lacks much of PostgreSQL's catalog."""

    @property
    def label(self) -> str:
        """user@host:port/database, with the ssh host that it is reached through."""
        way = f" via ssh {self.tunnel}" if self.tunnel else ""
        return f"{self.user}@{self.host}:{self.port}/{self.database}{way}"


@dataclass(frozen=True)
class ResultColumn:
    """One column of a result. Names may be empty and may repeat."""

    name: str
    type_name: str
    """As `format_type` prints it ("integer", "character varying", "public.mood")."""
    numeric: bool
    """Whether it lines up on the right."""
    table: int = field(default=0, compare=False)
    """The object id of the table or view that it is a column of; 0 for an expression."""
    attribute: int = field(default=0, compare=False)
    """Its number in that table, from 1; negative for a system column."""


@dataclass(frozen=True)
class Page:
    """Rows in the server's order."""

    rows: tuple[Row, ...]
    complete: bool
    """Whether these are the last ones."""


@dataclass(frozen=True)
class Result:
    """What one statement came to."""

    statement: Statement
    columns: tuple[ResultColumn, ...] | None
    """None for a statement that returns no rows; empty for rows without columns."""
    rows: tuple[Row, ...]
    """The first page."""
    complete: bool
    """Whether `rows` is everything; if not, `Session.fetch_more` gives the next page."""
    tag: str
    """The server's command tag ("INSERT 0 3"); for paged rows "SELECT", with the count once
    it is known."""
    seconds: float
    """From sending to having the first page."""
    notices: tuple[str, ...]
    """What the server said beside the answer, in order."""
    dropped: int = 0
    """Rows that came but were not kept, because the statement could not be paged."""
    number: int = 0
    """Tells the results of a session apart."""
    wrote: bool = False
    """Whether running the statement may have changed something, as far as can be told."""


class SqlError(ServiceError):
    """The server refused a statement.

    `offset` is where, in characters from the start of the text that the statement was cut from;
    None if the server did not say. `notices` are what it said before.
    """

    def __init__(
        self,
        message: str,
        *,
        cause: str = "",
        hint: str = "",
        code: str = "",
        kind: ErrorKind = ErrorKind.OTHER,
        offset: int | None = None,
        notices: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, cause=cause, hint=hint, code=code, kind=kind)
        self.offset = offset
        self.notices = notices


class ConnectionLostError(ServiceError):
    """The server is gone. `outcome_unknown`: whether a change may or may not have been made."""

    def __init__(self, cause: str, *, outcome_unknown: bool = False) -> None:
        super().__init__(
            "The connection to the server is lost."
            + (" Whether the statement was carried out is not known." if outcome_unknown else ""),
            cause=cause,
            hint="Run again to connect anew; what was not committed is gone."
            + (" Look before you repeat a change." if outcome_unknown else ""),
            kind=ErrorKind.NETWORK,
        )
        self.outcome_unknown = outcome_unknown
