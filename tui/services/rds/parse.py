"""The SDK's dictionaries -> models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tui.services.rds.models import InboundRule, Instance, SecurityGroup


def to_instance(answer: Mapping[str, Any]) -> Instance:
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
        cluster=answer.get("DBClusterIdentifier"),
        replica_of=answer.get("ReadReplicaSourceDBInstanceIdentifier"),
        vpc_id=subnet_group.get("VpcId"),
        availability_zone=answer.get("AvailabilityZone"),
        backup_days=answer.get("BackupRetentionPeriod"),
        created=answer.get("InstanceCreateTime"),
        arn=answer.get("DBInstanceArn"),
    )


def to_security_group(answer: Mapping[str, Any]) -> SecurityGroup:
    """One element of DescribeSecurityGroups."""
    group_id = str(answer["GroupId"])
    return SecurityGroup(
        group_id=group_id,
        name=str(answer.get("GroupName", "")),
        description=str(answer.get("Description", "")),
        vpc_id=answer.get("VpcId"),
        rules=tuple(
            InboundRule(
                group_id=group_id,
                protocol=str(permission.get("IpProtocol", "")),
                from_port=_port(permission.get("FromPort")),
                to_port=_port(permission.get("ToPort")),
                source=source,
                description=description,
            )
            for permission in answer.get("IpPermissions") or ()
            for source, description in _sources(permission)
        ),
    )


def _port(value: int | None) -> int | None:
    # EC2 writes "every port" as -1 or leaves it out.
    return None if value is None or value < 0 else value


_SOURCE_LISTS = {
    "IpRanges": "CidrIp",
    "Ipv6Ranges": "CidrIpv6",
    "UserIdGroupPairs": "GroupId",
    "PrefixListIds": "PrefixListId",
}


def _sources(permission: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, key in _SOURCE_LISTS.items():
        for entry in permission.get(name) or ():
            yield str(entry.get(key, "")), str(entry.get("Description", ""))
