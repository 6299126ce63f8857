"""Every upload and download of this session, with bars, rates, and reasons of failures."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from tui.panes.s3.transfers.leftovers import leftovers_text
from tui.screens.transfers import commands
from tui.screens.transfers.rows import COLUMNS, NARROW_COLUMNS, details, row
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.quantities import counted
from tui.services.transfers import JobSnapshot, Leftover, TransferService
from tui.widgets.command_host import CommandHost
from tui.widgets.error_banner import ErrorBanner
from tui.widgets.grid import Grid
from tui.widgets.header_line import HeaderLine
from tui.widgets.key_line import KeyLine
from tui.widgets.leaving import LeavesOnce
from tui.widgets.safe_text import content

WIDE = 100
"""Columns of the terminal from which rate and time fit into the list."""

NOTHING = "Nothing has been transferred yet. In the S3 pane, u uploads and d downloads."


class TransfersScreen(LeavesOnce, Screen[None], CommandHost):
    """The list of jobs, the newest first, and the one under the cursor in full."""

    TITLE_HERE = "Transfers"
    COMMANDS_HERE = commands.COMMANDS

    DEFAULT_CSS = """
    TransfersScreen {
        & .where { height: 1; padding: 0 1; background: $panel; }
        & Grid { height: 1fr; }
        & #job { height: 1fr; padding: 0 1; border-top: solid $panel; }
    }
    """

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.grid = Grid()
        self._where = Static("", classes="where")
        self._banner = ErrorBanner()
        self._job = Static("", id="job-text")
        self.jobs: tuple[JobSnapshot, ...] = ()
        self.leftovers: tuple[Leftover, ...] = ()
        """Unfinished files that killed downloads left behind."""

    def compose(self) -> ComposeResult:
        yield HeaderLine()
        yield self._where
        yield self._banner
        yield self.grid
        yield VerticalScroll(self._job, id="job")
        yield KeyLine()

    def on_mount(self) -> None:
        self.grid.focus()
        self.start(self._watch(), group="watch")
        self.start(self.look_for_leftovers(), group="leftovers")

    async def look_for_leftovers(self) -> None:
        """Look into the folders of the last downloads."""
        self.leftovers = await self.transfers.leftovers.anywhere()
        self._draw_where()
        self.refresh_bindings()

    def on_resize(self) -> None:
        self._draw(anew=True)

    @property
    def transfers(self) -> TransferService:
        return self.services.transfers

    @property
    def current(self) -> JobSnapshot | None:
        """The job under the cursor; None when there is none."""
        index = self.grid.current
        return None if index is None or index >= len(self.jobs) else self.jobs[index]

    def show_error(self, error: ServiceError) -> None:
        self._banner.show(error)

    async def _watch(self) -> None:
        async for jobs in self.transfers.queue.watch():
            same = [job.id for job in jobs] == [job.id for job in self.jobs]
            current = self.current
            self.jobs = jobs
            self._draw(anew=not same, cursor_on=current.id if current else None)

    def _draw(self, *, anew: bool, cursor_on: int | None = None) -> None:
        wide = self.size.width >= WIDE
        columns = COLUMNS if wide else NARROW_COLUMNS
        rows = [row(job)[: len(columns)] for job in self.jobs]
        if anew or len(self.grid.rows) != len(rows):
            ids = [job.id for job in self.jobs]
            cursor = ids.index(cursor_on) if cursor_on in ids else self.grid.cursor_row
            self.grid.show(columns, rows, cursor=cursor)
        else:
            for index, cells in enumerate(rows):
                if tuple(self.grid.rows[index]) != cells:
                    self.grid.update_row(index, cells)
        self._draw_where()
        self._draw_details()

    def _draw_where(self) -> None:
        active = sum(job.state.is_active for job in self.jobs)
        where = f"Transfers  {counted(len(self.jobs), 'transfer')}, {active:,} in flight"
        if self.leftovers:
            where += f"  ·  {leftovers_text(self.leftovers)}: X removes them"
        self._where.update(content(where, "bold"))

    def _draw_details(self) -> None:
        job = self.current
        text = content(NOTHING, "$text-muted") if job is None else details(job)
        self._job.update(text)
        self.refresh_bindings()

    @on(Grid.CursorMoved)
    def _moved(self, event: Grid.CursorMoved) -> None:
        event.stop()
        self._draw_details()

    @on(Grid.Opened)
    async def _double_clicked(self, event: Grid.Opened) -> None:
        event.stop()
        await self.action_command("open")
