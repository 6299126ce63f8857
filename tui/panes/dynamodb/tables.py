"""The list of tables: names at once, what each is as the descriptions come in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

from tui.services.dynamodb import Billing, IndexInfo, TableInfo
from tui.services.quantities import counted, size_text
from tui.widgets.grid.cells import Absent, Cell, CellValue, Column, Tone, plain_text

COLUMNS = (
    Column("Table", max_width=60),
    Column("Status"),
    Column("Partition key"),
    Column("Sort key"),
    Column("Items ≈", align="right"),
    Column("Size ≈", align="right"),
    Column("Capacity"),
)
"""The counts are DynamoDB's own, renewed about every six hours."""

UNKNOWN = "unknown"


class TableList:
    """The tables of the region."""

    is_arranged = True
    """They are few: filtered and ordered at once."""

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()
        self.infos: dict[str, TableInfo] = {}
        self.loaded = False
        self.filter = ""
        self.descending = False
        self.shown: list[str] = []
        """Names in the order of the rows."""

    def take_names(self, names: Iterable[str]) -> None:
        """The names have come."""
        self.names, self.loaded = tuple(names), True
        self.arrange()

    def arrange(self) -> None:
        """Filter and order: settles `shown`."""
        wanted = self.filter.casefold()
        self.shown = sorted(
            (name for name in self.names if wanted in name.casefold()), reverse=self.descending
        )

    def sort_by(self, column: int) -> None:  # by their names, whatever the column
        """Turn the order of the names around."""
        self.descending = not self.descending

    def row_of(self, name: str) -> int | None:
        """The row of a table; None if it is not shown."""
        return self.shown.index(name) if name in self.shown else None

    def cells(self, name: str) -> list[CellValue]:
        """The row of one table; what was not told yet is unknown."""
        info = self.infos.get(name)
        if info is None:
            return [name, *[Absent.UNKNOWN] * (len(COLUMNS) - 1)]
        tone = Tone.PLAIN if info.status == "ACTIVE" else Tone.WARNING
        return [
            name,
            Cell(info.status, tone),
            _key_text(info, 0),
            _key_text(info, 1),
            Absent.UNKNOWN if info.item_count is None else f"{info.item_count:,}",
            Absent.UNKNOWN if info.size_bytes is None else size_text(info.size_bytes),
            _capacity_text(info),
        ]

    @property
    def state(self) -> str:
        """How many there are, for the location line."""
        if not self.loaded:
            return "not loaded"
        count = counted(len(self.names), "table")
        return f"{len(self.shown):,} of {count}" if self.filter else count

    def why_empty(self, region: str | None) -> str:
        """Why there is no row, and what to do about it."""
        if not self.loaded:
            return "The tables could not be listed.\nPress r to try again."
        if self.names:
            count = counted(len(self.names), "table")
            return f"No name of {count} contains {self.filter!r}.\nPress Esc to remove the filter."
        place = region or "this region"
        return f"No tables in {place}.\nPress n to create one, or R to choose another region."


def info_text(info: TableInfo) -> str:
    """Everything that DynamoDB tells about a table; what it does not tell is unknown."""
    protection = {True: "on", False: "off", None: UNKNOWN}[info.deletion_protection]
    created = f"{info.created.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if info.created else UNKNOWN
    capacity = _capacity_text(info)
    lines = [
        ("Status", info.status),
        ("Partition key", plain_text(_key_text(info, 0))),
        ("Sort key", plain_text(_key_text(info, 1)) or "none"),
        ("Capacity", UNKNOWN if capacity is Absent.UNKNOWN else str(capacity)),
        ("Items", f"{_count(info.item_count)}   (counted about every six hours)"),
        ("Size", f"{size_text(info.size_bytes)}   (counted about every six hours)"),
        ("Table class", info.table_class),
        ("Deletion protection", protection),
        ("Point-in-time recovery", info.recovery.value),
        ("Created", created),
        ("ARN", info.arn or UNKNOWN),
    ]
    text = _lines(lines)
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
    return f"{kind} {index.name}\n" + _lines(lines)


def _lines(lines: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"{label:<24}{value}" for label, value in lines)


def _count(count: int | None) -> str:
    return UNKNOWN if count is None else f"{count:,}"


def _key_text(info: TableInfo, position: int) -> CellValue:
    """A key attribute with its type: `id (N)`."""
    if position >= len(info.key):
        return Absent.BLANK
    key = info.key[position]
    return f"{key.name} ({key.type.value})"


def _capacity_text(info: TableInfo) -> CellValue:
    """`on demand`, or provisioned read / write units."""
    if info.billing is Billing.ON_DEMAND:
        return "on demand"
    if info.throughput is None:
        return Absent.UNKNOWN
    return f"{info.throughput.read} read / {info.throughput.write} write"
