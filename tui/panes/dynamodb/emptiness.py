"""Why there is nothing to see, and what to do about it."""

from __future__ import annotations

from tui.panes.dynamodb.items_view import ItemsView
from tui.panes.dynamodb.tables_view import TablesView
from tui.services.quantities import counted


def explain(view: TablesView | ItemsView, loading: bool, region: str | None) -> str:
    """A few words for a view without rows; an empty text if it has some."""
    if view.shown:
        return ""
    if loading:
        if isinstance(view, ItemsView) and view.examined:
            return f"Examined {view.examined:,} items, matched 0 so far…   Esc stops"
        return "Loading…"
    if isinstance(view, TablesView):
        return _no_tables(view, region)
    return _no_items(view)


def _no_tables(view: TablesView, region: str | None) -> str:
    if not view.loaded:
        return "The tables could not be listed.\nPress r to try again."
    if view.names:
        count = counted(len(view.names), "table")
        return f"No name of {count} contains {view.filter!r}.\nPress Esc to remove the filter."
    place = region or "this region"
    return f"No tables in {place}.\nPress n to create one, or R to choose another region."


def _no_items(view: ItemsView) -> str:
    if not view.is_arranged:
        return f"Looking for {view.filter!r} in {counted(len(view.items), 'item')}…"
    if view.items:
        return (
            f"None of the {len(view.items):,} loaded items contains {view.filter!r}.\n"
            "Press Esc to remove the filter."
        )
    if not view.complete:
        return (
            f"Examined {view.examined:,} items, matched 0; there are more.\n"
            "Press Enter to go on, or Backspace to go back."
        )
    if view.by_key is not None:
        return "No item has this key now.\nPress Backspace to go back to the table."
    if view.query is not None:
        examined = f"{view.examined:,} examined"
        return f"No item matches the query ({examined}).\nPress Ctrl+F for another query."
    what = "index" if view.source.index else "table"
    return f"The {what} is empty.\nPress n to put an item."
