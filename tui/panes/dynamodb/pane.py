"""The DynamoDB pane: its view with its commands."""

from __future__ import annotations

from tui.panes.dynamodb import commands_browse, commands_change
from tui.panes.dynamodb.view import DynamoView
from tui.widgets.commands.shared_commands import filter_rows


class DynamoPane(DynamoView):
    """The tables of the region, and the items of one table or index."""

    TITLE_HERE = "DynamoDB"
    COMMANDS_HERE = (
        commands_browse.open_row,
        commands_browse.up,
        commands_change.new,
        commands_change.edit,
        commands_change.delete,
        commands_browse.get,
        commands_browse.query,
        filter_rows,
        commands_browse.sort,
        commands_browse.mark_item,
        commands_browse.mark_all_items,
        commands_browse.info,
        commands_browse.copy,
        commands_browse.refresh,
        commands_browse.go_to_location,
        commands_browse.cancel,
    )
