"""What a call is done to, in names: never a value, a key of an item or a secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NAMES = {
    "s3": ("Bucket", "Key", "VersionId", "UploadId", "CopySource"),
    "rds": (
        "DBInstanceIdentifier",
        "DBClusterIdentifier",
        "DBSnapshotIdentifier",
        "DBClusterSnapshotIdentifier",
        "FinalDBSnapshotIdentifier",
        "DBInstanceAutomatedBackupsArn",
    ),
    "ec2": ("GroupId", "GroupName"),
    # Not "Key": the key of an item is data.
    "dynamodb": ("TableName", "IndexName", "BackupArn"),
    "application-autoscaling": ("ResourceId", "ScalableDimension", "PolicyName"),
    "cloudwatch": ("AlarmName",),
}
"""The parameters that name a target, for each service. Nothing else is written to the audit log."""


def target_of(service: str, parameters: Mapping[str, Any]) -> dict[str, str]:
    """The names of what a call is done to. `parameters` are as they are given to the SDK."""
    names = _NAMES.get(service, ())
    target = {
        name: text for name in names if isinstance(text := parameters.get(name), str) and text
    }
    return target | _SEVERAL.get(service, _nothing)(parameters)


def _nothing(parameters: Mapping[str, Any]) -> dict[str, str]:
    return {}


def _objects(parameters: Mapping[str, Any]) -> dict[str, str]:
    objects = (parameters.get("Delete") or {}).get("Objects") or []
    if not objects:
        return {}
    return {
        "Keys": str(len(objects)),
        "FirstKey": str(objects[0].get("Key")),
        "LastKey": str(objects[-1].get("Key")),
    }


def _tables(parameters: Mapping[str, Any]) -> dict[str, str]:
    tables = parameters.get("RequestItems")
    names = {str(name) for name in tables} if isinstance(tables, Mapping) else set()
    for item in parameters.get("TransactItems") or ():
        names |= {str(part.get("TableName")) for part in item.values()}
    return {"TableName": ", ".join(sorted(names))} if names else {}


def _alarms(parameters: Mapping[str, Any]) -> dict[str, str]:
    names = parameters.get("AlarmNames") or ()
    return {"AlarmNames": ", ".join(map(str, names))} if names else {}


def _rules(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Ports and sources of inbound rules: what was opened to whom is what the log is for."""
    found = [str(each) for each in parameters.get("SecurityGroupRuleIds") or ()]
    for permission in parameters.get("IpPermissions") or ():
        ports = f"{permission.get('IpProtocol')} {permission.get('FromPort', 'all')}"
        sources = [
            *(each.get("CidrIp") for each in permission.get("IpRanges") or ()),
            *(each.get("CidrIpv6") for each in permission.get("Ipv6Ranges") or ()),
            *(each.get("GroupId") for each in permission.get("UserIdGroupPairs") or ()),
            *(each.get("PrefixListId") for each in permission.get("PrefixListIds") or ()),
        ]
        found += [f"{ports} from {source}" for source in sources]
    return {"Rules": ", ".join(found)} if found else {}


_SEVERAL = {"s3": _objects, "dynamodb": _tables, "cloudwatch": _alarms, "ec2": _rules}
"""Targets that a call names in a list."""
