"""What the inventory has found so far, as rows of a grid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tui.services.aws import Connection
from tui.services.cleanup import (
    Connected,
    Elsewhere,
    Found,
    InventoryEvent,
    Kind,
    PartUnknown,
    Ref,
    Resource,
)
from tui.services.quantities import counted, size_text
from tui.widgets.cells import Absent, Cell, CellValue, Column, Tone

Line = Resource | Elsewhere | PartUnknown

_ORDER = {kind: place for place, kind in enumerate(Kind)}

_COUNTED_LATER = {Kind.BUCKET, Kind.UPLOADS}

WIDE = 110
"""From this many columns on, creation time and items are shown too."""


@dataclass
class Shelf:
    """One inventory, complete when every kind is done or unknown."""

    connection: Connection | None = None
    resources: dict[Ref, Resource] = field(default_factory=dict)
    elsewhere: list[Elsewhere] = field(default_factory=list)
    unknown: list[PartUnknown] = field(default_factory=list)
    done: set[Kind] = field(default_factory=set)
    failed: bool = False
    """Whether it could not even begin; the error's banner says why."""

    def take(self, event: InventoryEvent) -> None:
        """Add what an event says."""
        if isinstance(event, Connected):
            self.connection = event.connection
        elif isinstance(event, Found):
            self.resources[event.resource.ref] = event.resource
        elif isinstance(event, Elsewhere):
            self.elsewhere.append(event)
        elif isinstance(event, PartUnknown):
            self.unknown.append(event)
        else:
            self.done.add(event.kind)

    @property
    def complete(self) -> bool:
        """Whether nothing more will come."""
        return self.done | {each.kind for each in self.unknown} == set(Kind)

    @property
    def empty(self) -> bool:
        """Whether it is known that nothing is left."""
        return not self.failed and self.done == set(Kind) and not self.resources

    def lines(self) -> list[Line]:
        """Grouped by kind, by name within; then what is unknown, then what is elsewhere."""
        found = sorted(self.resources.values(), key=lambda each: (_ORDER[each.kind], each.name))
        unknown = sorted(self.unknown, key=lambda each: _ORDER[each.kind])
        return [*found, *unknown, *sorted(self.elsewhere, key=lambda each: each.name)]

    def summary(self) -> str:
        """ "2 buckets, 1 table": what was found, and what is still being read."""
        if self.failed:
            return "What is in this region is unknown. r tries again."
        parts = []
        for kind in Kind:
            number = sum(each.kind is kind for each in self.resources.values())
            if number:
                parts.append(kind.number(number))
        waiting = [
            kind.many
            for kind in Kind
            if kind not in self.done and kind not in {each.kind for each in self.unknown}
        ]
        reading = f"reading {', '.join(waiting)}…" if waiting else ""
        if self.elsewhere:
            parts.append(f"{counted(len(self.elsewhere), 'bucket')} in other regions")
        if not parts and reading:
            return reading[0].upper() + reading[1:]
        if not parts:
            return "Nothing was found" + (", and not all could be read." if self.unknown else ".")
        found = ", ".join(parts)
        return f"{found}; {reading}" if reading else found


def columns(width: int) -> tuple[Column, ...]:
    """The columns that fit."""
    first = (Column("Kind"), Column("Name", max_width=63), Column("State", max_width=14))
    last = Column("Protection and notes", max_width=70, grow=True)
    if width < WIDE:
        return (*first, Column("Size", "right"), last)
    sizes = (Column("Items", "right"), Column("Size", "right"))
    return (*first, Column("Created"), *sizes, last)


def row(line: Line, width: int) -> tuple[CellValue, ...]:
    """The cells of a line, as many as there are columns."""
    if isinstance(line, PartUnknown):
        cells = (Cell(line.kind.value, Tone.DIM), Cell(line.sentence, Tone.WARNING))
        return (*cells, *_blank(len(columns(width)) - 3), _cause(line))
    if isinstance(line, Elsewhere):
        cells = (Cell("bucket", Tone.DIM), Cell(line.name, Tone.DIM))
        note = Cell(f"elsewhere, in {line.region}: press R to switch", Tone.DIM)
        return (*cells, *_blank(len(columns(width)) - 3), note)
    first: tuple[CellValue, ...] = (line.kind.value, line.name, line.state or Absent.BLANK)
    size = _size(line)
    if width < WIDE:
        return (*first, size, notes(line))
    return (*first, _created(line), _items(line), size, notes(line))


def _created(line: Resource) -> CellValue:
    if line.kind is Kind.RULE:
        # EC2 does not keep it.
        return Absent.BLANK
    return f"{line.created:%Y-%m-%d %H:%M}" if line.created else Absent.UNKNOWN


def _blank(number: int) -> Iterable[CellValue]:
    return (Absent.BLANK,) * number


def _cause(line: PartUnknown) -> CellValue:
    return Cell(line.error.cause or line.error.message, Tone.DIM)


def _items(line: Resource) -> CellValue:
    if line.kind is Kind.UPLOADS:
        return "many" if line.count is None else f"{line.count:,}"
    if line.kind not in {Kind.BUCKET, Kind.TABLE}:
        return Absent.BLANK
    return Absent.UNKNOWN if line.count is None else f"≈ {line.count:,}"


def _size(line: Resource) -> CellValue:
    if line.kind is Kind.RULE:
        return Absent.BLANK
    if line.size_bytes is None:
        return Absent.UNKNOWN
    near = {Kind.TABLE: "≈ ", Kind.SNAPSHOT: "≤ "}.get(line.kind, "")
    return f"{near}{size_text(line.size_bytes)}"


def notes(resource: Resource) -> CellValue:
    """Protections first, then unknowns, then facts; "…" while they are not read yet."""
    if resource.protections is None:
        return Cell("…", Tone.DIM)
    protections = [f"protected: {each.kind.value}" for each in resource.protections]
    unknown = [f"unknown: {each}" for each in resource.unknown]
    text = "; ".join([*protections, *unknown, *resource.about])
    if not text:
        return Absent.BLANK
    return Cell(text, Tone.WARNING if protections or unknown else Tone.PLAIN)


def describe(line: Line) -> str:
    """Everything that is known of a line, for the info dialog."""
    if isinstance(line, PartUnknown):
        return f"{line.kind.many}\n{line.sentence}\n\n{line.error}"
    if isinstance(line, Elsewhere):
        return (
            f"The bucket {line.name} is in {line.region}.\n"
            "Cleanup works in one region at a time: press R to switch."
        )
    facts = [
        ("Kind", line.kind.value),
        ("Name", line.name),
        ("Region", line.region or "unknown"),
        ("State", line.state),
        ("Created", f"{line.created:%Y-%m-%d %H:%M:%S %Z}" if line.created else "unknown"),
    ]
    if line.kind is Kind.TABLE:
        items = "unknown" if line.count is None else f"{line.count:,}"
        facts.append(("Items", f"{items} (up to 6 hours old)"))
    size = size_text(line.size_bytes)
    facts.append(("Size", "counted for the plan" if line.kind in _COUNTED_LATER else size))
    lines = [f"{title:<9}{value}" for title, value in facts if value]
    lines += [f"{'':<9}{each}" for each in line.about]
    lines += [f"Unknown: {each}" for each in line.unknown]
    for each in line.protections or ():
        lines += ["", f"Protected: {each.what}"]
        lines += [f"→ {each.hint}"] if each.hint else []
    return "\n".join(lines)
