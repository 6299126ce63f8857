"""Sentences about an instance: what it costs, what will be created, what it is."""

from __future__ import annotations

from tui.services.aws import Account
from tui.services.errors import ServiceError
from tui.services.rds import Instance, NewInstance
from tui.services.rds.models import FREE_TIER_CLASSES, FREE_TIER_STORAGE_GIB

COST = (
    "AWS bills an instance for every hour it runs and for its storage as long as it exists, also "
    "while it is stopped. The free tier covers 750 hours a month of these classes and 20 GiB for "
    "accounts that have it; newer accounts pay from their credits. Delete it when you are done "
    "(F8)."
)
COST_IN_SANDBOX = "Sandbox: nothing is billed. A real PostgreSQL server starts on this machine."

FIXED = (
    "One availability zone. Off: automated backups, storage autoscaling, Performance Insights, "
    "minor version upgrades, deletion protection."
)


def cost(account: Account) -> str:
    """What an instance costs, without prices, which differ by region and change."""
    return COST_IN_SANDBOX if account.is_sandbox else COST


async def whereabouts(account: Account) -> str:
    """Account and region as a line; an account that cannot be told is said to be unknown."""
    region = account.target.region or "unknown"
    try:
        identity = await account.identity()
    except ServiceError:
        return f"account unknown, region {region}"
    name = f"{identity.account_id} ({identity.alias})" if identity.alias else identity.account_id
    # Asking who we are may have settled the region, too.
    return f"account {name}, region {account.target.region or region}"


def creation_plan(new: NewInstance, where: str, billing: str) -> str:
    """What will be created, line by line, for the last question before it is."""
    free = new.instance_class in {each.name for each in FREE_TIER_CLASSES}
    lines = [
        f"Identifier      {new.stored_identifier}",
        f"Where           {where}",
        f"Engine          PostgreSQL {new.engine_version or '(default version of AWS)'}",
        f"Class           {new.instance_class}{'' if free else ' (not in the free tier)'}",
        f"Storage         {new.storage_gib} GiB {new.storage_type}"
        + (" (more than the free tier)" if new.storage_gib > FREE_TIER_STORAGE_GIB else ""),
        f"Master user     {new.master_user}",
        f"Database        {new.database or 'postgres'}",
        f"Public access   {'yes: its name resolves on the internet' if new.public else 'no'}",
        f"Security group  {new.security_group or 'default group of the default VPC'}",
        "",
        billing,
        "",
        FIXED,
    ]
    return "\n".join(lines)


def _yes_no(value: bool | None) -> str:
    return "unknown" if value is None else ("yes" if value else "no")


def instance_text(instance: Instance) -> str:
    """Everything that is known of an instance, for reading and copying."""
    address = f"{instance.host}:{instance.port}" if instance.host else "none yet"
    storage = "unknown" if instance.storage_gib is None else f"{instance.storage_gib} GiB"
    if instance.storage_gib is None and instance.cluster:
        storage = "of its cluster"
    if instance.backup_days is None:
        backups = "unknown"
    else:
        backups = f"{instance.backup_days} days" if instance.backup_days else "off"
    created = instance.created.isoformat(timespec="seconds") if instance.created else "unknown"
    pairs = {
        "Identifier": instance.identifier,
        "Status": instance.status,
        "Engine": f"{instance.engine} {instance.engine_version or ''}".rstrip(),
        "Endpoint": address,
        "Master user": instance.master_user or "unknown",
        "Database": instance.database or "none beside postgres",
        "Class": instance.instance_class or "unknown",
        "Storage": f"{storage} {instance.storage_type or ''}".rstrip(),
        "Encrypted": _yes_no(instance.encrypted),
        "Public access": _yes_no(instance.public),
        "IAM login": _yes_no(instance.iam_auth),
        "Deletion protection": _yes_no(instance.deletion_protection),
        "Automated backups": backups,
        "Security groups": ", ".join(instance.security_groups) or "none",
        "VPC": instance.vpc_id or "unknown",
        "Availability zone": instance.availability_zone or "unknown",
        "Cluster": instance.cluster or "none",
        "Replica of": instance.replica_of or "none",
        "Created": created,
        "ARN": instance.arn or "unknown",
    }
    return "\n".join(f"{name:<20} {value}" for name, value in pairs.items())
