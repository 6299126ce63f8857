"""An instance as a row of the list and as a text: everything that is known of it."""

from __future__ import annotations

from collections.abc import Sequence

from tui.services.quantities import counted
from tui.services.rds import Cluster, InboundRule, Instance, is_anywhere
from tui.services.rds.modification import pending_text
from tui.widgets.grid.cells import Absent, Cell, CellValue, Column, Tone

COLUMNS = (
    Column("Instance", max_width=63),
    Column("Status"),
    Column("Engine"),
    Column("Class"),
    Column("Public"),
    Column("Let in"),
    Column("Role"),
    Column("Endpoint", max_width=120),
)

Rules = Sequence[InboundRule] | None
"""What lets somebody in to the port of an instance; None is unknown."""

_TONES = {"available": Tone.SUCCESS, "failed": Tone.ERROR, "storage-full": Tone.ERROR}


def row(
    instance: Instance, rules: Rules, clusters: Sequence[Cluster] | None, doing: str = ""
) -> list[CellValue]:
    """The cells of `COLUMNS`. `doing` is what is under way, in the place of the status."""
    tone = Tone.PLAIN if instance.speaks_postgres else Tone.DIM
    engine = f"{instance.engine} {instance.engine_version or ''}".rstrip()
    public: CellValue = Absent.UNKNOWN
    if instance.public is not None:
        public = "yes" if instance.public else "no"
    endpoint: CellValue = Absent.BLANK
    if instance.host is not None:
        endpoint = f"{instance.host}:{instance.port}"
    status_tone = Tone.WARNING if doing else _TONES.get(instance.status, Tone.WARNING)
    status = doing or instance.status
    if instance.pending and not doing:
        status += " (pending)"
    return [
        Cell(instance.identifier, tone),
        Cell(status, status_tone),
        Cell(engine, tone),
        instance.instance_class or Absent.UNKNOWN,
        public,
        _let_in(instance, rules),
        role(instance, clusters) or Absent.BLANK,
        endpoint,
    ]


def _let_in(instance: Instance, rules: Rules) -> CellValue:
    if instance.port is None:
        return Absent.BLANK
    if rules is None:
        return Absent.UNKNOWN
    if any(map(is_anywhere, rules)):
        return Cell("ANYWHERE", Tone.ERROR)
    return counted(len(rules), "rule") if rules else "nobody"


def role(instance: Instance, clusters: Sequence[Cluster] | None) -> str:
    """ "writer of c", "reader of c", "replica of x"; empty for an instance that stands alone."""
    if instance.replica_of:
        return f"replica of {instance.replica_of}"
    if not instance.cluster:
        return ""
    cluster = next((c for c in clusters or () if c.identifier == instance.cluster), None)
    if cluster is None or instance.identifier not in cluster.members:
        return f"member of {instance.cluster}"
    word = "writer" if instance.identifier in cluster.writers else "reader"
    return f"{word} of {instance.cluster}"


def cluster_line(cluster: Cluster) -> str:
    """A cluster and its members in one line."""
    readers = [name for name in cluster.members if name not in cluster.writers]
    parts = [
        f"writer {', '.join(cluster.writers)}" if cluster.writers else "",
        f"{'readers' if len(readers) > 1 else 'reader'} {', '.join(readers)}" if readers else "",
    ]
    members = "; ".join(part for part in parts if part) or "no members"
    engine = f"{cluster.engine} {cluster.engine_version or ''}".rstrip()
    return f"Cluster {cluster.identifier}: {cluster.status or 'unknown'}, {engine}; {members}"


def exposed_line(instance: Instance, rules: Rules) -> str:
    """What says that an instance is open to everybody; empty if it is not, or not known."""
    anywhere = [each for each in rules or () if is_anywhere(each)]
    if not anywhere:
        return ""
    where = ", ".join(f"{each.source} in {each.group_id}" for each in anywhere)
    return f"⚠ {instance.identifier}: port {instance.port} is open to ANYWHERE ({where})"


def _yes_no(value: bool | None) -> str:
    return "unknown" if value is None else ("yes" if value else "no")


def instance_text(
    instance: Instance, rules: Rules = None, clusters: Sequence[Cluster] | None = None
) -> str:
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
        "Role": role(instance, clusters) or "stands alone",
        "Replicas": ", ".join(instance.replicas) or "none",
        "Pending changes": pending_text(instance) or "none",
        "Maintenance window": f"{instance.maintenance_window or 'unknown'} (UTC)",
        "Master password": instance.secret_arn or "known to whoever set it",
        "Created": created,
        "ARN": instance.arn or "unknown",
    }
    lines = [f"{name:<20} {value}" for name, value in pairs.items()]
    lines += ["", "Let in:"]
    if rules is None:
        lines.append("  unknown")
    lines += [
        f"  {each.source:<20} {each.ports}  {each.description}".rstrip() for each in rules or ()
    ]
    if rules is not None and not rules:
        lines.append("  nobody")
    exposed = exposed_line(instance, rules)
    return "\n".join([exposed, "", *lines] if exposed else lines)
