"""Going from place to place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.panes.old_rows_commands import RefreshCommand
from tui.panes.s3.entries import Prefix
from tui.services.s3 import Bucket, S3Location, S3Object
from tui.widgets import verbs
from tui.widgets.old_command import OldCommand
from tui.widgets.old_shared_commands import GoToCommand

if TYPE_CHECKING:
    from tui.panes.s3.pane import S3Pane


class Open(OldCommand["S3Pane"]):
    """Open the bucket or the prefix under the cursor, or preview the object under it: the
    beginning of a text, a CSV file as a table, anything else as bytes."""

    verb = verbs.OPEN
    footer = True

    def available(self, host: S3Pane) -> bool:
        return host.current is not None

    def will_ask(self, host: S3Pane) -> bool:
        return host.current_object is not None

    async def run(self, host: S3Pane) -> None:
        match host.current:
            case Bucket(name=name):
                host.go(S3Location(name))
            case Prefix(prefix=prefix):
                host.go(S3Location(host.bucket, prefix))
            case S3Object(key=key):
                from tui.panes.s3.preview import PreviewDialog

                await host.ask(PreviewDialog(host.s3, host.bucket, key))
            case None:
                return


class Up(OldCommand["S3Pane"]):
    """Go up one prefix, from a bucket to the list of buckets; the cursor returns to its row."""

    verb = verbs.UP
    footer = True

    def available(self, host: S3Pane) -> bool:
        return host.location.parent is not None

    def instead(self, host: S3Pane) -> str:
        return "This is the top: the list of buckets."

    async def run(self, host: S3Pane) -> None:
        host.go_up()


class GoTo(GoToCommand["S3Pane"]):
    """Type a place to go to: s3://bucket/prefix/, a bucket's name, an ARN or a web address. It
    opens without the permission to list all buckets."""


class Refresh(RefreshCommand["S3Pane"]):
    """Ask S3 again for what is shown here; after an error, try again, with credentials read anew
    if it was about them."""
