"""The plan of a statement as a tree, with the detail of the node under the cursor below it."""

from __future__ import annotations

from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from tui.panes.sql.explain.tree import WIDE, PlanTree, as_text, detail_of, head_of
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.commands.shared_commands import Copyable, copy_as
from tui.widgets.dialogs.dialogs import Choice, Dialog
from tui.widgets.grid.cells import LazyRows
from tui.widgets.grid.grid import Grid
from tui.widgets.text.safe_text import content
from tui.widgets.text.value_view import ValueView

HEAD_LINES = 3
"""Lines above the tree; what does not fit in them stands in the copied text."""


class PlanDetail(ValueView, can_focus=False):
    """What is known of the node under the cursor. The keys stay with the tree."""


def _copyable(dialog: ExplainDialog) -> list[Choice[Copyable]]:
    row = dialog.plan_tree.rows[dialog.grid.current or 0]
    return [
        Choice(as_text(dialog.plan_tree), "plan as text", key="t"),
        Choice(dialog.json, "plan as JSON", "as the server gave it", key="j"),
        Choice(detail_of(row), "node under the cursor", row.node.title, key="n"),
    ]


class ExplainDialog(Dialog[None], CommandHost):
    """Shows a plan; the cursor begins on its most expensive node."""

    BOX_CLASSES = "dialog-large"

    DEFAULT_CSS = """
    ExplainDialog {
        & #plan-head { height: auto; max-height: 4; color: $text-muted; }
        & #plan-detail { height: 1fr; border-top: solid $panel; background: transparent; }
        & Grid { height: 2fr; }
    }
    """

    TITLE_HERE = "Plan"

    def __init__(self, tree: PlanTree, json: str, *, title: str, note: str) -> None:
        super().__init__(title)
        self.plan_tree = tree
        self.json = json
        """The server's own answer."""
        self.note = note
        self.grid = Grid(id="plan-tree")
        self._detail = PlanDetail("", id="plan-detail")
        self._wide: bool | None = None

    def compose_box(self) -> ComposeResult:
        lines = [line for plan in self.plan_tree.plans for line in head_of(plan)]
        head = [*([self.note] if self.note else []), *lines[:HEAD_LINES]]
        yield Static(content("\n".join(head), multiline=True), id="plan-head", markup=False)
        yield self.grid
        yield self._detail

    def on_mount(self) -> None:
        self.grid.focus()
        self._draw(self.plan_tree.slowest)

    def on_resize(self) -> None:
        if self._wide is not None and self._wide != self._is_wide:
            self._draw(self.grid.cursor_row)

    @property
    def _is_wide(self) -> bool:
        return self.app.size.width >= WIDE

    def _draw(self, cursor: int) -> None:
        wide = self._wide = self._is_wide
        rows = LazyRows(self.plan_tree.rows, partial(self.plan_tree.cells, wide=wide))
        self.grid.show(self.plan_tree.columns(wide=wide), rows, cursor=cursor)
        self._show_detail()

    @on(Grid.CursorMoved)
    def _show_detail(self) -> None:
        at = self.grid.current
        self._detail.show("" if at is None else detail_of(self.plan_tree.rows[at]), wrap=True)
        self.refresh_bindings()

    def _has_children(self) -> bool:
        at = self.grid.current if self.is_mounted else None
        return at is not None and bool(self.plan_tree.rows[at].node.children)

    @command(verbs.OPEN, label="Fold", footer=True, when=_has_children, instead="Nothing is below.")
    def fold(self) -> None:
        """Hide the nodes below this one, or show them again."""
        at = self.grid.current
        if at is not None and self.plan_tree.toggle(at):
            self._draw(at)

    COMMANDS_HERE = (
        fold,
        copy_as(
            _copyable,
            "Copy the plan as text or as the server's JSON, or what is known of the node.",
            footer=True,
        ),
    )

    @on(Grid.Opened)
    async def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        await self.action_command(verbs.OPEN.id)
