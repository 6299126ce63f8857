"""The emulator's RDS, made to follow real servers and to reject what RDS rejects.

The methods of moto's backend class are wrapped rather than its HTTP answers rewritten: the
backend is one small set of methods, and it stays the only keeper of the records.
"""

from __future__ import annotations

import json
import math
import secrets
import string
import threading
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from functools import wraps
from typing import Any

from tui.sandbox import emulated_clusters
from tui.sandbox.instances import PENDING_NAMES, EmulatedInstance, Instances
from tui.sandbox.rds_rejections import (
    Rejection,
    check_create,
    check_delete,
    check_modify,
)
from tui.sandbox.snapshots import Snapshots

_RESOURCE_ID = string.ascii_uppercase + string.digits
_GENERATED = string.ascii_letters + string.digits + "!#$%&()*+,-.:;<=>?[]^_{|}~"

_NOT_EMULATED = (
    "create_db_instance_read_replica",
    "restore_db_instance_to_point_in_time",
    "copy_db_snapshot",
)
"""They would answer with a database that is not there."""

_WAITING = (
    "db_instance_class",
    "allocated_storage",
    "storage_type",
    "backup_retention_period",
    "enable_iam_database_authentication",
)
"""What ModifyDBInstance keeps for the maintenance window unless it is told otherwise.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html
"""

_SNAPSHOT_STATUSES = ("available", "storage-optimization")
"""Statuses in which RDS takes a snapshot (API reference of CreateDBSnapshot)."""


def install(instances: Instances, snapshots: Snapshots) -> None:
    """Wrap moto's RDS backend. Call once, before the first request."""
    from moto.rds.models import DBInstance, MasterUserSecret, RDSBackend

    hooks = _Hooks(instances, snapshots)
    for name in ("create", "modify", "start", "stop", "reboot", "delete"):
        _wrap(RDSBackend, f"{name}_db_instance", getattr(hooks, name))
    emulated_clusters.install(RDSBackend, _wrap)
    _wrap(RDSBackend, "create_db_snapshot", hooks.take_snapshot)
    _wrap(RDSBackend, "delete_db_snapshot", hooks.delete_snapshot)
    _wrap(RDSBackend, "restore_db_instance_from_db_snapshot", hooks.restore)
    for name in _NOT_EMULATED:
        _wrap(RDSBackend, name, _refuse)
    _wrap(MasterUserSecret, "_generate_secret_string", _secret_of_master)
    _follow_endpoint(DBInstance, instances)


def _wrap(owner: Any, name: str, hook: Callable[..., Any]) -> None:
    original = getattr(owner, name)

    @wraps(original)
    def method(*arguments: Any, **options: Any) -> Any:
        from moto.rds.exceptions import RDSClientError

        try:
            return hook(original, *arguments, **options)
        except Rejection as rejection:
            raise RDSClientError(rejection.code, rejection.message) from rejection

    setattr(owner, name, method)


def _refuse(_original: Any, *_arguments: Any, **_options: Any) -> Any:
    raise Rejection("InvalidParameterCombination", "The sandbox does not emulate this.")


def _secret_of_master(original: Any, secret: Any) -> str:
    """What Secrets Manager keeps of an instance: a password that its server really gets."""
    user = getattr(secret.resource, "master_username", None)
    if user is None:
        return str(original(secret))
    password = "".join(secrets.choice(_GENERATED) for _ in range(28))
    secret.resource.managed_password = password
    return json.dumps({"username": user, "password": password})


def _follow_endpoint(owner: Any, instances: Instances) -> None:
    """Answer the server's own address, and none before it takes logins, as RDS does."""
    original = owner.endpoint.fget

    def endpoint(record: Any) -> Any:
        instance = instances.of(record)
        if instance is None:
            return original(record)
        if instance.endpoint is None:
            return None
        address, port = instance.endpoint
        return {"Address": address, "Port": port}

    owner.endpoint = property(endpoint)


