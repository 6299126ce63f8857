"""The pane that RDS instances are connected in."""

from __future__ import annotations

from tui.panes.pane import Pane
from tui.panes.sql.rds.known import KnownInstances


class RdsPane(Pane):
    """A pane that can connect to an instance: the SQL pane."""

    rds: KnownInstances
    """Set before the pane is mounted."""
