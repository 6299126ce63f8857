"""What the dialog of the history shows, without its widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from tui.panes.sql import wording
from tui.services.quantities import counted
from tui.services.sql.history import (
    Entry,
    HistoryWanted,
    StatementHistory,
    StatementOutcome,
    StatementRun,
)
from tui.widgets.grid.cells import Absent, Cell, CellValue, Column, Tone

COLUMNS = (
    Column(""),
    Column("When"),
    Column("Outcome"),
    Column("Rows", align="right"),
    Column("Time", align="right"),
    Column("Runs", align="right"),
    Column("Statement", max_width=400, grow=True),
    Column("Connection", max_width=60),
)

NARROW = (0, 1, 2, 6)
"""Those of the columns that there is room for on 80 columns; the others are told below."""

STAR = "★"

EARLIER = 4
"""Runs before the last that are told of a statement."""

_TONES = {
    StatementOutcome.OK: Tone.SUCCESS,
    StatementOutcome.ERROR: Tone.ERROR,
    StatementOutcome.CANCELLED: Tone.WARNING,
    StatementOutcome.LOST: Tone.ERROR,
    StatementOutcome.UNKNOWN: Tone.ERROR,
}


class HistoryBrowser:
    """The entries that are wanted, page by page. Calls `changed` when others are there."""

    def __init__(
        self, history: StatementHistory, connection: str, changed: Callable[[], None]
    ) -> None:
        self.wanted = HistoryWanted()
        self.entries: list[Entry] = []
        self.more = False
        """Whether older ones follow."""
        self._history = history
        self._connection = connection
        """The one of the pane now; empty if there is none."""
        self._changed = changed
        self._before: int | None = None
        self._is_read = False

    @property
    def state(self) -> str:
        """What is listed, in words."""
        if not self._is_read:
            return "Looking…"
        what = [counted(len(self.entries), "statement") + ("+" if self.more else "")]
        if not self.entries:
            what = ["nothing found" if self.wanted != HistoryWanted() else "nothing was run yet"]
        if self.wanted.favourites:
            what.append("favourites only")
        if self.wanted.connection:
            what.append(f"only on {self.wanted.connection}")
        if not self._history.keeps:
            what.append("nothing new is kept: sql_history = false in the settings")
        elif self._history.problem is not None:
            what.append(str(self._history.problem))
        return " · ".join(what)

    async def find(self, search: str | None = None) -> None:
        """List the newest that are wanted now; `search` is another text to search for."""
        if search is not None:
            self.wanted = replace(self.wanted, search=search)
        wanted = self.wanted
        page, before = await self._history.page(wanted)
        if wanted != self.wanted:
            return  # something else is looked for by now
        self.entries, self.more, self._before = list(page.entries), page.more, before
        self._is_read = True
        self._changed()

    async def load_more(self) -> list[Entry]:
        """Add the next page, and give it."""
        if not self.more:
            return []
        entries = self.entries
        page, before = await self._history.page(self.wanted, self._before)
        if entries is not self.entries:
            return []  # they are of another list
        self.entries += page.entries
        self.more, self._before = page.more, before
        return list(page.entries)

    async def toggle_favourites(self) -> None:
        """List favourites only, or all."""
        self.wanted = replace(self.wanted, favourites=not self.wanted.favourites)
        await self.find()

    async def toggle_connection(self) -> None:
        """List what ran on the connection of now only, or all."""
        connection = "" if self.wanted.connection else self._connection
        self.wanted = replace(self.wanted, connection=connection)
        await self.find()

    @property
    def has_connection(self) -> bool:
        """Whether the pane is connected, so that its statements can be told from others."""
        return bool(self._connection)

    async def whole(self, entry: Entry) -> tuple[Entry, tuple[StatementRun, ...]]:
        """An entry with all of its text that is kept, and its last runs."""
        found = await self._history.entry(entry.id)
        return found, await self._history.runs(entry.id, EARLIER + 1)

    async def keep(self, entry: Entry, *, favourite: bool, name: str = "") -> None:
        """Make an entry a favourite, or take that back."""
        await self._history.keep(entry.id, favourite=favourite, name=name)
        await self.find()

    async def delete(self, entry: Entry) -> None:
        """Take an entry out of the history."""
        try:
            await self._history.delete(entry.id)
        finally:
            await self.find()


# -- in words -------------------------------------------------------------------------------------


def row_of(entry: Entry, now: datetime) -> list[CellValue]:
    """An entry in the list; `now` is the local time."""
    run = entry.last
    line = " ".join(entry.text.split())
    if entry.name:
        line = f"{entry.name} · {line}"
    return [
        Cell(STAR, Tone.ACCENT) if entry.is_favourite else Absent.BLANK,
        Cell(when(run.begun, now), Tone.DIM),
        Cell(outcome(run), _TONES[run.outcome]),
        Absent.BLANK if run.rows is None else _rows(run),
        wording.duration(run.seconds),
        f"{entry.runs:,}" if entry.runs > 1 else Absent.BLANK,
        line,
        Cell(entry.connection, Tone.DIM),
    ]


def when(moment: datetime, now: datetime) -> str:
    """A moment in local time, as short as it can be told from others: the time of today, day and
    time of this year, or else the date."""
    local = moment.astimezone(now.tzinfo)
    if local.date() == now.date():
        return local.strftime("%H:%M:%S")
    return local.strftime("%m-%d %H:%M" if local.year == now.year else "%Y-%m-%d")


def outcome(run: StatementRun) -> str:
    """How a run ended, in a word or two."""
    if run.outcome is StatementOutcome.ERROR:
        return f"error {run.code}".rstrip()
    return str(run.outcome.value)


def _rows(run: StatementRun) -> str:
    return f"{run.rows:,}{'' if run.complete else '+'}"


def told(entry: Entry, runs: tuple[StatementRun, ...], now: datetime) -> str:
    """What is known of an entry beside its text, in a few lines."""
    run = entry.last
    local = run.begun.astimezone(now.tzinfo)
    parts = [local.strftime("%Y-%m-%d %H:%M:%S %Z").rstrip(), outcome(run)]
    if run.rows is not None:
        parts.append(wording.row_count(run.rows, complete=run.complete))
    parts += [wording.duration(run.seconds), entry.connection]
    if entry.runs > 1:
        parts.append(f"run {entry.runs:,} times")
    lines = [" · ".join(parts)]
    if run.outcome is StatementOutcome.UNKNOWN:
        lines.append(
            "It still runs, or its end was not seen; whether it was carried out is not known."
        )
    elif run.message and run.outcome is not StatementOutcome.OK:
        lines.append(run.message)
    before = [f"{when(each.begun, now)} {outcome(each)}" for each in runs[1:]]
    if before:
        lines.append(f"before: {', '.join(before)}")
    if entry.in_the_way:
        lines.append(entry.in_the_way)
    return "\n".join(lines)
