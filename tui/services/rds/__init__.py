"""RDS for PostgreSQL: instances, their creation and deletion, and who may connect to them."""

from tui.services.rds.inbound import (
    InboundRule,
    PortOpened,
    SecurityGroup,
    is_anywhere,
    is_ours,
)
from tui.services.rds.models import (
    Cluster,
    ConnectInfo,
    Instance,
    InstancesPage,
    Snapshot,
    StatusSeen,
)
from tui.services.rds.new_instance import EngineVersion, NewInstance, Placement
from tui.services.rds.ranges import ANYWHERE_V4, ANYWHERE_V6
from tui.services.rds.service import RdsService

__all__ = [
    "ANYWHERE_V4",
    "ANYWHERE_V6",
    "Cluster",
    "ConnectInfo",
    "EngineVersion",
    "InboundRule",
    "Instance",
    "InstancesPage",
    "NewInstance",
    "Placement",
    "PortOpened",
    "RdsService",
    "SecurityGroup",
    "Snapshot",
    "StatusSeen",
    "is_anywhere",
    "is_ours",
]
