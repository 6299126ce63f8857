"""The S3 pane: the view of an S3 browser, and its commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual import events

from tui.panes.s3 import commands_browse as browse
from tui.panes.s3 import commands_look as look
from tui.panes.s3 import commands_payer as payer
from tui.panes.s3 import commands_places as places
from tui.panes.s3 import commands_share as share
from tui.panes.s3 import commands_sync as synchronise
from tui.panes.s3 import commands_transfer as transfer
from tui.panes.s3.bucket import commands_bucket as change
from tui.panes.s3.change import commands_copy as copies
from tui.panes.s3.change import commands_delete as deletes
from tui.panes.s3.change import commands_folder as folder
from tui.panes.s3.change import commands_undo as undo
from tui.panes.s3.properties import commands_restore as archive
from tui.panes.s3.properties import commands_settings as settings
from tui.panes.s3.search import commands_find as find
from tui.panes.s3.search import commands_grep as grep
from tui.panes.s3.search import commands_sizes as sizes
from tui.panes.s3.versions import commands_versions as versions
from tui.panes.s3.view import S3View
from tui.widgets.commands import verbs
from tui.widgets.commands.command import Command


class S3Pane(S3View):
    """Browse buckets and objects."""

    TITLE_HERE = "S3"
    COMMANDS_HERE: ClassVar[tuple[Command[Any], ...]] = (  # in the order of the help
        browse.open_entry,
        browse.go_to,
        places.back,
        places.forward,
        places.bookmarks,
        transfer.upload,
        transfer.download,
        synchronise.sync,
        change.new_bucket,
        folder.new_folder,
        copies.copy,
        copies.move,
        deletes.delete,
        undo.undo_delete,
        versions.versions,
        browse.filter_rows,
        find.find,
        grep.grep,
        sizes.sizes,
        browse.cancel,
        browse.sort,
        browse.mark,
        browse.mark_all,
        look.info,
        share.copy_as,
        share.link,
        browse.up,
        change.access,
        payer.requester_pays,
        settings.settings,
        archive.restore,
        browse.refresh,
    )
    INSTEAD: ClassVar[Mapping[str, str]] = {
        verbs.QUERY.id: "Objects are found by name: f finds at any depth, / filters.",
        verbs.GET.id: "Ctrl+L goes to a key or a prefix.",
    }

    def on_paste(self, event: events.Paste) -> None:
        """Files that are dragged into the terminal come as their paths."""
        event.stop()
        self.start(transfer.upload_pasted(self, event.text), group="pasted")

    def come_back(self) -> None:
        transfers = self.services.transfers_if_made
        if transfers is not None and transfers.queue.jobs:
            transfer.follow(self)
