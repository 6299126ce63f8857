"""What RDS rejects, and the emulator alone would take.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html,
API_ModifyDBInstance.html, API_CreateDBSnapshot.html and API_DeleteDBInstance.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tui.sandbox.postgres import SUPERUSER

_USER = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,62}")
_DATABASE = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,62}")
_PASSWORD = re.compile(r"""[!-~]{8,128}""")
_CLASS = re.compile(r"db\.[a-z0-9-]+\.[a-z0-9]+")
_RESERVED_USERS = {SUPERUSER, "rds_superuser", "rdsrepladmin", "rdstopmgr", "public", "admin"}
_RESERVED_DATABASES = {SUPERUSER, "template0", "template1"}
_STORAGE = range(20, 65_537)
"""GiB of the general purpose volumes."""
_BACKUP_DAYS = range(36)


class Rejection(Exception):  # noqa: N818 - it becomes an error of the API
    """An error code of the RDS API and its message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def check_create(wanted: Mapping[str, Any]) -> None:
    """Raise Rejection for a CreateDBInstance (engine postgres) that RDS would not take."""
    check_class(wanted.get("db_instance_class"))
    user = str(wanted.get("master_username") or "")
    if not _USER.fullmatch(user):
        raise _invalid("The parameter MasterUsername is not a valid identifier.")
    if user.lower() in _RESERVED_USERS or user.lower().startswith("pg_"):
        raise _invalid(f"MasterUsername {user} cannot be used as it is a reserved word")
    if wanted.get("manage_master_user_password"):
        check_managed(wanted)
    else:
        check_password(wanted.get("master_user_password"))
    _check_backups(wanted)
    database = wanted.get("db_name")
    if database is not None and not _DATABASE.fullmatch(database):
        raise _invalid("DBName must begin with a letter and contain only alphanumeric characters.")
    if database is not None and database.lower() in _RESERVED_DATABASES:
        raise _invalid(f"DBName {database} cannot be used as it is a reserved word")
    storage = wanted.get("allocated_storage")
    if storage is not None and int(storage) not in _STORAGE:
        raise _invalid(f"Invalid storage size for engine name postgres: {storage}")


def check_class(name: object) -> None:
    """Raise Rejection for what is no class of instances."""
    if not _CLASS.fullmatch(str(name)):
        raise _invalid(f"Invalid DB Instance class: {name}")


def check_managed(wanted: Mapping[str, Any]) -> None:
    """Raise Rejection where a password is given and is to be generated as well."""
    if wanted.get("master_user_password") is not None:
        raise Rejection(
            "InvalidParameterCombination",
            "You can't specify MasterUserPassword when ManageMasterUserPassword is enabled.",
        )


def check_modify(record: Any, wanted: Mapping[str, Any]) -> None:
    """Raise Rejection for a ModifyDBInstance that RDS would not take, whatever the status."""
    if wanted.get("manage_master_user_password"):
        check_managed(wanted)
    if wanted.get("rotate_master_user_password"):
        raise Rejection("InvalidParameterCombination", "The sandbox does not rotate passwords.")
    if wanted.get("db_instance_class") is not None:
        check_class(wanted["db_instance_class"])
    if wanted.get("master_user_password") is not None:
        check_password(wanted["master_user_password"])
        stays_managed = wanted.get("manage_master_user_password") is None
        if record.manage_master_user_password and stays_managed:
            raise Rejection(
                "InvalidParameterCombination",
                "You can't specify MasterUserPassword for an instance with "
                "ManageMasterUserPassword enabled.",
            )
    _check_backups(wanted)
    storage = wanted.get("allocated_storage")
    if storage is not None and int(storage) not in _STORAGE:
        raise _invalid(f"Invalid storage size for engine name postgres: {storage}")
    if storage is not None and int(storage) < record.allocated_storage:
        raise Rejection(
            "InvalidParameterCombination",
            "Requested allocated storage size should be greater than the existing one.",
        )


def _check_backups(wanted: Mapping[str, Any]) -> None:
    days = wanted.get("backup_retention_period")
    if days is not None and int(days) not in _BACKUP_DAYS:
        raise _invalid(f"Invalid backup retention period: {days}. Must be between 0 and 35.")


def check_password(password: object) -> None:
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


def check_delete(status: str, *, skip: bool, snapshot: str | None) -> None:
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
