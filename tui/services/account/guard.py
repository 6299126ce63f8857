"""The read-only guard and the audit, both on the SDK's own event hooks.

They sit below every service, so that no pane, however wrong, can get past them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tui.services.audit import AuditEntry, AuditLog
from tui.services.errors import ErrorKind, ServiceError

READ_OPERATIONS: Mapping[str, frozenset[str]] = {
    "s3": frozenset(
        {
            "GetBucketAcl",
            "GetBucketEncryption",
            "GetBucketLifecycleConfiguration",
            "GetBucketLocation",
            "GetBucketPolicy",
            "GetBucketPolicyStatus",
            "GetBucketTagging",
            "GetBucketVersioning",
            "GetObject",
            "GetObjectAttributes",
            "GetObjectLegalHold",
            "GetObjectLockConfiguration",
            "GetObjectRetention",
            "GetObjectTagging",
            "GetPublicAccessBlock",
            "HeadBucket",
            "HeadObject",
            "ListBuckets",
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
        {"DescribeRegions", "DescribeSecurityGroupRules", "DescribeSecurityGroups", "DescribeVpcs"}
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
    "cloudwatch": frozenset({"DescribeAlarms", "GetMetricData", "GetMetricStatistics"}),
    "application-autoscaling": frozenset({"DescribeScalableTargets", "DescribeScalingPolicies"}),
    "sts": frozenset({"GetCallerIdentity", "AssumeRole", "AssumeRoleWithWebIdentity"}),
    "iam": frozenset({"ListAccountAliases"}),
    "sso": frozenset({"GetRoleCredentials"}),
    "sso-oidc": frozenset({"CreateToken"}),
    "signin": frozenset({"CreateOAuth2Token"}),
}
"""What may be sent in read-only mode. An operation that is not here is refused, so a new one is
refused until somebody has decided that it only reads. The sso, signin and sts entries are how the
SDK itself obtains credentials."""

_TARGET_PARAMETERS = (
    "Bucket",
    "Key",
    "VersionId",
    "UploadId",
    "CopySource",
    "DBInstanceIdentifier",
    "DBClusterIdentifier",
    "FinalDBSnapshotIdentifier",
    "GroupId",
    "TableName",
    "ResourceId",
)
"""The parameters that name a target. Only these are ever written to the audit log."""


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


def _target(params: Mapping[str, Any]) -> dict[str, str]:
    target = {name: str(params[name]) for name in _TARGET_PARAMETERS if params.get(name)}
    objects = (params.get("Delete") or {}).get("Objects") or []
    if objects:
        target["Keys"] = str(len(objects))
        target["FirstKey"] = str(objects[0].get("Key"))
        target["LastKey"] = str(objects[-1].get("Key"))
    tables = params.get("RequestItems")
    if isinstance(tables, Mapping):
        target["TableName"] = ", ".join(str(name) for name in tables)
    parts = [part for item in params.get("TransactItems") or [] for part in item.values()]
    if parts:
        target["TableName"] = ", ".join(sorted({str(part.get("TableName")) for part in parts}))
    if params.get("AlarmNames"):
        target["AlarmNames"] = ", ".join(params["AlarmNames"])
    return target


def install(
    events: Any,
    *,
    read_only: Callable[[], bool],
    audit: AuditLog | None,
    describe: Callable[[], tuple[str | None, str | None, str | None]],
) -> None:
    """Register the guard and the audit on a botocore session's event emitter.

    `describe` gives (account id, region, endpoint) for the audit lines.
    """

    def before_build(
        params: Mapping[str, Any], model: Any, context: dict[str, Any], **_: Any
    ) -> None:
        context["tristore_target"] = _target(params)

    def before_call(model: Any, **_: Any) -> None:
        refuse_if_read_only(read_only(), _service(model), model.name)

    def write(model: Any, context: Mapping[str, Any], outcome: str) -> None:
        service = _service(model)
        if audit is None or is_read(service, model.name):
            return
        account_id, region, endpoint = describe()
        audit.append(
            AuditEntry(
                service=service,
                operation=model.name,
                target=context.get("tristore_target", {}),
                outcome=outcome,
                account_id=account_id,
                region=context.get("client_region") or region,
                endpoint=endpoint,
            )
        )

    def after_call(
        http_response: Any, parsed: Mapping[str, Any], model: Any, context: Any, **_: Any
    ) -> None:
        failed = http_response.status_code >= 300
        code = str(parsed.get("Error", {}).get("Code") or http_response.status_code)
        write(model, context, code if failed else "ok")

    def after_error(exception: BaseException, context: Any, event_name: str, **rest: Any) -> None:
        model = rest.get("model") or context.get("tristore_model")
        if model is not None and not isinstance(exception, ServiceError):
            write(model, context, type(exception).__name__)

    def remember(model: Any, context: dict[str, Any], **_: Any) -> None:
        context["tristore_model"] = model

    events.register("before-parameter-build", before_build)
    events.register("before-call", remember)
    events.register_first("before-call", before_call)
    events.register("after-call", after_call)
    events.register("after-call-error", after_error)


def _service(model: Any) -> str:
    # The endpoint prefix of CloudWatch is "monitoring"; the service name is what people know.
    return str(model.service_model.service_name)
