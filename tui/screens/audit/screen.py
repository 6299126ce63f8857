"""Every call that changed something: when, what, where, and how it ended."""

from __future__ import annotations

import asyncio

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import Screen

from tui.screens.audit.lines import (
    COLUMNS,
    NARROW_COLUMNS,
    AuditBrowser,
    details,
    row,
    whole_text,
)
from tui.screens.header import HeaderLine
from tui.services.audit import AuditLine, read_page
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.widgets.application.leaving import LeavesOnce
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.commands.footer import FooterLine
from tui.widgets.commands.shared_commands import FilteringHost, filter_rows
from tui.widgets.error_banner import ErrorBanner
from tui.widgets.grid.cells import CellValue
from tui.widgets.grid.filter_line import FilterLine
from tui.widgets.grid.grid import Grid
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText
from tui.widgets.text.value_viewer import ValueViewer

WIDE = 110
"""Columns of the terminal from which account and region fit into the list."""

NOTHING = "Nothing has been changed yet."


class AuditScreen(LeavesOnce, Screen[None], FilteringHost):
    """The audit log, the newest entry first, and the one under the cursor in full."""

    TITLE_HERE = "Audit log"
    DEFAULT_CSS = """
    AuditScreen {
        & .where { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap;
            text-overflow: ellipsis; }
        & Grid { height: 1fr; }
        & #entry { height: auto; max-height: 7; padding: 0 1; border-top: solid $panel; }
    }
    """

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.browser = AuditBrowser()
        self.grid = Grid()
        self.filter_line = FilterLine()
        self._banner = ErrorBanner()
        self._where = SteadyText("", classes="where")
        self._entry = SteadyText("", id="entry-text")
        self._reader: object | None = None
        """Whoever reads now."""

    def compose(self) -> ComposeResult:
        yield HeaderLine()
        yield self._where
        yield self._banner
        yield self.grid
        yield self.filter_line
        with VerticalScroll(id="entry", can_focus=False):
            yield self._entry
        yield FooterLine()

    def on_mount(self) -> None:
        self.grid.focus()
        self.reload()

    def on_resize(self) -> None:
        self._draw(self.grid.cursor_row)

    @property
    def current(self) -> AuditLine | None:
        """The line under the cursor; None when there is none."""
        index = self.grid.current
        return None if index is None else self.browser.shown[index]

    @property
    def filter_hint(self) -> str:
        return "filters the log · Enter keeps it"

    def show_error(self, error: ServiceError) -> None:
        self._banner.show(error)
        self._say()

    # -- commands --------------------------------------------------------------------------

    @command(verbs.CANCEL, label="Back", footer=True)
    async def back(self) -> None:
        """Stop reading on, put the error or the filter away, or go back."""
        if self._reading:
            self.workers.cancel_group(self, "read")
        elif self._banner.has_class("-shown"):
            self._banner.clear()
        elif self.filter_line.text:
            self.filter_line.clear()
        else:
            self.dismiss(None)

    @command(verbs.OPEN, footer=True, asks=True, when=lambda screen: screen.current is not None)
    async def open_entry(self) -> None:
        """Show the whole entry under the cursor; it can be copied from there."""
        line = self.current
        if line is not None:
            title = f"{line.service} {line.operation}".strip() or "A line of the audit log"
            note = str(self.services.audit.path)
            await self.ask(ValueViewer(title, whole_text(line), note=note))

    @command(verbs.REFRESH, footer=True)
    async def read_again(self) -> None:
        """Read the log again from its end."""
        self.reload()

    COMMANDS_HERE = (
        back,
        open_entry,
        filter_rows.here(
            "Show only the entries that contain a text: a name, an operation, an outcome, a date. "
            "Older entries are read until the screen is full.",
            footer=True,
        ),
        read_again,
    )

    # -- reading ---------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the log again from its end; the filter stays."""
        self._banner.clear()
        self.start(self._read_anew(), group="read")

    async def _read_anew(self) -> None:
        browser = AuditBrowser()
        browser.narrow(self.browser.filter)
        await self._read(browser)

    async def _read(self, browser: AuditBrowser, *, to_end: bool = False) -> None:
        """Read older pages until there is something new to show, or the file begins."""
        enough = len(browser.shown) + max(self.size.height, 1)
        begun = bool(browser.lines)
        self._reader = reader = object()
        try:
            while True:
                page = await asyncio.to_thread(read_page, self.services.audit.path, browser.before)
                kept = browser.add(page)
                if self.browser is not browser:
                    browser.narrow(self.browser.filter)
                    self.browser = browser
                if begun:
                    self.grid.append(self._rows(kept), more=browser.more)
                    self._say()
                else:
                    self._draw(0)
                    begun = True
                if not browser.more or (len(browser.shown) >= enough and not to_end):
                    return
        finally:
            # Another one may have begun by now.
            if self._reader is reader:
                self._reader = None
            self._say()

    async def _read_to_end(self) -> None:
        await self._read(self.browser, to_end=True)
        self.grid.move_cursor(len(self.browser.shown) - 1)

    @property
    def _reading(self) -> bool:
        return self._reader is not None

    # -- drawing ---------------------------------------------------------------------------

    @property
    def _is_wide(self) -> bool:
        return self.size.width >= WIDE

    def _rows(self, lines: list[AuditLine]) -> list[tuple[CellValue, ...]]:
        return [row(line, wide=self._is_wide) for line in lines]

    def _draw(self, cursor: int) -> None:
        browser = self.browser
        columns = COLUMNS if self._is_wide else NARROW_COLUMNS
        self.grid.show(columns, self._rows(browser.shown), more=browser.more, cursor=cursor)
        self._say()

    def _say(self) -> None:
        if not self.is_mounted:
            return
        state = f"Audit log  {self.browser.summary}"
        if self._reading:
            state += ", reading… Esc stops"
        problem = self.services.audit.problem
        state += f"  {problem or self.services.audit.path}"
        self._where.update(content(state, "bold"))
        self._say_entry()

    def _say_entry(self) -> None:
        line = self.current
        if line is not None:
            self._entry.update(details(line))
        elif self._reading or self._banner.has_class("-shown"):
            self._entry.update("")
        else:
            nothing = "No entry contains this text." if self.browser.filter else NOTHING
            self._entry.update(content(nothing, "$text-muted"))
        self.refresh_bindings()

    # -- what the widgets say --------------------------------------------------------------

    @on(Grid.CursorMoved)
    def _moved(self, event: Grid.CursorMoved) -> None:
        event.stop()
        self._say_entry()

    @on(Grid.MoreWanted)
    def _more_wanted(self, event: Grid.MoreWanted) -> None:
        event.stop()
        if self.browser.more and not self._reading:
            self.start(self._read(self.browser), group="read")

    @on(Grid.EndWanted)
    def _end_wanted(self, event: Grid.EndWanted) -> None:
        event.stop()
        self.start(self._read_to_end(), group="read")

    @on(Grid.Opened)
    async def _double_clicked(self, event: Grid.Opened) -> None:
        event.stop()
        await self.action_command("open")

    @on(FilterLine.Changed)
    def _filter_changed(self, event: FilterLine.Changed) -> None:
        event.stop()
        self.browser.narrow(event.text)
        self._draw(0)
        if self.browser.more and len(self.browser.shown) < self.size.height:
            self.start(self._read(self.browser), group="read")

    @on(FilterLine.Left)
    def _filter_left(self, event: FilterLine.Left) -> None:
        event.stop()
        self.grid.focus()
