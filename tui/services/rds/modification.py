"""A change of an instance: what is asked for, what breaks a rule, what it does and when.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui.services.rds import rules
from tui.services.rds.models import Instance

if TYPE_CHECKING:
    from types_boto3_rds.type_defs import ModifyDBInstanceMessageTypeDef


@dataclass(frozen=True)
class Modification:
    """What is changed; None leaves a thing as it is."""

    instance_class: str | None = None
    storage_gib: int | None = None
    public: bool | None = None
    backup_days: int | None = None
    deletion_protection: bool | None = None
    iam_auth: bool | None = None
    """Whether tokens of IAM log in, beside passwords."""
    password: str | None = field(default=None, repr=False)
    managed: bool | None = None
    """True lets RDS make the master password and keep it in Secrets Manager; False, together
    with a password, ends that."""
    now: bool = False
    """Whether what could wait for the maintenance window is applied at once."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is changed."""
        return self == Modification(now=self.now)


def problems(change: Modification, instance: Instance) -> list[str]:
    """What is wrong with a change, a sentence each; empty if RDS takes it."""
    found: list[str | None] = []
    if change.is_empty and not (change.now and instance.pending):
        found.append("Nothing is changed.")
    if change.instance_class is not None:
        found.append(rules.class_problem(change.instance_class))
    if change.storage_gib is not None:
        found.append(rules.grown_storage_problem(str(change.storage_gib), instance.storage_gib))
    if change.backup_days is not None:
        found.append(rules.backup_days_problem(str(change.backup_days)))
    if change.password is not None:
        found.append(rules.password_problem(change.password))
    if change.managed and change.password is not None:
        found.append("A managed password is made by RDS: none can be given.")
    return [each for each in found if each is not None]


def modifying(identifier: str, change: Modification) -> ModifyDBInstanceMessageTypeDef:
    """The parameters of ModifyDBInstance."""
    request: ModifyDBInstanceMessageTypeDef = {
        "DBInstanceIdentifier": identifier,
        "ApplyImmediately": change.now,
    }
    if change.instance_class is not None:
        request["DBInstanceClass"] = change.instance_class
    if change.storage_gib is not None:
        request["AllocatedStorage"] = change.storage_gib
    if change.public is not None:
        request["PubliclyAccessible"] = change.public
    if change.backup_days is not None:
        request["BackupRetentionPeriod"] = change.backup_days
    if change.deletion_protection is not None:
        request["DeletionProtection"] = change.deletion_protection
    if change.iam_auth is not None:
        request["EnableIAMDatabaseAuthentication"] = change.iam_auth
    if change.managed is not None:
        request["ManageMasterUserPassword"] = change.managed
    if change.password is not None:
        request["MasterUserPassword"] = change.password
    return request


def coming_class(instance: Instance) -> str:
    """The class that the instance has, or will have in its window if another one is pending."""
    return dict(instance.pending).get("DBInstanceClass") or instance.instance_class or ""


def coming_iam(instance: Instance) -> bool:
    """Whether IAM tokens log in, or will from the window on if that is pending."""
    return dict(instance.pending).get(_IAM, str(bool(instance.iam_auth))) == "True"


def is_carried_out(change: Modification, instance: Instance) -> bool:
    """Whether the instance is as it was asked for, also where that is pending. Whether a password
    is the one that was asked for cannot be seen."""
    pending = dict(instance.pending)
    storage = int(pending.get("AllocatedStorage") or instance.storage_gib or 0)
    seen = (
        (change.instance_class, pending.get("DBInstanceClass", instance.instance_class)),
        (change.public, instance.public),
        (change.deletion_protection, instance.deletion_protection),
        (change.managed, instance.secret_arn is not None),
    )
    days = pending.get("BackupRetentionPeriod", str(instance.backup_days))
    return (
        all(wanted is None or wanted == now for wanted, now in seen)
        and (change.storage_gib is None or storage >= change.storage_gib)
        and (change.backup_days is None or days == str(change.backup_days))
        and (change.iam_auth is None or coming_iam(instance) == change.iam_auth)
    )


