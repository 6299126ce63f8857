"""Every upload, download and copy of this session, with bars, rates, and reasons of failures."""

from __future__ import annotations

import asyncio

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import Screen

from tui.screens.header import HeaderLine
from tui.screens.transfers.earlier_runs import EarlierRuns
from tui.screens.transfers.limits_form import limits_form, limits_text
from tui.screens.transfers.results_file import FILE_NAME, write_results
from tui.screens.transfers.rows import (
    COLUMNS,
    NARROW_COLUMNS,
    details,
    results_text,
    row,
    title,
)
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.quantities import counted
from tui.services.transfers import JobSnapshot, TransferService
from tui.widgets.application.leaving import LeavesOnce
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.commands.footer import FooterLine
from tui.widgets.dialogs.dialogs import AskText
from tui.widgets.error_banner import ErrorBanner
from tui.widgets.grid.grid import Grid
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText
from tui.widgets.text.value_viewer import ValueViewer

WIDE = 100
"""Columns of the terminal from which rate and time fit into the list."""

NOTHING = "Nothing was transferred yet. In the S3 pane u uploads, d downloads, c copies."


def _has_current(screen: TransfersScreen) -> bool:
    return screen.current is not None


def _can_cancel(screen: TransfersScreen) -> bool:
    job = screen.current
    return job is not None and job.state.is_active and not job.cancelling


def _why_not(screen: TransfersScreen) -> str:
    job = screen.current
    if job is None:
        return "There is no transfer under the cursor."
    return "It is being cancelled." if job.cancelling else "This transfer has ended."


_NO_TURN = "Only transfers that wait for their turn are put in order."


def _waits(screen: TransfersScreen) -> bool:
    return screen.current is not None and screen.current.turn > 0


def _can_retry(screen: TransfersScreen) -> bool:
    job = screen.current
    return job is not None and (job.state.can_retry or job.held_back is not None)


def _has_ended(screen: TransfersScreen) -> bool:
    return any(not job.state.is_active for job in screen.jobs)


def _has_cut_off(screen: TransfersScreen) -> bool:
    return bool(screen.earlier.cut_off)


def _has_leftovers(screen: TransfersScreen) -> bool:
    return bool(screen.earlier.leftovers)


