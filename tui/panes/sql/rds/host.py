"""What the commands and dialogs of this folder need of the pane they belong to."""

from __future__ import annotations

from tui.panes.pane import Pane
from tui.panes.sql.rds.session import RdsSession


class RdsPane(Pane):
    """A pane that can connect to an instance: the SQL pane."""

    rds: RdsSession
    """Set before the pane is mounted."""
