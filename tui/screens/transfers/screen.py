"""Every upload, download and copy of this session, with bars, rates, and reasons of failures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import Screen

from tui.panes.s3.transfers.messages import (
    cut_off_line,
    cut_off_text,
    leftovers_text,
    remove_leftovers,
)
from tui.screens.header import HeaderLine
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
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.transfers import CutOff, JobSnapshot, Leftover, TransferService
from tui.widgets.application.leaving import LeavesOnce
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.commands.footer import FooterLine
from tui.widgets.dialogs.dialogs import AskText, Confirm
from tui.widgets.error_banner import ErrorBanner
from tui.widgets.grid.grid import Grid
from tui.widgets.text.safe_text import content, visible
from tui.widgets.text.steady_text import SteadyText
from tui.widgets.text.value_viewer import ValueViewer

WIDE = 100
"""Columns of the terminal from which rate and time fit into the list."""

SHOWN = 10
"""Unfinished files that the question names."""

NOTHING = "Nothing was transferred yet. In the S3 pane u uploads, d downloads, c copies."


def _has_current(screen: TransfersScreen) -> bool:
    return screen.current is not None


def _can_cancel(screen: TransfersScreen) -> bool:
    job = screen.current
    return job is not None and job.state.is_active and not job.cancelling


def _waits(screen: TransfersScreen) -> bool:
    return screen.current is not None and screen.current.turn > 0


def _can_retry(screen: TransfersScreen) -> bool:
    job = screen.current
    return job is not None and (job.state.can_retry or job.held_back is not None)


def _has_ended(screen: TransfersScreen) -> bool:
    return any(not job.state.is_active for job in screen.jobs)


def _has_cut_off(screen: TransfersScreen) -> bool:
    return bool(screen.cut_off)


def _has_leftovers(screen: TransfersScreen) -> bool:
    return bool(screen.leftovers)


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
        self.leftovers: tuple[Leftover, ...] = ()
        """Unfinished files that killed downloads left behind."""
        self.cut_off: tuple[CutOff, ...] = ()
        """Transfers of earlier runs that were killed."""

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
        self.start(self.look_for_earlier(), group="leftovers")

    async def look_for_earlier(self) -> None:
        """Look for what earlier runs left: transfers that were cut off, and unfinished files."""
        await self.look_for_cut_off()
        await self.look_for_leftovers()

    async def look_for_cut_off(self) -> None:
        """Read the journal."""
        try:
            self.cut_off = await self.transfers.cut_off.find()
        except ServiceError as error:
            self.show_error(error)
        self._draw_where()
        self.refresh_bindings()

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
        self._in_banner = str(error)
        self._banner.show(error)

    # -- commands --------------------------------------------------------------------------

    @command(verbs.CANCEL, label="Back", footer=True)
    async def back(self) -> None:
        """Go back; transfers run on."""
        self.dismiss(None)

    @command(verbs.DELETE, label="Cancel transfer", footer=True, when=_can_cancel)
    async def cancel_transfer(self) -> None:
        """Cancel the transfer under the cursor: it stops between parts, what is done stays, what
        is not leaves nothing behind."""
        if self.current is not None:
            self.transfers.queue.cancel(self.current.id)

    @command(verbs.PAUSE, label="Pause/go on", footer=True, when=_can_cancel)
    async def pause(self) -> None:
        """Pause the transfer under the cursor, or let it go on: what is in flight ends, and nothing
        else begins."""
        if self.current is not None:
            self.transfers.queue.pause(self.current.id, not self.current.paused)

    @command(verbs.SOONER, footer=True, when=_waits)
    async def sooner(self) -> None:
        """Let the waiting transfer under the cursor begin before the one that would begin before
        it."""
        if self.current is not None:
            self.transfers.queue.move(self.current.id, -1)

    @command(verbs.LATER, footer=True, when=_waits)
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
        await self._look_again()
        await self._for_each_cut_off(self.transfers.cut_off.go_on)
        await self.look_for_cut_off()

    @command(verbs.DROP_CUT_OFF, asks=True, when=_has_cut_off)
    async def drop_cut_off(self) -> None:
        """Drop the transfers that were cut off: their parts in S3 and their unfinished files here
        are removed. What has arrived stays."""
        found = await self._look_again()
        lines = [cut_off_line(job) for job in found[:SHOWN]]
        if len(found) > SHOWN:
            lines.append(f"… and {len(found) - SHOWN:,} more")
        lines.append(
            "Their parts in S3 and their unfinished files are removed; what arrived stays."
        )
        question = Confirm("Drop what was cut off?", "\n".join(lines), yes="Drop", danger=True)
        if await self.ask(question):
            await self._for_each_cut_off(self.transfers.cut_off.drop)
            await self.look_for_earlier()

    async def _look_again(self) -> tuple[CutOff, ...]:
        """Another window may have gone on with them, or dropped them. Raises ServiceError."""
        await self.look_for_cut_off()
        if not self.cut_off:
            raise ServiceError(
                "No transfer is cut off any more: another window has gone on with them, or has "
                "dropped them.",
                kind=ErrorKind.NOT_FOUND,
            )
        return self.cut_off

    async def _for_each_cut_off(self, do: Callable[[CutOff], Awaitable[object]]) -> None:
        """One that belongs to another account, say, does not keep the others back."""
        for job in self.cut_off:
            try:
                await do(job)
            except ServiceError as error:
                self.show_error(error)

    @command(verbs.LEFTOVERS, footer=True, asks=True, when=_has_leftovers)
    async def remove_unfinished(self) -> None:
        """Remove the unfinished files that downloads left in your folders when the application was
        killed. Only files that nobody writes to are removed."""
        found = self.leftovers
        names = [visible(str(each.path), edges=True) for each in found[:SHOWN]]
        if len(found) > SHOWN:
            names.append(f"… and {len(found) - SHOWN:,} more")
        body = "\n".join([f"{leftovers_text(found)}:", *names])
        if await self.ask(Confirm("Remove unfinished files?", body, yes="Remove", danger=True)):
            await remove_leftovers(self, self.transfers, found)
            await self.look_for_leftovers()

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
        if self.cut_off:
            # The keys first: a narrow terminal cuts the rest.
            where += f"  ·  C goes on, K drops: {cut_off_text(self.cut_off)}"
        if self.leftovers:
            where += f"  ·  X removes {leftovers_text(self.leftovers)}"
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
