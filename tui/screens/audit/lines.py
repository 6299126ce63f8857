"""The lines of the audit log: those that were read, those that the filter keeps, and how one line
is said in a row of the grid and in full below it."""

from __future__ import annotations

import json
from datetime import tzinfo

from textual.content import Content

from tui.services.audit import UNKNOWN, AuditLine, AuditPage
from tui.widgets.grid.cells import Absent, Cell, CellValue, Column, Tone
from tui.widgets.text.safe_text import content

_TIME = Column("Time", min_width=19, max_width=19)
_OPERATION = Column("Operation", min_width=12, max_width=34)
_TARGET = Column("Target", min_width=16, max_width=200, grow=True)
_OUTCOME = Column("Outcome", min_width=9, max_width=30)

COLUMNS = (
    _TIME,
    _OPERATION,
    _TARGET,
    Column("Account", min_width=12, max_width=12),
    Column("Region", min_width=9, max_width=16),
    _OUTCOME,
)
NARROW_COLUMNS = (_TIME, _OPERATION, _TARGET, _OUTCOME)
"""What fits into 80 columns; the rest is said below the list."""

NOT_DONE = "not done"


class AuditBrowser:
    """The lines of the log, the newest first."""

    def __init__(self) -> None:
        self.lines: list[AuditLine] = []
        """Every line that was read."""
        self.shown: list[AuditLine] = []
        """Those that the filter keeps."""
        self.before: int | None = None
        """Where the next page ends in the file; None when all of it was read."""
        self.filter = ""

    def add(self, page: AuditPage) -> list[AuditLine]:
        """Take an older page; gives those of its lines that are shown."""
        self.before = page.before
        self.lines += page.lines
        kept = [line for line in page.lines if self._keeps(line)]
        self.shown += kept
        return kept

    def narrow(self, text: str) -> None:
        """Keep the lines that contain a text, whatever its case; empty keeps all."""
        self.filter = text
        self.shown = [line for line in self.lines if self._keeps(line)]

    @property
    def more(self) -> bool:
        """Whether older lines follow that were not read."""
        return self.before is not None

    @property
    def summary(self) -> str:
        """How many lines there are, in a few words; never a number that is not known."""
        plus = "+" if self.more else ""
        read = f"{len(self.lines):,}{plus} {'entry' if len(self.lines) == 1 else 'entries'}"
        if not self.filter:
            return read
        return f"{len(self.shown):,} of {read} with “{self.filter}”"

    def _keeps(self, line: AuditLine) -> bool:
        return not self.filter or self.filter.casefold() in line.raw.casefold()


def row(line: AuditLine, *, wide: bool, zone: tzinfo | None = None) -> tuple[CellValue, ...]:
    """The cells of one line; times are this machine's, or those of `zone`."""
    if line.time is None:
        cells: tuple[CellValue, ...] = (
            Absent.UNKNOWN,
            Cell("not readable", Tone.WARNING),
            Cell(line.raw[:200], Tone.DIM),
        )
        return (*cells, *(Absent.BLANK,) * (3 if wide else 1))
    place = (line.account or Absent.UNKNOWN, line.region or Absent.BLANK) if wide else ()
    return (
        line.time.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
        f"{line.service} {line.operation}".strip(),
        target(line),
        *place,
        _outcome(line.outcome),
    )


def target(line: AuditLine) -> str:
    """What it was done to, in one line."""
    names = dict(line.target)
    place = f"s3://{names.pop('Bucket')}/{names.pop('Key', '')}" if "Bucket" in names else ""
    rest = [f"{name} {value}" for name, value in names.items()]
    return "  ".join([place, *rest] if place else rest)


def _outcome(outcome: str) -> Cell:
    if outcome == "ok":
        return Cell("✓ ok", Tone.SUCCESS)
    if outcome == UNKNOWN:
        return Cell("? unknown", Tone.WARNING)
    if outcome == NOT_DONE:
        return Cell("– not done", Tone.DIM)
    return Cell(f"✗ {outcome}", Tone.ERROR)


def details(line: AuditLine) -> Content:
    """The line under the cursor in full."""
    if line.time is None:
        return content("This line is not one that Tristore writes. Enter shows it.", "$text-muted")
    parts = [
        f"account {line.account or 'unknown'}",
        f"region {line.region}" if line.region else "",
        f"endpoint {line.endpoint}" if line.endpoint else "",
    ]
    lines = [content(f"{name}: {value}") for name, value in line.target.items()]
    lines.append(content(", ".join(part for part in parts if part), "$text-muted"))
    if line.note:
        lines.append(content(f"{line.outcome}: {line.note}", "$text-muted"))
    return Content("\n").join(lines)


def whole_text(line: AuditLine) -> str:
    """The line as text for the value viewer: indented JSON, or the line as it is."""
    if line.is_broken:
        return line.raw
    return json.dumps(json.loads(line.raw), indent=2, ensure_ascii=False)
