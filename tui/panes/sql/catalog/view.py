"""Draws the catalog: a tree in a grid, a filter line, the facts of the object under the cursor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.timer import Timer

from tui.panes.detail_beside import ROOM, DetailBeside
from tui.panes.row_detail import DetailText, RowDetail, Subject
from tui.panes.sql.catalog import wording
from tui.panes.sql.catalog.tree import CatalogTree, TreeLine
from tui.services.errors import ServiceError
from tui.services.sql.objects.models import DbObject
from tui.widgets.commands.shared_commands import FilteringHost
from tui.widgets.grid.cells import Column, LazyRows, Row
from tui.widgets.grid.filter_line import FilterLine
from tui.widgets.grid.grid import Grid
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText

SEEK_AFTER = 0.25
"""Seconds without a key after which the server is asked for what is typed into the filter."""

NARROW = (Column("catalog", max_width=400, grow=True), Column("size", align="right"))
WIDE = (
    Column("catalog", max_width=72),
    Column("what it is", max_width=400, grow=True),
    Column("rows", align="right"),
    Column("size", align="right"),
)


@dataclass(frozen=True)
class Wish:
    """What is to be done outside the catalog."""

    insert: str = ""
    """A text for the editor, at its cursor."""
    run: str = ""
    """A statement to run."""
    connect: str = ""
    """A database of the same server to connect to."""
    hide: bool = False
    """Whether the catalog is not wanted any more; else only the focus leaves it."""


class TreeGrid(Grid):
    """A grid in which ← and → close and open."""

    across: Callable[[int], None] = staticmethod(lambda step: None)

    def action_across(self, step: int) -> None:
        self.across(step)


class CatalogView(Vertical, FilteringHost):
    """Draws a `CatalogTree`; `act` is told what is to be done elsewhere."""

    TITLE_HERE = "SQL catalog"

    DEFAULT_CSS = """
    CatalogView { height: 1fr;
        & > #catalog-facts { height: auto; max-height: 3; padding: 0 1; background: $panel;
            color: $text-muted; }
    }
    """

    BINDINGS = [Binding("escape", "leave", "Back", id="catalog.leave")]

    def __init__(self, tree: CatalogTree, act: Callable[[Wish], None]) -> None:
        super().__init__()
        self.model = tree
        self.act = act
        self.grid = TreeGrid()
        self.grid.across = self._across
        self.filter_line = FilterLine()
        self.beside = DetailBeside(self.grid)
        self._facts = SteadyText("", id="catalog-facts", markup=False)
        self._drawn: list[TreeLine] = []
        self._seeking: Timer | None = None
        self.detail = RowDetail(
            self._subject, self._read_detail, lambda: self.beside.show(self.detail), self._later
        )

    def compose(self) -> ComposeResult:
        yield self.beside
        yield self.filter_line
        yield self._facts

    @property
    def filter_hint(self) -> str:
        return "asks the server · Enter keeps it"

    # -- shown and hidden -------------------------------------------------------------------------

    def begin(self) -> None:
        """Draw the tree from now on."""
        self.model.on_change = self.draw
        self.draw()

    def end(self) -> None:
        """Draw it no more."""
        self.detail.stop()
        if self.model.on_change == self.draw:
            self.model.on_change = None

    def follow(self, tree: CatalogTree) -> None:
        """Draw another tree from now on, with the cursor where it stood in that."""
        self.model.place = self.grid.cursor_row
        if self._seeking is not None:
            self._seeking.stop()
        drawn = self.model.on_change == self.draw
        if drawn:
            self.end()
        self.model, self._drawn = tree, []
        self.filter_line.put(tree.sought)
        if drawn:
            self.begin()
            self.grid.move_cursor(tree.place)

    def on_unmount(self) -> None:
        self.end()

    def on_resize(self) -> None:
        self.detail.turn(self.size.width >= ROOM)
        self._drawn = []
        self.draw()

    def action_leave(self) -> None:
        """Back to where one came from; first out of what was looked for."""
        if self.model.sought:
            self.filter_line.clear()
        else:
            self.act(Wish())

    # -- drawing ----------------------------------------------------------------------------------

    @property
    def line(self) -> TreeLine | None:
        """The line under the cursor."""
        at = self.grid.current
        return None if at is None or at >= len(self._drawn) else self._drawn[at]

    @property
    def what(self) -> DbObject | None:
        """The object under the cursor."""
        line = self.line
        return None if line is None else line.object

    def draw(self) -> None:
        """Draw the lines, with the cursor on the one where it was."""
        lines = self.model.lines
        if not self.is_mounted or lines is self._drawn:
            return
        before, scrolled = self.line, self.grid.scroll_y
        at = None
        if before is not None:
            at = lines.index(before) if before in lines else self.model.line_like(before)
        self._drawn = lines
        is_wide = self.grid.size.width >= wording.COLUMNS_ARE_WIDE
        make = self._wide if is_wide else self._narrow
        self.grid.show(WIDE if is_wide else NARROW, LazyRows(lines, make), cursor=at or 0)
        self.grid.scroll_to(y=scrolled, animate=False, immediate=True)
        self.grid.move_cursor(at or 0)

    def _wide(self, line: TreeLine) -> Row:
        sought = bool(self.model.sought)
        return (
            wording.name_cell(line, sought=sought),
            wording.about_cell(line, sought=sought),
            wording.rows_cell(line),
            wording.size_cell(line),
        )

    def _narrow(self, line: TreeLine) -> Row:
        return (wording.narrow_cell(line, sought=bool(self.model.sought)), wording.size_cell(line))

    @on(Grid.CursorMoved)
    def _moved(self, event: Grid.CursorMoved) -> None:
        event.stop()
        line = self.line
        self._facts.update(content(wording.facts(line), multiline=True))
        self.detail.moved()
        self.refresh_bindings()
        if line is not None and line.more:
            node = line.node
            self.read(self.model.more(node), node)

    @on(Grid.Opened)
    async def _double_clicked(self, event: Grid.Opened) -> None:
        event.stop()
        await self.action_command("open")

    # -- reading ----------------------------------------------------------------------------------

    def read(self, work: Coroutine[Any, Any, None], about: object) -> None:
        """Read a branch; several are read at a time, each once."""
        self.start(work, group=f"catalog-{id(about)}")

    def _across(self, step: int) -> None:
        """→ opens a branch or steps into it, ← closes it or goes to what it hangs in."""
        line = self.line
        if line is None:
            return
        node = line.node
        if step > 0:
            if node.has_branch and not node.is_open:
                self.read(self.model.open(node), node)
            elif node.is_open:
                self.grid.move_cursor(self.grid.cursor_row + 1)
        elif node.is_open and not line.said:
            self.model.close(node)
        else:
            above = node if line.said else node.parent
            at = None if above is None else self.model.line_of(above)
            if at is not None:
                self.grid.move_cursor(at)

    # -- the definition beside the tree -----------------------------------------------------------

    def _subject(self) -> Subject | None:
        what = self.what
        if what is None:
            return None

        async def read() -> DetailText:
            return DetailText(await self.model.definition(what), wrap=False)

        return Subject(what, f"{what.kind.value} {what.sql_name}", read)

    def _read_detail(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        read: Any = work  # mypy infers no result of a callable
        self.run_worker(read, group="detail", exclusive=True)

    def _later(self, seconds: float, call: Callable[[], None]) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(seconds, self.call_later, call)

    # -- what is looked for -----------------------------------------------------------------------

    @on(FilterLine.Changed)
    def _filter_changed(self, event: FilterLine.Changed) -> None:
        event.stop()
        if self._seeking is not None:
            self._seeking.stop()
        if event.text:
            self._seeking = self.set_timer(SEEK_AFTER, self._seek)
        else:
            self._seek()

    def _seek(self) -> None:
        self.start(self.model.seek(self.filter_line.text), group="catalog-seek")

    @on(FilterLine.Left)
    def _filter_left(self, event: FilterLine.Left) -> None:
        event.stop()
        self.grid.focus()

    def show_error(self, error: ServiceError) -> None:
        self._facts.update(content(str(error), "$text-error", multiline=True))
