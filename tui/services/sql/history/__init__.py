"""What was run on which server, kept between runs of the application, without secrets."""

from tui.services.sql.history.models import (
    Entry,
    HistoryPage,
    HistoryWanted,
    StatementOutcome,
    StatementRun,
)
from tui.services.sql.history.service import StatementHistory, noted

__all__ = [
    "Entry",
    "HistoryPage",
    "HistoryWanted",
    "StatementHistory",
    "StatementOutcome",
    "StatementRun",
    "noted",
]