def is_applied(change: Modification, instance: Instance) -> bool:
    """Whether nothing of a change that is applied now is under way any more."""
    asked = {name for name in modifying("", change) if name != "DBInstanceIdentifier"}
    if change.iam_auth is not None:
        asked.add(_IAM)
    return (
        instance.status in {"available", "storage-optimization"}
        and not asked & {name for name, _ in instance.pending}
        and is_carried_out(change, instance)
    )


_IAM = "IAMDatabaseAuthenticationEnabled"
"""What PendingModifiedValues calls the parameter EnableIAMDatabaseAuthentication."""

_LABELS = {
    _IAM: "IAM login",
    "DBInstanceClass": "class",
    "AllocatedStorage": "storage in GiB",
    "BackupRetentionPeriod": "days of backups",
    "MasterUserPassword": "master password",
    "EngineVersion": "version",
    "StorageType": "storage type",
    "MultiAZ": "a second availability zone",
}


def pending_text(instance: Instance) -> str:
    """ "class db.t4g.small, storage in GiB 30": what is not applied yet; empty if nothing."""
    return ", ".join(
        f"{_LABELS.get(name, name)} {_worded(name, value)}".rstrip()
        for name, value in instance.pending
    )


def _effects_on_password(change: Modification) -> list[str]:
    found: list[str] = []
    if change.managed:
        found.append(
            "RDS makes a new master password now and keeps it in Secrets Manager (billed)."
        )
    if change.managed is False:
        found.append("The secret in Secrets Manager is deleted.")
    if change.password is not None:
        found.append("The master password is replaced at once; connections that are open stay.")
    return found


def _worded(name: str, value: str) -> str:
    return {"True": "on", "False": "off"}.get(value, value) if name == _IAM else value


def effects(change: Modification, instance: Instance) -> list[str]:
    """What a change does, a sentence each, for the last question before it."""
    found: list[str] = []
    when = "now" if change.now else f"in the window {instance.maintenance_window or 'of RDS'} (UTC)"
    if change.instance_class is not None:
        found.append(_effect_of_class(change.instance_class, instance, when))
    if change.storage_gib is not None:
        found.append(
            f"Storage {instance.storage_gib} → {change.storage_gib} GiB, {when}. RDS grows it by "
            "10 % at least, it never shrinks again, and RDS takes no other change of it for 6 "
            "hours."
        )
    if change.backup_days is not None:
        to = f"{change.backup_days} days" if change.backup_days else "off"
        found.append(f"Automated backups {instance.backup_days} → {to}, {when}.")
        if not change.backup_days:
            found.append("Turning them off deletes the automated backups that there are.")
        elif not instance.backup_days:
            found.append("Turning them on begins with a backup: a short pause of writing.")
    if change.public is not None:
        reach = "its name resolves on the internet" if change.public else "only inside its VPC"
        found.append(f"Public access {'on' if change.public else 'off'}, at once: {reach}.")
    if change.deletion_protection is not None:
        found.append(f"Deletion protection {'on' if change.deletion_protection else 'off'}.")
    if change.iam_auth is not None:
        found.append(f"{iam_effect(on=change.iam_auth)} It is turned so {when}; nothing restarts.")
    found += _effects_on_password(change)
    others = pending_text(instance)
    if others and change.now:
        found.append(f"What is pending is applied now as well: {others}.")
    return found


def iam_effect(*, on: bool) -> str:
    """What turning IAM login on or off means for those who log in.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
    """
    if not on:
        return "IAM login off: no token is taken any more."
    return (
        "IAM login on: a user of the database that is granted rds_iam logs in with a token of IAM, "
        "over TLS, and with no password any more. All others log in as before. Who uses a token "
        "needs rds-db:connect."
    )


def _effect_of_class(wanted: str, instance: Instance, when: str) -> str:
    if wanted == instance.instance_class:
        return (
            f"The class stays {wanted}: the pending change to {coming_class(instance)} is taken "
            "back."
        )
    return (
        f"Class {instance.instance_class} → {wanted}, {when}: the instance is out of service for "
        "some minutes while it restarts, and billed as the new class then."
    )
