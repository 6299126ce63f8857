"""The IAM permissions that each part of the application needs, as a policy to paste.

Sources: the AWS Service Authorization Reference of each service
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from tui.services.errors import ErrorKind, ServiceError


@dataclass(frozen=True)
class PermissionPart:
    """One thing that a person does here, and the operations that are sent for it."""

    name: str
    what: str
    """What needs it, a few words."""
    operations: Mapping[str, Collection[str]]
    """Service -> operations of its API."""
    also: Collection[str] = ()
    """IAM actions that belong to no operation of the SDK."""


PARTS = (
    PermissionPart(
        "account",
        "the header: who you are, the alias of the account",
        {"sts": ("GetCallerIdentity",), "iam": ("ListAccountAliases",)},
    ),
    PermissionPart(
        "s3-read",
        "browse, preview and download",
        {
            "s3": (
                "ListBuckets",
                "ListDirectoryBuckets",
                "CreateSession",
                "GetBucketLocation",
                "HeadBucket",
                "ListObjectsV2",
                "ListObjectVersions",
                "HeadObject",
                "GetObject",
                "GetBucketVersioning",
                "GetBucketEncryption",
                "GetBucketPolicy",
                "GetBucketCors",
                "GetBucketLifecycleConfiguration",
                "GetBucketTagging",
                "GetBucketAcl",
                "GetBucketPolicyStatus",
                "GetPublicAccessBlock",
                "GetObjectTagging",
                "GetObjectAcl",
                "GetObjectRetention",
                "GetObjectLegalHold",
            ),
            "cloudwatch": ("ListMetrics", "GetMetricData"),
        },
    ),
    PermissionPart(
        "s3-write",
        "create buckets, upload, change, restore and delete objects, set public access",
        {
            "s3": (
                "CreateBucket",
                "PutPublicAccessBlock",
                "PutBucketVersioning",
                "PutBucketEncryption",
                "PutBucketTagging",
                "PutBucketPolicy",
                "DeleteBucketPolicy",
                "PutBucketCors",
                "PutBucketLifecycleConfiguration",
                "DeleteBucketCors",
                "DeleteBucketEncryption",
                "DeleteBucketLifecycle",
                "DeleteBucketTagging",
                "PutObject",
                "CreateMultipartUpload",
                "UploadPart",
                "CompleteMultipartUpload",
                "ListMultipartUploads",
                "ListParts",
                "AbortMultipartUpload",
                "DeleteObject",
                "DeleteObjects",
                "CopyObject",
                "UploadPartCopy",
                "GetObjectTagging",
                "GetBucketOwnershipControls",
                "GetObjectLockConfiguration",
                "GetObjectAcl",
                "PutObjectTagging",
                "DeleteObjectTagging",
                "PutObjectRetention",
                "PutObjectLegalHold",
                "RestoreObject",
            )
        },
        also=("s3:PutObjectAcl",),
    ),
    PermissionPart(
        "rds-read",
        "find instances and connect, also with an IAM token; explain why one cannot be reached",
        {
            "rds": (
                "DescribeDBInstances",
                "DescribeDBClusters",
                "DescribeDBSnapshots",
                "DescribeDBClusterSnapshots",
            ),
            "ec2": (
                "DescribeSecurityGroups",
                "DescribeVpcs",
                "DescribeRouteTables",
                "DescribeNetworkAcls",
            ),
        },
        also=("rds-db:connect",),
    ),
    PermissionPart(
        "rds-write",
        "create, start, stop, reboot, modify and restore instances, take snapshots, open and close "
        "inbound rules",
        {
            "rds": (
                "DescribeDBEngineVersions",
                "CreateDBInstance",
                "StartDBInstance",
                "StopDBInstance",
                "RebootDBInstance",
                "ModifyDBInstance",
                "StartDBCluster",
                "StopDBCluster",
                "ModifyDBCluster",
                "CreateDBSnapshot",
                "CreateDBClusterSnapshot",
                "RestoreDBInstanceFromDBSnapshot",
            ),
            "ec2": ("AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"),
        },
        # For a master password that RDS keeps in Secrets Manager.
        also=("secretsmanager:CreateSecret", "secretsmanager:TagResource", "kms:DescribeKey"),
    ),
    PermissionPart(
        "prices",
        "what a new RDS instance costs, from AWS's price list",
        {"pricing": ("GetProducts",)},
    ),
    PermissionPart(
        "secrets-read",
        "connect with a password that Secrets Manager keeps",
        {"secretsmanager": ("GetSecretValue",)},
        also=("kms:Decrypt",),
    ),
    PermissionPart(
        "redshift",
        "find Redshift clusters and workgroups, and log in to them with temporary credentials",
        {
            "redshift": (
                "DescribeClusters",
                "GetClusterCredentials",
                "GetClusterCredentialsWithIAM",
            ),
            "redshift-serverless": ("ListWorkgroups", "ListNamespaces", "GetCredentials"),
        },
    ),
    PermissionPart(
        "dynamodb-read",
        "list tables, read and query items",
        {
            "dynamodb": (
                "ListTables",
                "DescribeTable",
                "DescribeContinuousBackups",
                "GetItem",
                "Query",
                "Scan",
            )
        },
    ),
    PermissionPart(
        "dynamodb-write",
        "create tables, put, edit and delete items",
        {
            "dynamodb": (
                "CreateTable",
                "PutItem",
                "UpdateItem",
                "DeleteItem",
                "TransactWriteItems",
            )
        },
    ),
    PermissionPart(
        "cleanup",
        "the inventory, and emptying and deleting what it lists",
        {
            "s3": (
                "ListBuckets",
                "ListDirectoryBuckets",
                "CreateSession",
                "HeadBucket",
                "HeadObject",
                "ListObjectsV2",
                "GetBucketVersioning",
                "GetBucketPolicy",
                "GetObjectLockConfiguration",
                "GetObjectRetention",
                "GetObjectLegalHold",
                "ListObjectVersions",
                "ListMultipartUploads",
                "ListParts",
                "AbortMultipartUpload",
                "DeleteObject",
                "DeleteObjects",
                "DeleteBucket",
            ),
            "rds": (
                "DescribeDBInstances",
                "DescribeDBClusters",
                "DescribeDBSnapshots",
                "DescribeDBClusterSnapshots",
                "ModifyDBInstance",
                "ModifyDBCluster",
                "DeleteDBInstance",
                "DeleteDBCluster",
                "DeleteDBSnapshot",
                "DeleteDBClusterSnapshot",
            ),
            "ec2": ("DescribeSecurityGroups", "RevokeSecurityGroupIngress"),
            "dynamodb": (
                "ListTables",
                "DescribeTable",
                "DescribeContinuousBackups",
                "UpdateTable",
                "DeleteTable",
            ),
            "cloudwatch": ("DescribeAlarms", "DeleteAlarms"),
            "application-autoscaling": (
                "DescribeScalableTargets",
                "DeregisterScalableTarget",
            ),
        },
        also=(
            "s3:BypassGovernanceRetention",
            "s3express:GetBucketPolicy",
            "s3express:DeleteBucket",
        ),
    ),
)

_ACTIONS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("sts", "GetCallerIdentity"): (),  # needs no permission
    ("s3", "ListBuckets"): ("s3:ListAllMyBuckets",),
    ("s3", "ListDirectoryBuckets"): ("s3express:ListAllMyDirectoryBuckets",),
    ("s3", "CreateSession"): ("s3express:CreateSession",),
    ("s3", "HeadBucket"): ("s3:ListBucket",),
    ("s3", "ListObjectsV2"): ("s3:ListBucket",),
    ("s3", "ListObjectVersions"): ("s3:ListBucketVersions",),
    ("s3", "ListMultipartUploads"): ("s3:ListBucketMultipartUploads",),
    ("s3", "ListParts"): ("s3:ListMultipartUploadParts",),
    ("s3", "HeadObject"): ("s3:GetObject", "s3:GetObjectVersion"),
    ("s3", "CreateMultipartUpload"): ("s3:PutObject",),
    ("s3", "UploadPart"): ("s3:PutObject",),
    ("s3", "CompleteMultipartUpload"): ("s3:PutObject",),
    ("s3", "CopyObject"): ("s3:PutObject",),
    ("s3", "PutObjectTagging"): ("s3:PutObjectTagging", "s3:PutObjectVersionTagging"),
    ("s3", "DeleteObjectTagging"): ("s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"),
    ("s3", "UploadPartCopy"): ("s3:PutObject",),
    ("s3", "DeleteObjects"): ("s3:DeleteObject", "s3:DeleteObjectVersion"),
    ("s3", "GetBucketEncryption"): ("s3:GetEncryptionConfiguration",),
    ("s3", "PutBucketEncryption"): ("s3:PutEncryptionConfiguration",),
    ("s3", "DeleteBucketEncryption"): ("s3:PutEncryptionConfiguration",),
    ("s3", "GetBucketCors"): ("s3:GetBucketCORS",),
    ("s3", "PutBucketCors"): ("s3:PutBucketCORS",),
    ("s3", "DeleteBucketCors"): ("s3:PutBucketCORS",),
    ("s3", "GetBucketLifecycleConfiguration"): ("s3:GetLifecycleConfiguration",),
    ("s3", "PutBucketLifecycleConfiguration"): ("s3:PutLifecycleConfiguration",),
    ("s3", "DeleteBucketLifecycle"): ("s3:PutLifecycleConfiguration",),
    ("s3", "DeleteBucketTagging"): ("s3:PutBucketTagging",),
    ("s3", "GetPublicAccessBlock"): ("s3:GetBucketPublicAccessBlock",),
    ("s3", "PutPublicAccessBlock"): ("s3:PutBucketPublicAccessBlock",),
    ("s3", "GetObjectLockConfiguration"): ("s3:GetBucketObjectLockConfiguration",),
    ("dynamodb", "TransactWriteItems"): (
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:ConditionCheckItem",
    ),
}
"""Operations whose permission has another name than they."""


def permission_of(operation: str) -> str:
    """The IAM action that an operation of a part needs; empty if it is not known for sure."""
    for part in PARTS:
        for service, operations in part.operations.items():
            if operation in operations:
                names = _ACTIONS.get((service, operation), (f"{service}:{operation}",))
                # A second one is for versions only; of the steps of a transaction it may be any.
                return names[0] if 0 < len(names) <= 2 else ""
    return ""


def actions(part: PermissionPart) -> list[str]:
    """The IAM actions of a part, sorted."""
    found = set(part.also)
    for service, operations in part.operations.items():
        for operation in operations:
            found.update(_ACTIONS.get((service, operation), (f"{service}:{operation}",)))
    return sorted(found)


def policy(names: Iterable[str]) -> dict[str, object]:
    """A policy document that allows the named parts on every resource; "all" is every part.

    Raises ServiceError (INVALID) for a name that no part has.
    """
    known = {part.name: part for part in PARTS}
    wanted = list(names)
    unknown = [name for name in wanted if name not in known and name != "all"]
    if unknown or not wanted:
        raise ServiceError(
            f"There is no part {', '.join(unknown)}." if unknown else "Name at least one part.",
            hint=f"The parts are: all, {', '.join(known)}.",
            kind=ErrorKind.INVALID,
        )
    parts = PARTS if "all" in wanted else [part for part in PARTS if part.name in wanted]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "".join(word.capitalize() for word in part.name.split("-")),
                "Effect": "Allow",
                "Action": actions(part),
                "Resource": "*",
            }
            for part in parts
        ],
    }
