"""The verbs of the SQL pane, one class each. The order here is the order in the help."""

from __future__ import annotations

from typing import Any

from tui.panes.sql.commands.connect import Connect, GoTo
from tui.panes.sql.commands.rows import CopyAs, FetchAgain, Info, Open
from tui.panes.sql.commands.run import Cancel, Commit, Rollback, Run, RunAll
from tui.panes.sql.rds import RDS_COMMANDS

COMMANDS: tuple[Any, ...] = (
    Run,
    RunAll,
    Cancel,
    Commit,
    Rollback,
    Connect,
    GoTo,
    Info,
    Open,
    CopyAs,
    FetchAgain,
    *RDS_COMMANDS,
)
