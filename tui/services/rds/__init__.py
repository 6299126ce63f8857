"""RDS for PostgreSQL: instances, their creation, and the way in to them."""

from tui.services.rds.inbound import (
    ANYWHERE_V4,
    ANYWHERE_V6,
    InboundRule,
    Opened,
    SecurityGroup,
    is_ours,
)
from tui.services.rds.models import (
    ConnectInfo,
    EngineVersion,
    Instance,
    InstancesPage,
    NewInstance,
    Placement,
    StatusSeen,
)
from tui.services.rds.service import RdsService

__all__ = [
    "ANYWHERE_V4",
    "ANYWHERE_V6",
    "ConnectInfo",
    "EngineVersion",
    "InboundRule",
    "Instance",
    "InstancesPage",
    "NewInstance",
    "Opened",
    "Placement",
    "RdsService",
    "SecurityGroup",
    "StatusSeen",
    "is_ours",
]
