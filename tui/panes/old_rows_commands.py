"""The verbs that mean the same in every pane of rows. Each pane says in a docstring what its own is
about, and lists its own class; those that other hosts have too are in `widgets/shared_commands`."""

from __future__ import annotations

from typing import TypeVar

from tui.panes.rows_pane import RowsPane
from tui.services.errors import ErrorKind
from tui.widgets import verbs
from tui.widgets.old_command import OldCommand

PaneT = TypeVar("PaneT", bound=RowsPane)


class RefreshCommand(OldCommand[PaneT]):
    """Asks again for what is shown. After a page that failed, asks for that page again and keeps
    what is loaded; after an error about credentials, reads those anew."""

    verb = verbs.REFRESH

    async def run(self, host: PaneT) -> None:
        credentials = host.last_error is not None and host.last_error.kind is ErrorKind.CREDENTIALS
        if host.last_error is not None and host.page_failed and not credentials:
            host.try_page_again()
            return
        if credentials:
            host.services.account.forget()
        host.reload()


class PutAwayCommand(OldCommand[PaneT]):
    """Takes away what is on top: the error that is shown, or else the filter."""

    verb = verbs.CANCEL
    label = "Put away"

    def available(self, host: PaneT) -> bool:
        return host.last_error is not None or bool(host.filter_line.text)

    async def run(self, host: PaneT) -> None:
        if host.last_error is not None:
            host.clear_error()
        else:
            host.filter_line.clear()
