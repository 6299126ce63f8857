"""RDS instances in the SQL pane: list, create, wait for, let in, connect."""

from tui.panes.sql.rds.commands import RDS_COMMANDS
from tui.panes.sql.rds.host import RdsPane
from tui.panes.sql.rds.progress import WaitingLine
from tui.panes.sql.rds.session import RdsSession

__all__ = ["RDS_COMMANDS", "RdsPane", "RdsSession", "WaitingLine"]
