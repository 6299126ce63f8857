"""Instances as RDS would describe them, for the tests of this folder."""

from __future__ import annotations

import uuid
from typing import Any

from tui.services.aws import Account
from tui.services.rds.answers import to_instance
from tui.services.rds.models import Instance

HOSTILE = [
    "[/]",
    "[red]x",
    "\x1b[31mx",
    "a//b",
    "x😀",
    "a\nb",
    "e\u0301tat",
    "état",
    "o'brien",
    'q"q',
]
"""What no name and no range can be."""


def description(identifier: str = "demo", status: str = "available", **changed: Any) -> Any:
    """One element of DescribeDBInstances; `Endpoint=None` leaves the endpoint out."""
    answer: dict[str, Any] = {
        "DBInstanceIdentifier": identifier,
        "DBInstanceStatus": status,
        "Engine": "postgres",
        "EngineVersion": "17.4",
        "MasterUsername": "postgres",
        "DBInstanceClass": "db.t4g.micro",
        "AllocatedStorage": 20,
        "StorageType": "gp2",
        "Endpoint": {"Address": f"{identifier}.rds.example", "Port": 5432},
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-0123456789abcdef0", "Status": "active"}],
        **changed,
    }
    return {name: value for name, value in answer.items() if value is not None}


def instance(identifier: str = "demo", status: str = "available", **changed: Any) -> Instance:
    """The model of `description`."""
    return to_instance(description(identifier, status, **changed))


def delete_instance(account: Account, name: str) -> str:
    """Take an instance of a test away, which the application does on its cleanup screen; its
    status now."""
    answer = account.connection.client("rds").delete_db_instance(
        DBInstanceIdentifier=name, SkipFinalSnapshot=True
    )
    return str(answer["DBInstance"]["DBInstanceStatus"])


def make_cluster(account: Account, **changed: Any) -> tuple[str, str]:
    """An Aurora cluster of the emulator, with one member; it has no server."""
    rds = account.connection.client("rds")
    cluster = f"cluster-{uuid.uuid4().hex[:10]}"
    wanted: dict[str, Any] = {
        "DBClusterIdentifier": cluster,
        "Engine": "aurora-postgresql",
        "MasterUsername": "postgres",
        "MasterUserPassword": "correct-horse-9",
        **changed,
    }
    rds.create_db_cluster(**wanted)
    member = f"{cluster}-1"
    rds.create_db_instance(
        DBInstanceIdentifier=member,
        Engine="aurora-postgresql",
        DBInstanceClass="db.r6g.large",
        DBClusterIdentifier=cluster,
    )
    return cluster, member


def delete_cluster(account: Account, cluster: str, *members: str) -> None:
    """Take a cluster of a test away."""
    rds = account.connection.client("rds")
    for member in members:
        rds.delete_db_instance(DBInstanceIdentifier=member, SkipFinalSnapshot=True)
    rds.delete_db_cluster(DBClusterIdentifier=cluster, SkipFinalSnapshot=True)
