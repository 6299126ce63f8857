"""The audit, on the SDK's own event hooks: a line for every call that may change something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.services.audit import UNKNOWN, AuditEntry, AuditLog
from tui.services.aws import codes, lost_answer
from tui.services.aws.guard import is_read, service_of
from tui.services.errors import ErrorKind, ServiceError

if TYPE_CHECKING:
    from botocore.hooks import BaseEventHooks
    from botocore.model import OperationModel


Describe = Callable[[], tuple[str | None, str | None, str | None]]
"""Gives account id, region and endpoint."""

_TARGET, _MODEL = "tristore_target", "tristore_model"
"""Entries of a call's context."""

_AFTER_LOST = "after an answer was lost"

_REMOVING = ("Abort", "Delete", "Deregister", "Revoke")
"""Operations that have reached their end when what they remove is not there."""


def install(events: BaseEventHooks, *, log: AuditLog | None, describe: Describe) -> None:
    """Register the audit, and the marks of lost answers, on a botocore session's event emitter."""
    auditing = _Auditing(log, describe)
    lost_answer.install(events)
    events.register("before-parameter-build", auditing.before_build)
    events.register("before-call", auditing.before_call)
    events.register("after-call", auditing.after_call)
    events.register("after-call-error", auditing.after_error)


@dataclass(frozen=True)
class _Auditing:
    log: AuditLog | None
    describe: Describe

    def before_build(
        self, params: Mapping[str, Any], model: OperationModel, context: dict[str, Any], **_: object
    ) -> None:
        context[_TARGET] = target_of(service_of(model), params)

    def before_call(self, model: OperationModel, context: dict[str, Any], **_: object) -> None:
        # The hook for errors is not told the operation.
        context[_MODEL] = model

    def after_call(
        self,
        http_response: Any,
        parsed: dict[str, Any],
        model: OperationModel,
        context: Mapping[str, Any],
        **_: object,
    ) -> None:
        if is_read(service_of(model), model.name):
            return
        if http_response.status_code < 300:
            self._write(model, context, "ok")
            return
        code = str(parsed.get("Error", {}).get("Code") or http_response.status_code)
        settle = self._settler(model, context)
        if not lost_answer.mark_answer(parsed, context, model.name, settle):
            self._write(model, context, code)
        elif codes.kind_of(code) is ErrorKind.NOT_FOUND and model.name.startswith(_REMOVING):
            self._write(model, context, "ok", f"{code}, {_AFTER_LOST}")
        else:
            self._write(model, context, UNKNOWN, f"{code}, {_AFTER_LOST}")

    def after_error(
        self, exception: BaseException, context: Mapping[str, Any], **_: object
    ) -> None:
        model = context.get(_MODEL)
        if model is None or isinstance(exception, ServiceError):
            return
        if is_read(service_of(model), model.name):
            return
        name = type(exception).__name__
        settle = self._settler(model, context)
        if lost_answer.mark_error(exception, context, model.name, settle):
            self._write(model, context, UNKNOWN, name)
        else:
            self._write(model, context, name)

    def _settler(self, model: OperationModel, context: Mapping[str, Any]) -> Callable[[str], None]:
        note = f"found out by looking, {_AFTER_LOST}"
        return lambda outcome: self._write(model, context, outcome, note)

    def _write(
        self, model: OperationModel, context: Mapping[str, Any], outcome: str, note: str = ""
    ) -> None:
        if self.log is None:
            return
        account_id, region, endpoint = self.describe()
        self.log.append(
            AuditEntry(
                service=service_of(model),
                operation=model.name,
                target=context.get(_TARGET, {}),
                outcome=outcome,
                account_id=account_id,
                region=context.get("client_region") or region,
                endpoint=endpoint,
                note=note,
            )
        )


# -- what a call is done to: names, never a value, a key of an item or a secret ----------------

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
