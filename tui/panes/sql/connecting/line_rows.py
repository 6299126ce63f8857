"""A line of the chooser of connections as a row, and in words."""

from __future__ import annotations

from tui.panes.sql.connecting.lines import ConnectionLine
from tui.widgets.grid.cells import Absent, Cell, CellValue, Column, Tone

COLUMNS = (
    Column("From"),
    Column("Name", max_width=30),
    Column("Marks"),
    Column("Where", max_width=70),
    Column("Status", max_width=40),
    Column("Encryption"),
    Column("Password"),
)

NARROW = (0, 1, 2, 3)
"""Those of the columns that there is room for on 80 columns; the others are told below."""

_ENCRYPTION = {
    "disable": "none",
    "allow": "perhaps",
    "prefer": "if it can be",
    "require": "not verified",
    "verify-ca": "not its name",
    "verify-full": "verified",
}

_GOOD = frozenset({"available", "connected"})


def encryption(line: ConnectionLine) -> str:
    """What sslmode comes to, in two words; empty on this machine's own sockets."""
    known = line.known
    host = known.get("host", "")
    if line.target is None or host.startswith("/") or not (host or known.get("hostaddr")):
        return ""
    mode = known.get("sslmode") or "prefer"
    return _ENCRYPTION.get(mode, mode)


def row_of(line: ConnectionLine) -> list[CellValue]:
    """Every cell of a line, for `COLUMNS`."""
    tone = Tone.PLAIN if line.can_be_chosen else Tone.DIM
    how = encryption(line)
    status: CellValue = Absent.BLANK
    if line.status:
        good = line.status.split(" ")[0] in _GOOD
        status = Cell(line.status, Tone.SUCCESS if good else Tone.WARNING)
    if line.problem:
        status = Cell("see below", Tone.ERROR)
    return [
        Cell(line.group.value, Tone.DIM),
        Cell(line.name, tone),
        Cell(line.marks, Tone.WARNING),
        Cell(line.where, tone),
        status,
        Cell(how, Tone.PLAIN if how == "verified" else Tone.WARNING),
        line.password or Absent.BLANK,
    ]


def told(line: ConnectionLine) -> str:
    """What has no room in the row, in words."""
    if line.problem:
        return line.problem
    known = line.known
    said = [line.where or "libpq's own defaults"]
    if line.target is not None:
        said.append(f"sslmode {known.get('sslmode') or 'prefer'}")
        if line.target.tunnel:
            said.append(f"through ssh {line.target.tunnel}")
    if line.password:
        said.append(f"password {line.password}")
    said += [each for each in (line.marks, line.status) if each]
    return " · ".join(said)
