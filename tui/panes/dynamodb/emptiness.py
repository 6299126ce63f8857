"""Why there is nothing to see, and what to do about it."""

from __future__ import annotations

from tui.panes.dynamodb.items_view import ItemsView
from tui.panes.dynamodb.tables_view import TablesView
from tui.services.quantities import counted


def explain(view: TablesView | ItemsView, loading: bool, region: str | None) -> str:
    """A few words for a view without rows; empty if it has some."""
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
        return "The tables could not be listed.\nr tries again."
    if view.names:
        return f"None of {len(view.names):,} tables has {view.filter!r} in its name.\n/ filter"
    return f"No tables in {region or 'this region'}.\nn creates one, R goes to another region."


def _no_items(view: ItemsView) -> str:
    if not view.is_arranged:
        return f"Looking for {view.filter!r} in {counted(len(view.items), 'item')}…"
    if view.items:
        return (
            f"None of the {len(view.items):,} loaded items shows {view.filter!r}.\n"
            "/ then Esc takes the filter away."
        )
    if not view.complete:
        return (
            f"Examined {view.examined:,} items, matched 0; there are more.\n"
            "Enter goes on, Backspace goes back."
        )
    if view.by_key is not None:
        return "No item has this key now.\nBackspace goes back to the table."
    if view.query is not None:
        return f"No item matches the query ({view.examined:,} examined).\nCtrl+F asks another."
    what = "index" if view.source.index else "table"
    return f"The {what} is empty.\nn puts an item."
