"""The list of tables: names at once, what each is as the descriptions come in. No widget here."""

from __future__ import annotations

from collections.abc import Sequence

from tui.services.dynamodb import Billing, TableInfo
from tui.services.quantities import counted, size_text
from tui.widgets.cells import Absent, Cell, CellValue, Column, Tone

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


class TablesView:
    """The tables of the region."""

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()
        self.infos: dict[str, TableInfo] = {}
        self.loaded = False
        self.filter = ""
        self.descending = False
        self.shown: list[str] = []
        """Names in the order of the grid."""

    def arrange(self) -> list[list[CellValue]]:
        """Filter and sort; gives the rows and settles `shown`."""
        wanted = self.filter.casefold()
        self.shown = sorted(
            (name for name in self.names if wanted in name.casefold()), reverse=self.descending
        )
        return [self.row(name) for name in self.shown]

    def row(self, name: str) -> list[CellValue]:
        """The cells of one table; what was not told yet is unknown."""
        info = self.infos.get(name)
        if info is None:
            return [name, *[Absent.UNKNOWN] * (len(COLUMNS) - 1)]
        tone = Tone.PLAIN if info.status == "ACTIVE" else Tone.WARNING
        return [
            name,
            Cell(info.status, tone),
            key_text(info, 0),
            key_text(info, 1),
            Absent.UNKNOWN if info.item_count is None else f"{info.item_count:,}",
            Absent.UNKNOWN if info.size_bytes is None else size_text(info.size_bytes),
            capacity_text(info),
        ]

    @property
    def state(self) -> str:
        if not self.loaded:
            return "not loaded"
        count = counted(len(self.names), "table")
        return f"{len(self.shown):,} of {count}" if self.filter else count


def key_text(info: TableInfo, position: int) -> CellValue:
    """A key attribute with its type: `id (N)`."""
    keys: Sequence[object] = info.key
    if position >= len(keys):
        return Absent.BLANK
    key = info.key[position]
    return f"{key.name} ({key.type.value})"


def capacity_text(info: TableInfo) -> CellValue:
    """`on demand`, or provisioned read / write units."""
    if info.billing is Billing.ON_DEMAND:
        return "on demand"
    if info.throughput is None:
        return Absent.UNKNOWN
    return f"{info.throughput.read} read / {info.throughput.write} write"
