"""The command that shows what takes the room under a prefix."""

from __future__ import annotations

from tui.panes.s3.bucket.commands_bucket import has_bucket
from tui.panes.s3.change.commands_delete import delete_tree
from tui.panes.s3.change.counting import CountingDialog
from tui.panes.s3.change.tree import Tree
from tui.panes.s3.entries import Prefix
from tui.panes.s3.search.commands_find import is_free, under
from tui.panes.s3.view import S3View
from tui.services.s3 import S3Location
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command


@command(
    verbs.SIZES,
    asks=True,
    when=has_bucket,
    instead="Sizes are those of a bucket or a prefix; there is none here.",
)
async def sizes(view: S3View) -> None:
    """Show the size and the number of objects of each prefix below this one, growing while S3 is
    asked. Enter and Backspace go in and out, p opens the place in the pane, x deletes it and
    shows the sizes again, Esc stops the scan and keeps what is known."""
    from tui.panes.s3.search.sizes_dialog import SizesDialog

    place, at = under(view), view.services.account.connection
    services, region = view.services, view.browser.s3.region_of(place.bucket)
    dialog: SizesDialog | None = None
    while True:
        dialog = SizesDialog(
            view.browser.s3,
            place.bucket,
            place.prefix,
            lambda: services.cloudwatch.bucket_figures(place.bucket, region, at=at),
            dialog,
        )
        answer = await view.ask(dialog, follows=lambda chosen: chosen.delete)
        if answer is None:
            return
        if not answer.delete:
            view.go(S3Location(place.bucket, answer.node.prefix))
            return
        view.services.s3.refuse_if_read_only()
        tree = Tree(place.bucket, [Prefix(answer.node.prefix)])
        whole = await view.ask(CountingDialog(view.browser.s3, tree, at=at), follows=True)
        # What was scanned is shown again: a scan may have taken long.
        if whole is not None and await delete_tree(view, whole, at):
            dialog.sizes.remove(answer.node)
        if not is_free(view):
            return
