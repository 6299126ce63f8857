"""Sizes below a prefix on the screen: bars and shares, growing while S3 is asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from tui.panes.s3.search.sizes import MOST_ROWS, By, SizedPrefix, Sizes
from tui.services.cloudwatch import BucketFigures
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import bar_text, percent_text, size_text
from tui.services.s3 import S3Location, S3Service
from tui.widgets.commands import verbs
from tui.widgets.dialogs.dialog import Dialog
from tui.widgets.grid.cells import Cell, CellValue, Column, LazyRows, Tone
from tui.widgets.grid.grid import Grid
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText

COLUMNS = (
    Column("Size", align="right", min_width=10),
    Column("Objects", align="right", min_width=9),
    Column("Share", align="right", min_width=5),
    Column("", min_width=12, max_width=12),
    Column("Prefix", max_width=120, min_width=12, grow=True),
)

BAR = 12
"""Cells of a bar."""

DRAWN_EVERY = 0.25
"""Seconds between two drawings while pages come; longer where a drawing takes long."""

NOT_COUNTED = "Old versions and unfinished uploads cost too, and are not counted here."


@dataclass(frozen=True)
class SizesAnswer:
    """A place that the user chose."""

    node: SizedPrefix
    delete: bool
    """Whether it is to be deleted rather than opened."""


def share_text(size: int, whole: int) -> str:
    """Whole percents, rounded down; what is less than one is not nothing."""
    return "<1%" if 0 < size * 100 < whole else percent_text(size, whole) if whole else "0%"


Figures = Callable[[], Awaitable[BucketFigures | None]]


async def figures_text(ask: Figures) -> str:
    """What CloudWatch says of the whole bucket, and of which day; or why it says nothing."""
    try:
        figures = await ask()
    except ServiceError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return error.message
        why = error.cause or error.message
        return f"CloudWatch's daily figures are unknown: {why} {error.hint}".rstrip()
    if figures is None:
        return "CloudWatch has no daily figures of this bucket (yet)."
    objects = "unknown" if figures.objects is None else f"{figures.objects:,}"
    return (
        f"CloudWatch, whole bucket on {figures.day:%Y-%m-%d} (UTC), old versions included: "
        f"{size_text(figures.size)}, objects: {objects}."
    )


class SizesDialog(Dialog[SizesAnswer]):
    """Scans while it is open. Esc stops the scan, then leaves. What one before has found is shown
    again, where that was left, and not scanned anew."""

    BOX_CLASSES = "dialog-large"

    DEFAULT_CSS = """
    SizesDialog {
        & Grid { height: 1fr; }
        & .sizes-text { height: auto; max-height: 4; color: $text-muted; }
    }
    """

    BINDINGS = [
        verbs.binding(verbs.OPEN, "enter", "Show what is in the prefix.", show=True),
        verbs.binding(verbs.UP, "up", "Show what is around it.", show=True),
        Binding("p", "go", "Open in the pane", id="sizes.go"),
        verbs.binding(verbs.SORT, "sort", "Order by size, number or name.", show=True),
        verbs.binding(verbs.DELETE, "delete", "Delete everything under the prefix.", show=True),
    ]

    def __init__(
        self,
        s3: S3Service,
        bucket: str,
        prefix: str,
        figures: Figures,
        before: SizesDialog | None = None,
    ) -> None:
        super().__init__(f"Sizes under {S3Location(bucket, prefix)}")
        self.sizes: Sizes = (
            before.sizes if before is not None else Sizes(bucket, prefix, self._grown)
        )
        self.node: SizedPrefix = before.node if before is not None else self.sizes.root
        """What is shown."""
        self.by: By = before.by if before is not None else By.SIZE
        self._left_row = 0 if before is None else before.row
        self._is_new = before is None
        self._s3 = s3
        self._grid = Grid()
        self._place = SteadyText("", classes="sizes-text")
        self._state = SteadyText("", classes="sizes-text")
        self._figures = Static(content("CloudWatch: asking…"), classes="sizes-text")
        self._ask_figures = figures
        self._rows: list[SizedPrefix | None] = []
        self._next_draw = 0.0

    def compose_box(self) -> ComposeResult:
        yield self._state
        yield self._place
        yield self._grid
        yield self._figures
        yield Static(content(NOT_COUNTED), classes="sizes-text")

    def on_mount(self) -> None:
        self._grid.focus()
        self.sizes.tell(self._grown)
        self._draw()
        self._grid.move_cursor(self._left_row)
        if self._is_new:
            self.run_worker(self.sizes.run(self._s3), group="sizes", exclusive=True)
        self.run_worker(self._show_figures(), group="figures", exclusive=True)

    def on_unmount(self) -> None:
        self.sizes.stop()

    @property
    def key_labels(self) -> Mapping[str, str]:
        return {"leave": "Stop" if self.sizes.running else "Back", "sort": "Order"}

    async def _show_figures(self) -> None:
        text = await figures_text(self._ask_figures)
        self._figures.update(content(text, multiline=True))

    # -- drawing ---------------------------------------------------------------------------

    def _grown(self) -> None:
        if self._state.is_attached and (not self.sizes.running or monotonic() >= self._next_draw):
            self._draw()

    def _draw(self, on: SizedPrefix | None = None) -> None:
        """Show the node as it is now; the cursor stays on its prefix, or goes to `on`."""
        began = monotonic()
        node, before = self.node, on or self._current
        row = self._grid.cursor_row
        self._rows = node.rows(self.by)
        if before is not None and before in self._rows:
            row = self._rows.index(before)
        self._grid.show(COLUMNS, LazyRows(self._rows, self._cells), cursor=row)
        place = S3Location(self.sizes.bucket, node.prefix)
        more = len(node.children) - MOST_ROWS
        cut = f" · {more:,} more prefixes are not shown" if more > 0 else ""
        self._place.update(
            content(f"{place} · {size_text(node.size)} · {self.by.value}{cut}", multiline=True)
        )
        self._state.update(content(self.sizes.state, multiline=True))
        self.refresh_bindings()
        self._next_draw = monotonic() + max(DRAWN_EVERY, 20 * (monotonic() - began))

    def _cells(self, row: SizedPrefix | None) -> Sequence[CellValue]:
        here = self.node
        size, count = (here.own_size, here.own_count) if row is None else (row.size, row.count)
        name: CellValue = Cell("(objects directly here)", Tone.DIM)
        if row is not None:
            name = Cell(row.name, Tone.ACCENT)
        elif self.sizes.is_cut:
            name = Cell("(objects directly here, or deeper and not told apart)", Tone.DIM)
        return (
            size_text(size),
            f"{count:,}",
            share_text(size, here.size),
            bar_text(size, here.size, BAR) if here.size else "░" * BAR,
            name,
        )

    # -- keys ------------------------------------------------------------------------------

    @property
    def row(self) -> int:
        """The row of the cursor."""
        return self._grid.cursor_row

    @property
    def _current(self) -> SizedPrefix | None:
        row = self._grid.cursor_row
        return self._rows[row] if row < len(self._rows) else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"enter", "delete"}:
            return self._current is not None
        if action == "up":
            return self.node.parent is not None
        return super().check_action(action, parameters)

    @on(Grid.CursorMoved)
    def _moved(self) -> None:
        self.refresh_bindings()

    @on(Grid.Opened)
    def action_enter(self) -> None:
        if self._current is not None:
            self.node = self._current
            self._grid.move_cursor(0)
            self._rows = []
            self._draw()

    def action_up(self) -> None:
        left, parent = self.node, self.node.parent
        if parent is not None:
            self.node = parent
            self._draw(on=left)

    def action_sort(self) -> None:
        orders = list(By)
        self.by = orders[(orders.index(self.by) + 1) % len(orders)]
        self._draw()

    def action_go(self) -> None:
        self.dismiss(SizesAnswer(self._current or self.node, delete=False))

    def action_delete(self) -> None:
        if self._current is not None:
            self.dismiss(SizesAnswer(self._current, delete=True))

    def action_leave(self) -> None:
        if self.sizes.running and not self.sizes.stopped:
            self.sizes.stop()
            self._draw()
        else:
            self.dismiss(None)
