"""Moving about: open, up, filter, sort, mark, refresh, go to, cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.panes.old_rows_commands import PutAwayCommand, RefreshCommand
from tui.services.dynamodb import Source, to_json
from tui.widgets import verbs
from tui.widgets.old_command import OldCommand
from tui.widgets.old_shared_commands import FilterCommand, GoToCommand, MarkAllCommand, MarkCommand
from tui.widgets.value_viewer import ValueViewer

if TYPE_CHECKING:
    from tui.panes.dynamodb.pane import DynamoPane


def in_a_table(pane: DynamoPane, what: str) -> str:
    """What to say where a verb needs an item."""
    if pane.tables is not None:
        return f"{what} works on items; here are tables: Enter opens one."
    return f"{what} needs an item, and there is none here."


class Open(OldCommand["DynamoPane"]):
    """Open the table under the cursor; on an item, show it whole as DynamoDB JSON. Where reading
    stopped before any item was found, go on."""

    verb = verbs.OPEN
    footer = True

    def available(self, pane: DynamoPane) -> bool:
        if pane.items is not None and not pane.items.items:
            return not pane.items.complete
        return pane.current_table is not None or pane.current_item is not None

    def will_ask(self, pane: DynamoPane) -> bool:
        return pane.current_item is not None

    async def run(self, pane: DynamoPane) -> None:
        table, item, view = pane.current_table, pane.current_item, pane.items
        if view is not None and not view.items:
            pane.loading_state.go_on()
            return
        if table is not None:
            pane.open_source(Source(table))
        elif item is not None and view is not None:
            note = "as it was read"
            if not view.whole:
                item = await pane.whole(view, item)
                note = "read by its key; the index leaves attributes out"
            await pane.ask(
                ValueViewer(view.source.location, to_json(item), note=note, language="json")
            )


class Up(OldCommand["DynamoPane"]):
    """From a query or a single item back to the table, from a table back to the list."""

    verb = verbs.UP
    footer = True

    def available(self, pane: DynamoPane) -> bool:
        return pane.items is not None

    def instead(self, pane: DynamoPane) -> str:
        return "This is the top: the list of tables."

    async def run(self, pane: DynamoPane) -> None:
        view = pane.items
        if view is None:
            return
        if view.query is not None or view.by_key is not None:
            pane.open_source(Source(view.source.table))
        else:
            pane.open_tables(view.source.table)


class Filter(FilterCommand["DynamoPane"]):
    """Show only the loaded rows that contain a text; Esc removes the filter."""


class Sort(OldCommand["DynamoPane"]):
    """Sort the loaded items by the column under the cursor: upwards, downwards, as they came.
    Numbers by their exact value. On the list of tables: turn the order of the names around."""

    verb = verbs.SORT

    async def run(self, pane: DynamoPane) -> None:
        if pane.tables is not None:
            pane.tables.descending = not pane.tables.descending
            pane.draw()
            return
        view = pane.items
        if view is None or not view.names:
            return
        name = view.names[min(pane.grid.cursor_column, len(view.names) - 1)]
        if view.sort == (name, False):
            view.sort = (name, True)
        elif view.sort == (name, True):
            view.sort = None
        else:
            view.sort = (name, False)
        pane.rearrange(pane.current_item)


class Mark(MarkCommand["DynamoPane"]):
    """Mark or unmark the item under the cursor; delete and copy act on the marked items."""

    def instead(self, pane: DynamoPane) -> str:
        return in_a_table(pane, "Mark")


class MarkAll(MarkAllCommand["DynamoPane"]):
    """Mark every item that is shown; if all are marked, unmark them."""

    def instead(self, pane: DynamoPane) -> str:
        return in_a_table(pane, "Mark")


class Refresh(RefreshCommand["DynamoPane"]):
    """Read the list, or the items from their first page, again."""


class GoTo(GoToCommand["DynamoPane"]):
    """Type a location: dynamodb:table or dynamodb:table/index."""


class Cancel(PutAwayCommand["DynamoPane"]):
    """Stop deleting after the items in flight, or reading after the page in flight; what is loaded
    stays. When neither is under way, put away the error that is shown, or else the filter."""

    label = ""

    def available(self, pane: DynamoPane) -> bool:
        under_way = pane.loading_state.active or pane.deletion is not None
        return (pane.is_mounted and under_way) or super().available(pane)

    async def run(self, pane: DynamoPane) -> None:
        if pane.deletion is not None:
            pane.deletion.stop()
        elif pane.loading_state.active:
            pane.loading_state.stop()
        else:
            await super().run(pane)
