"""Narrowing and marking rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.panes.old_rows_commands import PutAwayCommand
from tui.widgets.filter_line import KEEPS
from tui.widgets.old_shared_commands import FilterCommand, MarkAllCommand, MarkCommand

if TYPE_CHECKING:
    from tui.panes.s3.pane import S3Pane

ASKS = "filters what is loaded · Enter asks S3 for names that begin so"


class Filter(FilterCommand["S3Pane"]):
    """Narrow what is loaded to the names that contain a text, as you type, whatever the case.
    Where not everything is loaded, Enter asks S3 for the names that begin with it."""

    footer = True

    def hint(self, host: S3Pane) -> str:
        asks = not host.listing.complete and not host.location.is_root
        return ASKS if asks else KEEPS


class PutAway(PutAwayCommand["S3Pane"]):
    """Stop deleting after the call in flight, or loading after the page in flight. While neither is
    under way, put away what is on top: the error that is shown, or else the filter."""

    label = ""

    def available(self, host: S3Pane) -> bool:
        busy = host.deletion is not None or host.loading_all.active
        return busy or super().available(host)

    async def run(self, host: S3Pane) -> None:
        if host.deletion is not None:
            host.deletion.stop()
        elif host.loading_all.active:
            host.loading_all.stop()
        else:
            await super().run(host)


class Mark(MarkCommand["S3Pane"]):
    """Mark or unmark the row under the cursor: delete and download act on what is marked. Marks
    survive filtering and sorting."""


class MarkAll(MarkAllCommand["S3Pane"]):
    """Mark every row that is shown, or none if all are marked. Only what is loaded is marked."""
