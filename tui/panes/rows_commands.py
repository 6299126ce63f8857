"""The verbs that mean the same in every pane of rows; those that other hosts have too are in
`widgets/shared_commands`."""

from __future__ import annotations

from tui.panes.rows_pane import RowsPane
from tui.services.errors import ErrorKind
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command


@command(verbs.REFRESH)
async def refresh(pane: RowsPane) -> None:
    """Asks again for what is shown. After a page that failed, asks for that page again and keeps
    what is loaded; after an error about credentials, reads those anew."""
    credentials = pane.last_error is not None and pane.last_error.kind is ErrorKind.CREDENTIALS
    if pane.last_error is not None and pane.page_failed and not credentials:
        pane.try_page_again()
        return
    if credentials:
        pane.services.account.forget()
    pane.reload()


def has_something_to_put_away(pane: RowsPane) -> bool:
    """Whether an error or a filter is shown."""
    return pane.last_error is not None or bool(pane.filter_line.text)


def put_away_top(pane: RowsPane) -> None:
    """Take away the error that is shown, or else the filter."""
    if pane.last_error is not None:
        pane.clear_error()
    else:
        pane.filter_line.clear()
