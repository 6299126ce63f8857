"""Commands that search everything under a prefix."""

from __future__ import annotations

from tui.panes.s3.bucket.commands_bucket import has_bucket
from tui.panes.s3.change.commands_delete import delete_tree
from tui.panes.s3.change.tree import Tree
from tui.panes.s3.commands_transfer import download_from
from tui.panes.s3.view import S3View
from tui.services.errors import ServiceError
from tui.services.s3 import S3Location
from tui.services.s3.search.name_pattern import NamePattern
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.dialogs.dialogs import AskText

_NEEDS_BUCKET = "This searches a bucket; there is none here."

_PROMPT = (
    "Every name under {place} is looked at.\n"
    "report      names that contain it\n"
    "*.csv       the whole name (* also stands for /)\n"
    "**/2024/*   2024/ in any folder, or here\n"
    "/[0-9]+$/   a regular expression; /…/i ignores case"
)


def problems_of(text: str) -> list[str]:
    """Why a pattern cannot be looked for; none if it can."""
    try:
        NamePattern.parse(text)
    except ServiceError as error:
        return [str(error)]
    return []


def under(view: S3View) -> S3Location:
    """The place whose whole content is meant: where one stands, or the bucket under the cursor."""
    location = view.browser.location
    return S3Location(view.browser.bucket) if location.is_root else location


def is_free(view: S3View) -> bool:
    """Whether a dialog may come back by itself: nobody has gone on to something else meanwhile."""
    return view.app.screen is view.screen and view.has_focus_within


@command(verbs.FIND, footer=True, asks=True, when=has_bucket, instead=_NEEDS_BUCKET)
async def find(view: S3View) -> None:
    """Find objects by name at any depth under this prefix: a part of the name, a glob, or a regular
    expression. Hits come while S3 is asked; Enter goes to one, d downloads and x deletes the marked
    ones, and the hits are shown again afterwards. Esc stops, then leaves."""
    from tui.panes.s3.search.find_dialog import FindDialog, FoundAction

    place = under(view)
    at_start = view.services.account.connection
    text = await view.ask(
        AskText("Find", _PROMPT.format(place=place), check=problems_of), follows=True
    )
    if not text:
        return
    dialog: FindDialog | None = None
    while True:
        dialog = FindDialog(view.browser.s3, place, NamePattern.parse(text), dialog)
        answer = await view.ask(dialog, follows=lambda chosen: chosen.then is not FoundAction.GO)
        if answer is None:
            return
        match answer.then:
            case FoundAction.GO:
                view.go_to_key(place.bucket, answer.objects[0].key)
                return
            case FoundAction.DOWNLOAD:
                from tui.panes.s3.transfers.download_draft import DownloadSource

                keys = tuple(each.key for each in answer.objects)
                at = view.services.transfers.connection
                source = DownloadSource(place.bucket, keys, (), place.folder, at)
                if await download_from(view, source):
                    return
            case FoundAction.DELETE:
                view.services.s3.refuse_if_read_only()
                tree = Tree(place.bucket, answer.objects)
                await tree.count(view.browser.s3, lambda: None, at=at_start)
                if await delete_tree(view, tree, at_start):
                    dialog.forget(answer.objects)
                    if not dialog.find.hits:
                        return
        if not is_free(view):
            return
