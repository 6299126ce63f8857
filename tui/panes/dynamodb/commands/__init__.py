"""Everything that can be done in the DynamoDB pane, one class for each verb."""

from __future__ import annotations

from tui.panes.dynamodb.commands.browse import (
    Cancel,
    Filter,
    GoTo,
    Mark,
    MarkAll,
    Open,
    Refresh,
    Sort,
    Up,
)
from tui.panes.dynamodb.commands.read import CopyAs, Get, Info, RunQuery
from tui.panes.dynamodb.commands.write import Delete, Edit, New

COMMANDS = (
    Open,
    Up,
    New,
    Edit,
    Delete,
    Get,
    RunQuery,
    Filter,
    Sort,
    Mark,
    MarkAll,
    Info,
    CopyAs,
    Refresh,
    GoTo,
    Cancel,
)
"""In the order of the help."""