class TransfersScreen(LeavesOnce, Screen[None], CommandHost):
    """The list of jobs, the newest first, and the one under the cursor in full."""

    TITLE_HERE = "Transfers"
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
        self._where = SteadyText("", classes="where")
        self._banner = ErrorBanner()
        self._job = SteadyText("", id="job-text")
        self._told = ""
        """What was said of the journal."""
        self._in_banner = ""
        """What the banner says."""
        self.jobs: tuple[JobSnapshot, ...] = ()
        self.earlier = EarlierRuns(self, services.transfers, self._earlier_changed, self._take_back)

    def compose(self) -> ComposeResult:
        yield HeaderLine()
        yield self._where
        yield self._banner
        yield self.grid
        yield VerticalScroll(self._job, id="job")
        yield FooterLine()

    def on_mount(self) -> None:
        self.grid.focus()
        self.start(self._watch(), group="watch")
        self.start(self.earlier.look(), group="leftovers")

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
        self._in_banner = str(error)
        self._banner.show(error)

    def _take_back(self, error: ServiceError) -> None:
        """Say it no more, unless something else is said by now."""
        if self._in_banner == str(error):
            self._banner.clear()

    # -- commands --------------------------------------------------------------------------

    @command(verbs.CANCEL, label="Back", footer=True)
    async def back(self) -> None:
        """Go back; transfers run on."""
        self.dismiss(None)

    @command(verbs.DELETE, label="Cancel transfer", footer=True, when=_can_cancel, instead=_why_not)
    async def cancel_transfer(self) -> None:
        """Cancel the transfer under the cursor: it stops between parts, what is done stays, what
        is not leaves nothing behind."""
        if self.current is not None:
            self.transfers.queue.cancel(self.current.id)

    @command(verbs.PAUSE, label="Pause/go on", footer=True, when=_can_cancel, instead=_why_not)
    async def pause(self) -> None:
        """Pause the transfer under the cursor, or let it go on: what is in flight ends, and nothing
        else begins."""
        if self.current is not None:
            self.transfers.queue.pause(self.current.id, not self.current.paused)

    @command(verbs.SOONER, footer=True, when=_waits, instead=_NO_TURN)
    async def sooner(self) -> None:
        """Let the waiting transfer under the cursor begin before the one that would begin before
        it."""
        if self.current is not None:
            self.transfers.queue.move(self.current.id, -1)

    @command(verbs.LATER, footer=True, when=_waits, instead=_NO_TURN)
    async def later(self) -> None:
        """Let the waiting transfer under the cursor begin after the one that would begin after
        it."""
        if self.current is not None:
            self.transfers.queue.move(self.current.id, 1)

    @command(verbs.LIMITS, footer=True, asks=True)
    async def limits(self) -> None:
        """Limit how many bytes per second all transfers together move, and how many requests they
        send at once; it holds from now on, until the end of this session."""
        chosen = await self.ask(limits_form(self.transfers.limits))
        if chosen is not None:
            self.transfers.limits = chosen
            self._draw_where()

    @command(verbs.REFRESH, label="Retry failed", footer=True, when=_can_retry)
    async def retry_failed(self) -> None:
        """Do the failed and cancelled files of the transfer under the cursor again; where its files
        wait because nothing arrives, try the next one now."""
        if self.current is not None:
            self.transfers.queue.retry(self.current.id)

    @command(verbs.OPEN, label="Every file", footer=True, asks=True, when=_has_current)
    async def show_results(self) -> None:
        """Read how every file of the transfer ended, and copy it; of very many some, those that
        failed first."""
        job = self.current
        if job is not None:
            results = await self.transfers.queue.results(job.id)
            text = await asyncio.to_thread(results_text, results)
            deletions = job.deletions.planned if job.deletions is not None else 0
            more = job.files_total + deletions - len(results)
            if results and more > 0 and not job.state.is_active:
                text += f"\n… and {more:,} more (Alt+S writes all into a file)"
            await self.ask(ValueViewer(title(job), text or "No file has ended yet."))

    @command(verbs.SAVE_FILE, label="Save list…", asks=True, when=_has_current)
    async def save_list(self) -> None:
        """Write how every file of the transfer under the cursor ended, and why, into a new CSV
        file."""
        job, folders = self.current, self.transfers.folders
        if job is None:
            return
        path = await self.ask(
            AskText(
                "Save how the files ended",
                "As CSV, every name and reason in full, to a new file",
                value=str((folders.last_download or folders.start) / FILE_NAME),
            )
        )
        if path is not None:
            target, count = await write_results(path, self.transfers.queue.every_result(job.id))
            self.say(f"How {counted(count, 'file')} ended is in {target}.")

    @command(verbs.FORGET, footer=True, when=_has_ended)
    async def forget_ended(self) -> None:
        """Take the transfers that have ended off the list."""
        self.transfers.queue.forget_ended()

    @command(verbs.GO_ON_AFTER_CUT, footer=True, when=_has_cut_off)
    async def go_on_after_cut(self) -> None:
        """Go on with the transfers that were cut off when the application was killed: what has
        arrived is not sent again."""
        await self.earlier.go_on()

    @command(verbs.DROP_CUT_OFF, asks=True, when=_has_cut_off)
    async def drop_cut_off(self) -> None:
        """Drop the transfers that were cut off: their parts in S3 and their unfinished files here
        are removed. What has arrived stays."""
        await self.earlier.drop()

    @command(verbs.LEFTOVERS, footer=True, asks=True, when=_has_leftovers)
    async def remove_unfinished(self) -> None:
        """Remove the unfinished files that downloads left in your folders when the application was
        killed. Only files that nobody writes to are removed."""
        await self.earlier.remove_leftovers()

    COMMANDS_HERE = (
        back,
        cancel_transfer,
        pause,
        sooner,
        later,
        limits,
        retry_failed,
        show_results,
        save_list,
        forget_ended,
        go_on_after_cut,
        drop_cut_off,
        remove_unfinished,
    )

    # -- drawing ---------------------------------------------------------------------------

    def _show_journal_problem(self) -> None:
        problem = self.transfers.journal_problem
        if problem is not None and str(problem) != self._told:
            self._told = str(problem)
            self.show_error(problem)
        elif problem is None and self._told:
            if self._in_banner == self._told:
                # It has passed: the disk has room again, or the other window is done.
                self._banner.clear()
            self._told = ""

    def _earlier_changed(self) -> None:
        self._draw_where()
        self.refresh_bindings()

    async def _watch(self) -> None:
        async for jobs in self.transfers.queue.watch():
            same = [job.id for job in jobs] == [job.id for job in self.jobs]
            current = self.current
            self.jobs = jobs
            self._show_journal_problem()
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
        said = limits_text(self.transfers.limits)
        if said:
            where += f"  ·  {said} (T)"
        where = "  ·  ".join([where, *self.earlier.told])
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
