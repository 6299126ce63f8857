"""The inventory: what the account holds in this region, marked for a plan."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from tui.screens.cleanup import inventory_commands as commands
from tui.screens.cleanup.frame import CleanupFrame
from tui.screens.cleanup.shelf import Line, Shelf, columns, row
from tui.services.bundle import Services
from tui.services.cleanup import CleanupService, Kind, Ref, Resource
from tui.services.errors import ServiceError
from tui.widgets.grid import Grid
from tui.widgets.safe_text import content
from tui.widgets.shared_commands import MarkingHost

NOTHING_LEFT = "Nothing left in this region that Tristore looks after."

REDRAW = 0.1
"""Seconds between two drawings while rows come in."""


class CleanupScreen(CleanupFrame, MarkingHost):
    """Lists everything in this region; marks what a plan shall remove."""

    TITLE_HERE = "Cleanup"
    HEADING = "Cleanup"
    COMMANDS_HERE = commands.COMMANDS

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.grid = Grid(id="inventory")
        self._line = Static(id="inventory-line", classes="line")
        self.shelf = Shelf()
        self.lines: list[Line] = []
        self.marked: set[Ref] = set()
        self.last_line = ""
        """What the last run did, in a sentence."""
        self._stale = False
        self._drawn_width = 0

    @property
    def cleanup(self) -> CleanupService:
        return self.services.cleanup

    def compose_body(self) -> ComposeResult:
        yield self._line
        yield self.grid

    def on_mount(self) -> None:
        self.grid.focus()
        self.set_interval(REDRAW, self._draw_if_stale)
        self.reload()

    def on_resize(self) -> None:
        self._stale = True

    def account_changed(self) -> None:
        """Another account, region or set of credentials: nothing that was marked is there."""
        self.marked.clear()
        self.last_line = ""
        self.reload()

    # -- reading ---------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the inventory anew; marks stay on what is still there."""
        self.shelf = Shelf()
        self.banner.clear()
        self.start(self._read(self.shelf), group="inventory")

    async def _read(self, shelf: Shelf) -> None:
        self.show_connection(None)
        self._stale = True
        try:
            async for event in self.cleanup.inventory():
                shelf.take(event)
                self._stale = True
        except ServiceError:
            shelf.failed = True
            raise
        finally:
            # Drawn by the timer: the screen may be on its way out.
            self._stale = True

    def _draw_if_stale(self) -> None:
        if self._stale:
            self._draw()

    def _draw(self) -> None:
        self._stale = False
        # Until the cursor is moved it stays at the top, whatever comes in above.
        current = self.current if self.grid.cursor_row else None
        lines = self.shelf.lines()
        same = self._drawn_width == self.size.width and _names(lines) == _names(self.lines)
        rows = [row(line, self.size.width) for line in lines]
        self.lines = lines
        if same:
            for index, cells in enumerate(rows):
                if tuple(self.grid.rows[index]) != cells:
                    self.grid.update_row(index, cells)
        else:
            cursor = _place(lines, current)
            self.grid.show(columns(self.size.width), rows, cursor=cursor)
            self._drawn_width = self.size.width
        if self.shelf.complete:
            self.marked &= set(self.shelf.resources)
        self._draw_marks()
        self.show_connection(self.shelf.connection)

    def _draw_marks(self) -> None:
        self.grid.mark_only(
            index
            for index, line in enumerate(self.lines)
            if isinstance(line, Resource) and line.ref in self.marked
        )
        self._say_state()
        self.refresh_bindings()

    def _say_state(self) -> None:
        parts = [self.last_line] if self.last_line else []
        if self.shelf.empty:
            parts.append(NOTHING_LEFT)
        if not self.shelf.empty or self.shelf.elsewhere:
            marked = f"{len(self.marked)} marked of " if self.marked else ""
            parts.append(marked + self.shelf.summary())
        self._line.update(content("\n".join(parts), multiline=True))

    # -- what the commands use -------------------------------------------------------------

    @property
    def has_removed(self) -> bool:
        """Whether anything may be gone that the panes still show."""
        return bool(self.last_line)

    @property
    def current(self) -> Line | None:
        """The line under the cursor."""
        index = self.grid.current
        return self.lines[index] if index is not None and index < len(self.lines) else None

    @property
    def targets(self) -> list[Resource]:
        """The marked resources in the order of the screen, or else the one under the cursor."""
        if self.marked:
            found = [line for line in self.lines if isinstance(line, Resource)]
            return [each for each in found if each.ref in self.marked]
        return [self.current] if isinstance(self.current, Resource) else []

    @property
    def can_mark(self) -> bool:
        return bool(self.shelf.resources)

    def toggle_mark(self) -> None:
        if isinstance(self.current, Resource):
            self.marked ^= {self.current.ref}
        self.grid.move_cursor(self.grid.cursor_row + 1)
        self._draw_marks()

    def toggle_all_marks(self) -> None:
        """Mark every resource that can be removed here, or none if all are marked."""
        everything = {
            ref
            for ref, resource in self.shelf.resources.items()
            if resource.kind is not Kind.CLUSTER
        }
        self.marked = set() if self.marked >= everything else everything
        self._draw_marks()

    def on_grid_cursor_moved(self) -> None:
        self.refresh_bindings()


def _names(lines: list[Line]) -> list[tuple[str, str]]:
    return [_name(line) for line in lines]


def _name(line: Line) -> tuple[str, str]:
    name = line.name if not hasattr(line, "sentence") else ""
    kind = line.kind.value if hasattr(line, "kind") else "elsewhere"
    return type(line).__name__ + kind, name


def _place(lines: list[Line], line: Line | None) -> int:
    """Where the cursor stays: on the line where it was, if that is still there."""
    if line is None:
        return 0
    names = _names(lines)
    return names.index(_name(line)) if _name(line) in names else 0
