"""The list of the open connections: what each does, which to show, which to close."""

from __future__ import annotations

import time

from textual import on
from textual.app import ComposeResult

from tui.panes.sql.connecting.open_connections import OpenConnections, name_of
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.runner import QueryRunner
from tui.services.quantities import counted, elapsed_text
from tui.services.sql import Relations, TransactionState
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.dialogs.dialogs import Confirm, Dialog
from tui.widgets.grid.cells import Absent, Cell, CellValue, Column, Tone
from tui.widgets.grid.grid import Grid

TICK = 1.0
"""Seconds between two drawings of how long something has taken."""

WIDE_FROM = 110
"""Columns of a terminal from which the label of a connection has a column of its own."""

NARROW = (
    Column("", align="right"),
    Column("database", max_width=24),
    Column("user", max_width=20),
    Column("state", max_width=60),
    Column("rows", align="right"),
)
WIDE = (NARROW[0], Column("connection", max_width=48), *NARROW[1:])


class OpenConnectionsDialog(Dialog[QueryRunner], CommandHost):
    """Answers the connection that is to be shown."""

    TITLE_HERE = "SQL connections"

    DEFAULT_CSS = """
    OpenConnectionsDialog Grid { height: 10; }
    """

    def __init__(self, connections: OpenConnections) -> None:
        super().__init__("Open connections")
        self.connections = connections
        self.grid = Grid()

    def compose_box(self) -> ComposeResult:
        yield self.grid

    def on_mount(self) -> None:
        self.query_one(".dialog").styles.width = "92%"
        self._draw(self.connections.open.index(self.connections.shown))
        self.grid.focus()
        self.set_interval(TICK, self._tick)

    @property
    def current(self) -> QueryRunner | None:
        """The connection under the cursor."""
        at = self.grid.current if self.is_mounted else None
        every = self.connections.open
        return None if at is None or at >= len(every) else every[at]

    def _tick(self) -> None:
        self.connections.look()
        self._draw(self.grid.cursor_row)

    def _draw(self, cursor: int) -> None:
        is_wide = self.app.size.width >= WIDE_FROM
        rows = [
            row_of(each, number, self.connections, is_wide=is_wide)
            for number, each in enumerate(self.connections.open, 1)
        ]
        self.grid.show(WIDE if is_wide else NARROW, rows, cursor=cursor)

    # -- commands ---------------------------------------------------------------------------------

    @command(verbs.OPEN, label="Show", footer=True, when=lambda dialog: dialog.current is not None)
    def show(self) -> None:
        """Show the connection under the cursor: statements run on it then."""
        self.dismiss(self.current)

    @command(
        verbs.DELETE,
        label="Close",
        footer=True,
        asks=lambda dialog: bool(dialog.current and dialog.current.at_stake()),
        when=lambda dialog: dialog.current is not None,
    )
    async def close_connection(self) -> None:
        """Close the connection under the cursor; asks first if something runs or is open on it."""
        runner = self.current
        if runner is None:
            return
        stake = runner.at_stake("closing")
        if stake:
            question = Confirm(
                f"Close {name_of(runner)}?", "\n".join(stake), yes="Close it", danger=True
            )
            if not await self.ask(question):
                return
        self.connections.close_one(runner)
        if self.connections.open:
            self._draw(min(self.grid.cursor_row, len(self.connections.open) - 1))
            self.refresh_bindings()
        else:
            self.dismiss(None)

    COMMANDS_HERE = (show, close_connection)

    @on(Grid.CursorMoved)
    def _moved(self) -> None:
        self.refresh_bindings()

    @on(Grid.Opened)
    async def _double_clicked(self) -> None:
        await self.action_command(verbs.OPEN.id)


def row_of(
    runner: QueryRunner, number: int, connections: OpenConnections, *, is_wide: bool
) -> list[CellValue]:
    """A line of the list."""
    session = runner.session
    if session is None:
        return [str(number)]
    mark = "▸" if runner is connections.shown else ""
    label = [session.target.label] if is_wide else []
    state, tone = state_of(runner, connections.news.get(runner, ""))
    return [
        f"{mark}{number}",
        *label,
        Cell(session.info.database, Tone.ACCENT),
        session.info.user,
        Cell(state, tone),
        _rows(runner),
    ]


def state_of(runner: QueryRunner, news: str) -> tuple[str, Tone]:
    """What a connection does now, and what has happened there since it was shown."""
    session = runner.session
    assert session is not None, "it is open"
    tone = Tone.PLAIN
    if runner.state is TransactionState.LOST:
        said, tone = "CONNECTION LOST", Tone.ERROR
    elif runner.running:
        what = runner.doing or "loading rows"
        taken = f" {elapsed_text(time.monotonic() - runner.begun)}" if runner.doing else ""
        said, tone = f"{what}{taken}", Tone.WARNING
    elif runner.state is TransactionState.OPEN:
        held = session.transaction
        seconds = "" if held is None else f", {elapsed_text(held.seconds)}"
        said, tone = f"open transaction{seconds}", Tone.WARNING
    elif runner.state is TransactionState.FAILED:
        said, tone = "transaction failed", Tone.ERROR
    else:
        said = "idle"
    parts = [said]
    if news and runner.state is not TransactionState.LOST:
        parts.insert(0, news)
        tone = Tone.ERROR if news == "failed" else tone
    staged = sum(each.count for each in runner.staged)
    if staged:
        parts.append(f"{counted(staged, 'staged change')}")
    if session.read_only:
        parts.append("read only")
    if session.target.rules.production:
        parts.insert(0, "PRODUCTION")
        tone = Tone.ERROR
    return " · ".join(parts), tone


def _rows(runner: QueryRunner) -> CellValue:
    shown = runner.shown
    if isinstance(shown, Relations):
        return f"{len(shown.found):,}{'+' if shown.cut else ''} tables"
    if isinstance(shown, LoadedResult) and shown.result.columns is not None:
        return f"{len(shown.rows):,}{'' if shown.complete else '+'}"
    return Absent.BLANK
