"""What RDS answers, as the models of this package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui.services.rds.models import Cluster, Instance, Snapshot

if TYPE_CHECKING:
    from types_boto3_rds.type_defs import (
        DBClusterSnapshotTypeDef,
        DBClusterTypeDef,
        DBInstanceTypeDef,
        DBSnapshotTypeDef,
    )


def to_instance(answer: DBInstanceTypeDef) -> Instance:
    """One element of DescribeDBInstances."""
    endpoint = answer.get("Endpoint") or {}
    engine = str(answer.get("Engine", ""))
    subnet_group = answer.get("DBSubnetGroup") or {}
    # AWS says 1 GiB for an Aurora member, whose storage is the cluster's.
    storage = None if engine.startswith("aurora") else answer.get("AllocatedStorage")
    return Instance(
        identifier=str(answer["DBInstanceIdentifier"]),
        engine=engine,
        engine_version=answer.get("EngineVersion"),
        status=str(answer.get("DBInstanceStatus", "unknown")),
        host=endpoint.get("Address"),
        port=endpoint.get("Port"),
        master_user=answer.get("MasterUsername"),
        database=answer.get("DBName") or None,
        instance_class=answer.get("DBInstanceClass"),
        storage_gib=storage,
        storage_type=answer.get("StorageType"),
        encrypted=answer.get("StorageEncrypted"),
        public=answer.get("PubliclyAccessible"),
        deletion_protection=answer.get("DeletionProtection"),
        security_groups=tuple(
            group["VpcSecurityGroupId"] for group in answer.get("VpcSecurityGroups") or ()
        ),
        iam_auth=answer.get("IAMDatabaseAuthenticationEnabled"),
        cluster=answer.get("DBClusterIdentifier") or None,
        replica_of=answer.get("ReadReplicaSourceDBInstanceIdentifier") or None,
        vpc_id=subnet_group.get("VpcId"),
        availability_zone=answer.get("AvailabilityZone"),
        backup_days=answer.get("BackupRetentionPeriod"),
        created=answer.get("InstanceCreateTime"),
        arn=answer.get("DBInstanceArn"),
        resource_id=answer.get("DbiResourceId"),
        replicas=tuple(answer.get("ReadReplicaDBInstanceIdentifiers") or ()),
        subnet_group=subnet_group.get("DBSubnetGroupName"),
        subnets=tuple(
            each["SubnetIdentifier"]
            for each in subnet_group.get("Subnets") or ()
            if "SubnetIdentifier" in each
        ),
        pending=_pending(answer.get("PendingModifiedValues") or {}),
        secret_arn=(answer.get("MasterUserSecret") or {}).get("SecretArn"),
        maintenance_window=answer.get("PreferredMaintenanceWindow"),
    )


def _pending(values: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """PendingModifiedValues, without the mask that stands for a password."""
    return tuple(
        (name, "" if "Password" in name else str(value))
        for name, value in sorted(values.items())
        if value not in (None, [], {})
    )


def to_cluster(answer: DBClusterTypeDef) -> Cluster:
    """One element of DescribeDBClusters."""
    return Cluster(
        identifier=answer["DBClusterIdentifier"],
        engine=answer.get("Engine", ""),
        engine_version=answer.get("EngineVersion"),
        status=answer.get("Status", ""),
        members=tuple(each["DBInstanceIdentifier"] for each in answer.get("DBClusterMembers", ())),
        created=answer.get("ClusterCreateTime"),
        resource_id=answer.get("DbClusterResourceId"),
        host=answer.get("Endpoint") or None,
        reader_host=answer.get("ReaderEndpoint") or None,
        port=answer.get("Port"),
        master_user=answer.get("MasterUsername"),
        database=answer.get("DatabaseName") or None,
        iam_auth=answer.get("IAMDatabaseAuthenticationEnabled"),
        secret_arn=(answer.get("MasterUserSecret") or {}).get("SecretArn"),
        writers=tuple(
            each["DBInstanceIdentifier"]
            for each in answer.get("DBClusterMembers", ())
            if each.get("IsClusterWriter")
        ),
        engine_mode=answer.get("EngineMode"),
        deletion_protection=answer.get("DeletionProtection"),
        global_cluster=answer.get("GlobalClusterIdentifier") or None,
        replica_of=answer.get("ReplicationSourceIdentifier") or None,
        replicas=tuple(answer.get("ReadReplicaIdentifiers") or ()),
        arn=answer.get("DBClusterArn"),
    )


def to_cluster_snapshot(answer: DBClusterSnapshotTypeDef) -> Snapshot:
    """One element of DescribeDBClusterSnapshots."""
    engine = answer.get("Engine", "")
    # AWS says 0 or 1 GiB for Aurora, whose storage has no allocation.
    storage = None if engine.startswith("aurora") else answer.get("AllocatedStorage")
    return Snapshot(
        name=answer.get("DBClusterSnapshotIdentifier", ""),
        instance=answer.get("DBClusterIdentifier"),
        engine=engine,
        engine_version=answer.get("EngineVersion"),
        status=answer.get("Status", ""),
        storage_gib=storage,
        created=answer.get("SnapshotCreateTime"),
        percent=answer.get("PercentProgress"),
        of_cluster=True,
    )


def to_snapshot(answer: DBSnapshotTypeDef) -> Snapshot:
    """One element of DescribeDBSnapshots."""
    return Snapshot(
        name=answer["DBSnapshotIdentifier"],
        instance=answer.get("DBInstanceIdentifier"),
        engine=answer.get("Engine", ""),
        engine_version=answer.get("EngineVersion"),
        status=answer.get("Status", ""),
        storage_gib=answer.get("AllocatedStorage"),
        created=answer.get("SnapshotCreateTime"),
        percent=answer.get("PercentProgress"),
    )
