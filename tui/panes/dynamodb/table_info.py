"""What a table is, in lines."""

from __future__ import annotations

from datetime import UTC

from tui.panes.dynamodb.tables_view import capacity_text, key_text
from tui.services.dynamodb import IndexInfo, TableInfo
from tui.services.quantities import size_text
from tui.widgets.cells import Absent, plain_text

UNKNOWN = "unknown"


def info_text(info: TableInfo) -> str:
    """Everything that DynamoDB tells about a table; what it does not tell is unknown."""
    protection = {True: "on", False: "off", None: UNKNOWN}[info.deletion_protection]
    created = f"{info.created.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if info.created else UNKNOWN
    lines = [
        ("Status", info.status),
        ("Partition key", plain_text(key_text(info, 0))),
        ("Sort key", plain_text(key_text(info, 1)) or "none"),
        ("Capacity", _shown(capacity_text(info))),
        ("Items", f"{_count(info.item_count)}   (counted about every six hours)"),
        ("Size", f"{size_text(info.size_bytes)}   (counted about every six hours)"),
        ("Table class", info.table_class),
        ("Deletion protection", protection),
        ("Point-in-time recovery", info.recovery.value),
        ("Created", created),
        ("ARN", info.arn or UNKNOWN),
    ]
    text = "\n".join(f"{label:<24}{value}" for label, value in lines)
    for index in info.indexes:
        text += "\n\n" + _index_text(index)
    return text if info.indexes else text + "\n\nNo indexes."


def _index_text(index: IndexInfo) -> str:
    kind = "Global index" if index.is_global else "Local index"
    keys = ", ".join(
        f"{key.name} ({key.type.value})" for key in (index.partition, index.sort) if key
    )
    projection = index.projection.kind
    if index.projection.names:
        projection += ": " + ", ".join(index.projection.names)
    lines = [("  Keys", keys), ("  Projection", projection)]
    if index.status is not None:
        lines.append(("  Status", index.status))
    lines.append(("  Items", _count(index.item_count)))
    lines.append(("  Size", size_text(index.size_bytes)))
    if index.throughput is not None:
        units = index.throughput
        lines.append(("  Capacity", f"{units.read} read / {units.write} write"))
    return f"{kind} {index.name}\n" + "\n".join(f"{label:<24}{value}" for label, value in lines)


def _shown(value: object) -> str:
    return UNKNOWN if value is Absent.UNKNOWN else str(value)


def _count(count: int | None) -> str:
    return UNKNOWN if count is None else f"{count:,}"