class _Hooks:
    """What happens around each verb of the backend.

    A hook gets the verb's original, the backend, and the arguments of the call.
    """

    def __init__(self, instances: Instances, snapshots: Snapshots) -> None:
        self._instances = instances
        self._snapshots = snapshots
        self._inside = threading.local()

    def create(self, original: Any, backend: Any, wanted: Any) -> Any:
        if wanted.get("engine") != "postgres" or wanted.get("db_cluster_identifier"):
            return original(backend, wanted)
        source = getattr(self._inside, "source", None)
        if source is None:
            check_create(wanted)
        if self._instances.full:
            raise Rejection("InstanceQuotaExceeded", "The sandbox runs no more instances.")
        # The servers are of one version; the answer must not claim another.
        wanted["engine_version"] = self._instances.engine_version
        record = original(backend, wanted)
        # The emulator gives all of them the same one.
        suffix = "".join(secrets.choice(_RESOURCE_ID) for _ in range(26))
        record.dbi_resource_id = f"db-{suffix}"
        if source is not None:
            self._instances.restore(record, source, _password_of(record))
            return record
        self._instances.create(
            record,
            user=wanted["master_username"],
            password=_password_of(record) or wanted["master_user_password"],
            database=wanted.get("db_name"),
        )
        return record

    def modify(
        self, original: Any, backend: Any, name: str, wanted: MutableMapping[str, Any]
    ) -> Any:
        instance = self._instance(backend, name)
        if instance is None:
            return original(backend, name, wanted)
        record = instance.record
        _require(instance, "available", "stopped")
        check_modify(record, wanted)
        password = wanted.get("master_user_password")
        manage = bool(wanted.get("manage_master_user_password"))
        if password is not None or manage:
            _require(instance, "available")
        later = _taken_out(wanted, record)
        original(backend, name, wanted)
        pending = {**(getattr(record, "pending_modified_values", None) or {}), **later}
        record.pending_modified_values = pending
        if manage:
            password = _password_of(record)
        if password is not None:
            self._instances.change_password(instance, password)
        if pending and wanted.get("apply_immediately"):
            self._instances.apply_pending(instance)
        return record

    def start(self, original: Any, backend: Any, name: str) -> Any:
        record = original(backend, name)
        instance = self._instance(backend, name)
        if instance is not None:
            self._instances.start(instance)
        return record

    def stop(self, original: Any, backend: Any, name: str, snapshot: str | None = None) -> Any:
        record = original(backend, name, snapshot)
        instance = self._instance(backend, name)
        if instance is not None:
            self._instances.stop(instance)
        return record

    def reboot(self, original: Any, backend: Any, name: str) -> Any:
        instance = self._instance(backend, name)
        if instance is not None:
            _require(instance, "available")
            self._instances.reboot(instance)
        return original(backend, name)

    def delete(
        self,
        original: Any,
        backend: Any,
        db_instance_identifier: str,
        final_db_snapshot_identifier: str | None = None,
        skip_final_snapshot: bool | None = False,
        **options: Any,
    ) -> Any:
        name = db_instance_identifier
        known = backend.databases.get(name)
        if known is not None and known.db_cluster_identifier:
            emulated_clusters.refuse_of_multi_az(known.engine)
        elif known is not None and not known.deletion_protection:
            check_delete(
                known.status,
                skip=bool(skip_final_snapshot),
                snapshot=final_db_snapshot_identifier,
            )
        with self._doing("deleting", True):
            record = original(
                backend,
                db_instance_identifier=name,
                final_db_snapshot_identifier=final_db_snapshot_identifier,
                skip_final_snapshot=skip_final_snapshot,
                **options,
            )
        instance = self._instances.of(record)
        if instance is not None:
            # Back on the list, as `deleting`, until the server is gone.
            backend.databases[name] = record
            self._instances.delete(instance, lambda: _strike(backend, name, record))
        return record

    def take_snapshot(
        self,
        original: Any,
        backend: Any,
        db_instance_identifier: str,
        *arguments: Any,
        **options: Any,
    ) -> Any:
        instance = self._instance(backend, db_instance_identifier)
        if instance is not None and not getattr(self._inside, "deleting", False):
            _require(instance, *_SNAPSHOT_STATUSES)
        snapshot = original(backend, db_instance_identifier, *arguments, **options)
        if instance is not None:
            self._snapshots.take(snapshot, instance)
        return snapshot

    def delete_snapshot(self, original: Any, backend: Any, name: str) -> Any:
        known = backend.database_snapshots.get(name)
        if known is not None and known.status not in {"available", "failed"}:
            raise Rejection("InvalidDBSnapshotState", f"{name} is not in available state.")
        snapshot = original(backend, name)
        self._snapshots.discard(snapshot)
        return snapshot

    def restore(self, original: Any, backend: Any, name: str, wanted: Any) -> Any:
        known = backend.database_snapshots.get(name)
        source = None if known is None else self._snapshots.of(known)
        if known is None or known.engine != "postgres":
            return original(backend, name, wanted)
        if source is None and known.snapshot_type != "manual":
            raise Rejection(
                "InvalidParameterCombination", "The sandbox keeps no data of automated snapshots."
            )
        if known.status != "available" or source is None:
            raise Rejection("InvalidDBSnapshotState", f"{name} is not in available state.")
        with self._doing("source", source):
            record = original(backend, name, wanted)
        # Not those of the instance that the snapshot was taken of, as the emulator has it.
        record.deletion_protection = bool(wanted.get("deletion_protection"))
        record.publicly_accessible = bool(wanted.get("publicly_accessible"))
        return record

    @contextmanager
    def _doing(self, what: str, value: object) -> Iterator[None]:
        """Let the hooks that the emulator calls from inside a verb know of the verb."""
        setattr(self._inside, what, value)
        try:
            yield
        finally:
            setattr(self._inside, what, None)

    def _instance(self, backend: Any, name: str) -> EmulatedInstance | None:
        record = backend.databases.get(name)
        return None if record is None else self._instances.of(record)


def _taken_out(wanted: MutableMapping[str, Any], record: Any) -> dict[str, Any]:
    """Take out of a modification what is applied later, as PendingModifiedValues shows it."""
    later: dict[str, Any] = {}
    for name in _WAITING:
        value = wanted.get(name)
        if value is None:
            continue
        if name == "backup_retention_period":
            if bool(int(value)) == bool(record.backup_retention_period):
                continue
            value = int(value)
        if name == "allocated_storage":
            # RDS rounds up to ten per cent more.
            grown = int(value) > record.allocated_storage
            value = max(int(value), math.ceil(record.allocated_storage * 1.1)) if grown else value
        wanted[name] = None
        if value != getattr(record, name):
            later[PENDING_NAMES.get(name, name)] = value
    return later


def _password_of(record: Any) -> str | None:
    """The master password that was generated for a managed secret; None if there is none."""
    if not record.manage_master_user_password:
        return None
    return str(record.managed_password)


def _strike(backend: Any, name: str, record: Any) -> None:
    # After a reset there may be another instance of this name.
    if backend.databases.get(name) is record:
        del backend.databases[name]


def _require(instance: EmulatedInstance, *statuses: str) -> None:
    if instance.record.status not in statuses:
        raise Rejection(
            "InvalidDBInstanceState",
            f"Database instance is not in {' or '.join(statuses)} state.",
        )
