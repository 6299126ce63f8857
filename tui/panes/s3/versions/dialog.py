"""The versions of an object, a prefix or a bucket on the screen, loaded as the cursor goes down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding

from tui.panes.s3.versions.version_list import VersionList
from tui.services.aws import Connection
from tui.services.quantities import size_text
from tui.services.s3 import ObjectVersion, S3Service
from tui.widgets.commands import verbs
from tui.widgets.dialogs.dialog import Dialog
from tui.widgets.grid.cells import Absent, Cell, CellValue, Column, LazyRows, Tone
from tui.widgets.grid.grid import Grid
from tui.widgets.text.safe_text import content, visible
from tui.widgets.text.steady_text import SteadyText

WHOLE = 110
"""Columns of the screen in which all columns have room."""

KEY = Column("Key", max_width=120, min_width=12, grow=True)
COLUMNS = (
    Column("Modified (UTC)", max_width=19, min_width=19),
    Column("Size", align="right", min_width=9),
    Column("State", max_width=21, min_width=6),
)
ID = Column("Version id", max_width=36, min_width=12)
CLASS = Column("Class", max_width=12)


class VersionsAction(Enum):
    """What is to be done with the versions that were chosen."""

    PREVIEW = "preview"
    DOWNLOAD = "download"
    RESTORE = "restore"
    DELETE = "delete"
    COPY = "copy"
    COMPARE = "compare"
    WIDER = "wider"


@dataclass(frozen=True)
class VersionsAnswer:
    """What the user chose."""

    then: VersionsAction
    rows: tuple[int, ...]


class VersionsDialog(Dialog[VersionsAnswer]):
    """Shows a list of versions, which is given and outlives it; answers what is to be done."""

    BOX_CLASSES = "dialog-large"

    DEFAULT_CSS = """
    VersionsDialog {
        & Grid { height: 1fr; }
        & .versions-text { height: auto; max-height: 3; color: $text-muted; }
        & #versions-row { height: auto; max-height: 4; color: $text-muted; }
        & #versions-problem { height: auto; max-height: 5; color: $text-error; }
    }
    """

    BINDINGS = [
        Binding("p", "choose('preview')", "Preview", id="versions.preview", show=False),
        verbs.binding(verbs.OPEN, "choose('preview')", "Preview the version.", show=True),
        verbs.binding(verbs.MARK, "mark", "Mark or unmark the version.", show=True),
        verbs.binding(verbs.MARK_ALL, "mark_all", "Mark all that is loaded, or none."),
        verbs.binding(verbs.DOWNLOAD, "choose('download')", "Download it.", show=True),
        verbs.binding(verbs.RESTORE, "choose('restore')", "Copy it on top.", show=True),
        Binding(
            "equals_sign",
            "choose('compare')",
            "Compare",
            id="versions.compare",
            tooltip="Show what differs from the version before it, or between two marked ones.",
        ),
        verbs.binding(verbs.DELETE, "choose('delete')", "Delete it for good.", show=True),
        verbs.binding(verbs.COPY_AS, "choose('copy')", "Copy its id or address.", show=True),
        verbs.binding(verbs.UP, "choose('wider')", "Show the versions around it.", show=True),
        verbs.binding(verbs.REFRESH, "refresh", "Ask S3 again.", show=True),
    ]

    def __init__(self, s3: S3Service, listing: VersionList, at: Connection) -> None:
        super().__init__(listing.title)
        self.listing = listing
        self._s3 = s3
        self._at = at
        self._grid = Grid()
        self._state = SteadyText("", classes="versions-text")
        self._problem = SteadyText("", id="versions-problem")
        self._row = SteadyText("", id="versions-row")
        """The row under the cursor, where there is no room for all of it among the others."""
        self._to_end = False
        """Whether page after page is loaded until the last one."""

    def compose_box(self) -> ComposeResult:
        yield self._state
        yield self._problem
        yield self._grid
        yield self._row

    def on_mount(self) -> None:
        self._grid.focus()
        self.call_after_refresh(self._show)

    # -- drawing ---------------------------------------------------------------------------

    @property
    def _columns(self) -> tuple[Column, ...]:
        name = () if self.listing.exact else (KEY,)
        return (*name, *COLUMNS, *((CLASS, ID) if self._is_whole else ()))

    @property
    def _is_whole(self) -> bool:
        """Whether there is room for a whole id beside the other columns."""
        return self.size.width >= WHOLE

    def _show(self) -> None:
        """Draw what is loaded, and ask for the first page if nothing is."""
        listing = self.listing
        self._grid.show(
            self._columns,
            LazyRows(listing.rows, self._cells),
            more=listing.follows and listing.pages > 0,
            cursor=listing.cursor,
        )
        self._grid.mark_only(listing.marked)
        self._say()
        if not listing.pages:
            self._load()

    def on_resize(self) -> None:
        if self._grid.columns and self._grid.columns != self._columns:
            self._show()

    def _say(self) -> None:
        listing = self.listing
        going = " Loading to the end: Esc stops." if self._to_end else ""
        self._state.update(content(listing.state + going, multiline=True))
        problem = "" if listing.problem is None else str(listing.problem)
        self._problem.update(content(problem, multiline=True))
        self._problem.display = bool(problem)
        row = None if self._is_whole else listing.current
        self._row.update(content("" if row is None else self._told(row), multiline=True))
        self._row.display = row is not None
        self.refresh_bindings()

    def _cells(self, row: ObjectVersion) -> Sequence[CellValue]:
        marker = row.marker
        name: CellValue = row.key[len(self.listing.base) :] or Cell("(the folder's own)", Tone.DIM)
        when = f"{row.modified:%Y-%m-%d %H:%M:%S}" if row.modified else Absent.UNKNOWN
        cells: list[CellValue] = [] if self.listing.exact else [name]
        cells += [when, Absent.BLANK if marker else size_text(row.size_bytes), state_of(row)]
        if self._is_whole:
            cells.append(Absent.BLANK if marker else Cell(row.storage_class or "?", Tone.DIM))
            cells.append(Cell(row.version_id, Tone.DIM))
        return cells

    def _told(self, row: ObjectVersion) -> str:
        """What has no room in its row: the key as a whole, the class and the version id."""
        name = "" if self.listing.exact else f"{visible(row.key)}\n"
        kind = "" if row.marker else f"{row.storage_class or '?'} · "
        return f"{name}{kind}version id {row.version_id}"

    # -- loading ---------------------------------------------------------------------------

    def _load(self) -> None:
        self.run_worker(self._load_page(), group="versions", exclusive=True)

    async def _load_page(self) -> None:
        listing, drawn = self.listing, len(self.listing.rows)
        while True:
            await listing.load_more(self._s3, self._at)
            failed = listing.problem is not None
            rows = LazyRows(listing.rows[drawn:], self._cells)
            self._grid.append(rows, more=listing.follows and not failed)
            drawn = len(listing.rows)
            if failed or not listing.follows or not self._to_end:
                break
            self._say()
        if failed and listing.follows:
            # The next move of the cursor asks again.
            self._grid.more = True
            self._grid.ask_again()
        if self._to_end:
            self._to_end = False
            self._grid.move_cursor(drawn - 1)
        elif self._grid.cursor_row < listing.cursor:
            self._grid.move_cursor(listing.cursor)
        self._say()

    @on(Grid.MoreWanted)
    def _more_wanted(self) -> None:
        if not self._to_end:
            self._load()

    @on(Grid.EndWanted)
    def _end_wanted(self) -> None:
        self._to_end = True
        self._say()
        self._load()

    # -- keys ------------------------------------------------------------------------------

    @property
    def key_labels(self) -> Mapping[str, str]:
        return {
            "choose('preview')": "Preview",
            "choose('wider')": "Around it",
            "leave": "Stop" if self._to_end else "Back",
        }

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        listing = self.listing
        if action == "choose" and parameters == (VersionsAction.WIDER.value,):
            return bool(listing.prefix)
        if action in {"choose", "mark", "mark_all"}:
            return bool(listing.rows)
        return super().check_action(action, parameters)

    @on(Grid.CursorMoved)
    def _moved(self) -> None:
        if self.listing.rows:
            self.listing.cursor = self._grid.cursor_row
            self.listing.marked = set(self._grid.marked)
            self._say()

    def action_mark(self) -> None:
        self._grid.toggle_mark()

    def action_mark_all(self) -> None:
        self._grid.toggle_all_marks()

    def action_refresh(self) -> None:
        self.listing.clear()
        self._show()

    @on(Grid.Opened)
    def _opened(self) -> None:
        self.action_choose(VersionsAction.PREVIEW.value)

    def action_choose(self, then: str) -> None:
        chosen, current = VersionsAction(then), self._grid.current
        rows = self.listing.targets
        if chosen in {VersionsAction.PREVIEW, VersionsAction.COPY} and current is not None:
            rows = [current]
        self.dismiss(VersionsAnswer(chosen, tuple(rows)))

    def action_leave(self) -> None:
        if self._to_end:
            self._to_end = False
            self._say()
        else:
            self.dismiss(None)


def state_of(version: ObjectVersion) -> CellValue:
    """Whether it is what readers get now, and whether it is a delete marker."""
    if version.marker:
        text = "deleted (marker)" if version.latest else "delete marker"
        return Cell(text, Tone.WARNING)
    return Cell("latest", Tone.SUCCESS) if version.latest else Cell("older", Tone.DIM)
