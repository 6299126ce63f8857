"""The emulator's RDS, made to follow real servers and to reject what RDS rejects.

The methods of moto's backend class are wrapped rather than its HTTP answers rewritten: the
backend is one small set of methods, and it stays the only keeper of the records.

What is rejected: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
and API_DeleteDBInstance.html.
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from tui.sandbox.instances import EmulatedInstance, Instances
from tui.sandbox.postgres import SUPERUSER

_RESOURCE_ID = string.ascii_uppercase + string.digits

_NOT_EMULATED = (
    "create_db_instance_read_replica",
    "restore_db_instance_from_db_snapshot",
    "restore_db_instance_to_point_in_time",
)
"""They would answer with a database that is not there."""

_USER = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,62}")
_DATABASE = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,62}")
_PASSWORD = re.compile(r"""[!-~]{8,128}""")
_CLASS = re.compile(r"db\.[a-z0-9-]+\.[a-z0-9]+")
_RESERVED_USERS = {SUPERUSER, "rds_superuser", "rdsrepladmin", "rdstopmgr", "public", "admin"}
_RESERVED_DATABASES = {SUPERUSER, "template0", "template1"}
_STORAGE = range(20, 65_537)
"""GiB of the general purpose volumes."""


class Rejection(Exception):  # noqa: N818 - it becomes an error of the API
    """An error code of the RDS API and its message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def install(instances: Instances) -> None:
    """Wrap moto's RDS backend. Call once, before the first request."""
    from moto.rds.models import DBInstance, RDSBackend

    hooks = _Hooks(instances)
    for name in ("create", "modify", "start", "stop", "reboot", "delete"):
        _wrap(RDSBackend, f"{name}_db_instance", getattr(hooks, name))
    for name in _NOT_EMULATED:
        _wrap(RDSBackend, name, _refuse)
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

    def __init__(self, instances: Instances) -> None:
        self._instances = instances

    def create(self, original: Any, backend: Any, wanted: Any) -> Any:
        if wanted.get("engine") != "postgres" or wanted.get("db_cluster_identifier"):
            return original(backend, wanted)
        _check_create(wanted)
        if self._instances.full:
            raise Rejection("InstanceQuotaExceeded", "The sandbox runs no more instances.")
        # The servers are of one version; the answer must not claim another.
        wanted["engine_version"] = self._instances.engine_version
        record = original(backend, wanted)
        # The emulator gives all of them the same one.
        suffix = "".join(secrets.choice(_RESOURCE_ID) for _ in range(26))
        record.dbi_resource_id = f"db-{suffix}"
        self._instances.create(
            record,
            user=wanted["master_username"],
            password=wanted["master_user_password"],
            database=wanted.get("db_name"),
        )
        return record

    def modify(self, original: Any, backend: Any, name: str, wanted: Mapping[str, Any]) -> Any:
        instance = self._instance(backend, name)
        password = wanted.get("master_user_password")
        if instance is not None:
            _require(instance, "available", "stopped")
            if password is not None:
                _check_password(password)
                _require(instance, "available")
        record = original(backend, name, wanted)
        if instance is not None and password is not None:
            self._instances.change_password(instance, password)
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
        if known is not None and not known.deletion_protection and not known.db_cluster_identifier:
            _check_delete(
                known.status,
                skip=bool(skip_final_snapshot),
                snapshot=final_db_snapshot_identifier,
            )
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

    def _instance(self, backend: Any, name: str) -> EmulatedInstance | None:
        record = backend.databases.get(name)
        return None if record is None else self._instances.of(record)


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


def _check_create(wanted: Mapping[str, Any]) -> None:
    """Raise Rejection for a CreateDBInstance (engine postgres) that RDS would not take."""
    if wanted.get("manage_master_user_password"):
        raise Rejection(
            "InvalidParameterCombination", "The sandbox keeps no master passwords in a vault."
        )
    if not _CLASS.fullmatch(str(wanted.get("db_instance_class"))):
        raise _invalid(f"Invalid DB Instance class: {wanted.get('db_instance_class')}")
    user = str(wanted.get("master_username") or "")
    if not _USER.fullmatch(user):
        raise _invalid("The parameter MasterUsername is not a valid identifier.")
    if user.lower() in _RESERVED_USERS or user.lower().startswith("pg_"):
        raise _invalid(f"MasterUsername {user} cannot be used as it is a reserved word")
    _check_password(wanted.get("master_user_password"))
    database = wanted.get("db_name")
    if database is not None and not _DATABASE.fullmatch(database):
        raise _invalid("DBName must begin with a letter and contain only alphanumeric characters.")
    if database is not None and database.lower() in _RESERVED_DATABASES:
        raise _invalid(f"DBName {database} cannot be used as it is a reserved word")
    storage = wanted.get("allocated_storage")
    if storage is not None and int(storage) not in _STORAGE:
        raise _invalid(f"Invalid storage size for engine name postgres: {storage}")


def _check_password(password: object) -> None:
    """Raise Rejection for a master password that RDS would not take."""
    text = str(password or "")
    if not _PASSWORD.fullmatch(text):
        raise _invalid(
            "The parameter MasterUserPassword is not a valid password: "
            "8 to 128 printable ASCII characters."
        )
    if any(character in text for character in '/@"'):
        raise _invalid(
            "The parameter MasterUserPassword is not a valid password. Only printable ASCII "
            "characters besides '/', '@', '\"', ' ' may be used."
        )


def _check_delete(status: str, *, skip: bool, snapshot: str | None) -> None:
    """Raise Rejection for a DeleteDBInstance that RDS would not take in this status."""
    if status == "deleting":
        raise Rejection("InvalidDBInstanceState", "Instance is already being deleted.")
    if skip and snapshot:
        raise Rejection(
            "InvalidParameterCombination",
            "FinalDBSnapshotIdentifier cannot be specified when SkipFinalSnapshot is specified.",
        )
    if not skip and not snapshot:
        raise Rejection(
            "InvalidParameterCombination",
            "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
        )
    if snapshot and status not in {"available", "stopped", "storage-full"}:
        raise Rejection(
            "InvalidDBInstanceState",
            "Cannot create a snapshot because the database instance is not available.",
        )


def _invalid(message: str) -> Rejection:
    return Rejection("InvalidParameterValue", message)
