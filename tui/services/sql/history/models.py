"""What is kept of the statements that were run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class StatementOutcome(Enum):
    """How a statement ended, as far as is known here."""

    OK = "ok"
    ERROR = "error"
    """The server refused it, or it was refused before it was sent."""
    CANCELLED = "cancelled"
    LOST = "lost"
    """The connection was lost, and nothing was committed."""
    UNKNOWN = "unknown"
    """It runs, or the connection was lost, or the application left or was killed: nobody knows
    whether it was carried out."""


@dataclass(frozen=True)
class StatementRun:
    """One time that a statement was run."""

    begun: datetime
    """In UTC."""
    seconds: float
    """Until its first page was here, or its end."""
    rows: int | None
    """Rows that it gave or changed; None if it did neither, or failed."""
    complete: bool
    """Whether these are all; if not, there were more."""
    outcome: StatementOutcome
    code: str = ""
    """SQLSTATE of an error."""
    message: str = ""
    """What the server said of an error, without secrets."""


@dataclass(frozen=True)
class Entry:
    """A statement that was run on a connection, and its last run."""

    id: int
    text: str
    """As it was written, without secrets: of a long one the start, and in a list only so much of
    it as its first line needs."""
    length: int
    """Characters of the whole statement."""
    is_cut: bool
    """Whether only its start is kept."""
    secrets: int
    """How many secrets were left out of it."""
    connection: str
    """user@host:port/database."""
    last: StatementRun
    runs: int
    """How often it was run there."""
    is_favourite: bool = False
    name: str = ""
    """Of a favourite."""

    @property
    def in_the_way(self) -> str:
        """Why it cannot be run again as it is kept; empty if it can."""
        if self.is_cut:
            return f"Only the start of it is kept: it has {self.length:,} characters."
        if self.secrets:
            return "Its password is not kept."
        return ""


@dataclass(frozen=True)
class HistoryWanted:
    """Which entries are asked for."""

    search: str = ""
    """Words that all stand in the statement, its name, its connection or what the server said."""
    favourites: bool = False
    """Whether only favourites are."""
    connection: str = ""
    """Only those of a connection; empty for all."""


@dataclass(frozen=True)
class HistoryPage:
    """Some of the entries, newest first."""

    entries: tuple[Entry, ...]
    more: bool
    """Whether older ones follow."""
