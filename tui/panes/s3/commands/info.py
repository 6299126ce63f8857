"""What is known of a bucket or an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.panes.s3.commands.access import change_access
from tui.panes.s3.details import DetailsDialog, bucket_facts, object_facts, prefix_facts
from tui.panes.s3.entries import Prefix
from tui.services.s3 import Bucket, S3Location, S3Object
from tui.widgets import verbs
from tui.widgets.old_command import OldCommand

if TYPE_CHECKING:
    from tui.panes.s3.pane import S3Pane


class Info(OldCommand["S3Pane"]):
    """Show what S3 knows of the object (exact size, type, metadata, encryption, version) or of the
    bucket (region, versioning, encryption, public access) under the cursor."""

    verb = verbs.INFO
    asks = True
    footer = True

    def available(self, host: S3Pane) -> bool:
        return host.current is not None or bool(host.bucket)

    async def run(self, host: S3Pane) -> None:
        match host.current:
            case S3Object(key=key):
                details = await host.s3.head(host.bucket, key)
                await host.ask(DetailsDialog(key, object_facts(details)))
            case Prefix(prefix=prefix):
                location = S3Location(host.bucket, prefix)
                await host.ask(DetailsDialog(str(location), prefix_facts(location)))
            case Bucket(name=name):
                await _show_bucket(host, name)
            case None:
                await _show_bucket(host, host.bucket)


async def _show_bucket(pane: S3Pane, bucket: str) -> None:
    while bucket:
        details = await pane.s3.bucket_details(bucket)
        dialog = DetailsDialog(bucket, bucket_facts(details), changeable=not pane.is_read_only)
        next_step = await pane.ask(dialog, follows=True)
        if next_step != "access":
            return
        await change_access(pane, bucket)
