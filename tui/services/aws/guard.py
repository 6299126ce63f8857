"""The read-only guard, on the SDK's own event hooks.

It sits below every service, so that no pane, however wrong, can get past it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui.services.errors import ErrorKind, ServiceError

if TYPE_CHECKING:
    from botocore.hooks import BaseEventHooks
    from botocore.model import OperationModel


READ_OPERATIONS: Mapping[str, frozenset[str]] = {
    "s3": frozenset(
        {
            "CreateSession",
            "GetBucketAcl",
            "GetBucketCors",
            "GetBucketEncryption",
            "GetBucketLifecycleConfiguration",
            "GetBucketLocation",
            "GetBucketOwnershipControls",
            "GetBucketPolicy",
            "GetBucketPolicyStatus",
            "GetBucketTagging",
            "GetBucketVersioning",
            "GetObject",
            "GetObjectAcl",
            "GetObjectAttributes",
            "GetObjectLegalHold",
            "GetObjectLockConfiguration",
            "GetObjectRetention",
            "GetObjectTagging",
            "GetPublicAccessBlock",
            "HeadBucket",
            "HeadObject",
            "ListBuckets",
            "ListDirectoryBuckets",
            "ListMultipartUploads",
            "ListObjectsV2",
            "ListObjectVersions",
            "ListParts",
        }
    ),
    "rds": frozenset(
        {
            "DescribeDBClusters",
            "DescribeDBClusterSnapshots",
            "DescribeDBEngineVersions",
            "DescribeDBInstances",
            "DescribeDBSnapshots",
            "DescribeDBSubnetGroups",
            "DescribeEvents",
            "DescribeOrderableDBInstanceOptions",
            "ListTagsForResource",
        }
    ),
    "ec2": frozenset(
        {
            "DescribeNetworkAcls",
            "DescribeRegions",
            "DescribeRouteTables",
            "DescribeSecurityGroupRules",
            "DescribeSecurityGroups",
            "DescribeVpcs",
        }
    ),
    "dynamodb": frozenset(
        {
            "BatchGetItem",
            "DescribeContinuousBackups",
            "DescribeTable",
            "DescribeTimeToLive",
            "GetItem",
            "ListTables",
            "ListTagsOfResource",
            "Query",
            "Scan",
        }
    ),
    "cloudwatch": frozenset(
        {"DescribeAlarms", "GetMetricData", "GetMetricStatistics", "ListMetrics"}
    ),
    "application-autoscaling": frozenset({"DescribeScalableTargets", "DescribeScalingPolicies"}),
    "secretsmanager": frozenset({"GetSecretValue"}),
    "pricing": frozenset({"GetProducts"}),
    # Not GetClusterCredentialsWithIAM and GetCredentials: they make a database user.
    "redshift": frozenset({"DescribeClusters", "GetClusterCredentials"}),
    "redshift-serverless": frozenset({"ListWorkgroups", "ListNamespaces"}),
    "sts": frozenset({"GetCallerIdentity", "AssumeRole", "AssumeRoleWithWebIdentity"}),
    "iam": frozenset({"ListAccountAliases"}),
    "sso": frozenset({"GetRoleCredentials"}),
    "sso-oidc": frozenset({"CreateToken"}),
    "signin": frozenset({"CreateOAuth2Token"}),
}
"""What may be sent in read-only mode. An operation that is not here is refused, so a new one is
refused until somebody has decided that it only reads. The sso, signin and sts entries, and
CreateSession for directory buckets, are how the SDK itself obtains credentials."""


def is_read(service: str, operation: str) -> bool:
    """Whether the operation is on the allow-list of read operations."""
    return operation in READ_OPERATIONS.get(service, frozenset())


def refuse_if_read_only(read_only: bool, service: str, operation: str) -> None:
    """Raise READ_ONLY for an operation that may change something.

    For the engines that do not pass through the SDK's hooks.
    """
    if read_only and not is_read(service, operation):
        raise ServiceError(
            f"Read-only mode: {service}:{operation} was not sent.",
            hint="Start without --read-only, or with a profile that is not marked read-only, "
            "to change things.",
            kind=ErrorKind.READ_ONLY,
        )


def install(events: BaseEventHooks, *, read_only: bool) -> None:
    """Register the guard on a botocore session's event emitter."""

    def before_call(model: OperationModel, **_: object) -> None:
        refuse_if_read_only(read_only, service_of(model), model.name)

    events.register_first("before-call", before_call)


def service_of(model: OperationModel) -> str:
    """The service that an operation of the SDK belongs to, by the name that people know."""
    # The endpoint prefix of CloudWatch is "monitoring".
    return str(model.service_model.service_name)
