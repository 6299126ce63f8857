"""The command that shows the versions of an object, and restores or deletes one of them."""

from __future__ import annotations

from tui.panes.s3.change.commands_delete import where_text
from tui.panes.s3.commands_browse import on_object
from tui.panes.s3.view import S3View
from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import size_text
from tui.services.s3 import Name, ObjectCopy, ObjectVersion, Versioning
from tui.services.s3.batch_delete import NO_VERSION
from tui.widgets import verbs
from tui.widgets.command import command
from tui.widgets.dialogs import Choice, Choose, Confirm, TypedConfirm
from tui.widgets.safe_text import visible

SHOWN_ID = 12
"""Characters of a version id in the list; ids of S3 have 32 and more."""


@command(
    verbs.VERSIONS,
    asks=True,
    when=on_object,
    instead="Versions are shown of the object under the cursor.",
)
async def versions(view: S3View) -> None:
    """Show the versions and delete markers of the object under the cursor, the newest first; one of
    them can be restored (copied on top) or deleted for good."""
    browser, at = view.browser, view.services.account.connection
    current = browser.current_object
    if current is None:
        return
    bucket, key = browser.bucket, current.key
    found = await browser.s3.key_versions(bucket, key, at=at)
    chosen = await view.ask(
        Choose(
            f"Versions of {key}",
            [Choice(each, _label(each), f"id {_short(each.version_id)}") for each in found],
        ),
        follows=True,
    )
    if chosen is None:
        return
    latest = next((each for each in found if each.latest), None)
    can_restore = not chosen.latest and not chosen.marker
    offered = [Choice("delete", "Delete this version for good", key="x")]
    if can_restore:
        offered.insert(0, Choice("restore", "Restore: copy it on top", key="r"))
    step = await view.ask(Choose(_label(chosen), offered), follows=True)
    if step == "restore":
        top = "" if latest is None or latest.marker else latest.etag.strip('"')
        stays = latest is None or latest.version_id != NO_VERSION
        if not stays and not await _may_replace(view, bucket, key, at):
            return
        etag = chosen.etag.strip('"')
        copy = ObjectCopy(bucket, key, etag, bucket, key, top, chosen.version_id)
        await browser.s3.copy_object(copy, at=at)
        left = "all versions" if stays else "the versions with an id of their own"
        view.say(f"Restored the version of {_time(chosen)}; {left} stay.")
    elif step == "delete":
        await _delete(view, bucket, chosen, at)
    else:
        return
    if browser.location.bucket == bucket:
        view.reload()


async def _may_replace(view: S3View, bucket: str, key: str, at: Connection) -> bool:
    """Whether the latest version, which has no id of its own, may be lost: a bucket that makes no
    versions now overwrites it. Raises ServiceError."""
    if await view.browser.s3.versioning(bucket, at=at) is Versioning.ENABLED:
        return True
    question = (
        f"The latest version of {visible(key, edges=True)} has no version id of its own, and the "
        "versioning of the bucket is not enabled: it is overwritten and gone for good."
    )
    confirm = Confirm("Overwrite the latest version?", question, yes="Overwrite", danger=True)
    return await view.ask(confirm) is True


async def _delete(view: S3View, bucket: str, version: ObjectVersion, at: Connection) -> None:
    question = (
        f"{_label(version)}\nversion id {version.version_id} of {version.key}\n"
        f"from the bucket {bucket}. {where_text(view, bucket)}\n\nThis cannot be taken back."
    )
    sure = await view.ask(TypedConfirm("Delete this version?", question, word="delete"))
    if sure is None:
        return
    name = Name(version.key, version.version_id)
    async for outcome in view.browser.s3.remove_markers(bucket, [name], at=at):
        for failed in outcome.failed:
            raise ServiceError(
                "The version was not deleted.",
                cause=f"{failed.code} {failed.message}",
                hint="It needs s3:DeleteObjectVersion; a lock or a legal hold keeps it, too.",
                kind=ErrorKind.OTHER,
            )
    view.say(f"Deleted the version of {_time(version)}.")


def _time(version: ObjectVersion) -> str:
    return f"{version.modified:%Y-%m-%d %H:%M:%S} UTC" if version.modified else "unknown time"


def _short(version_id: str) -> str:
    """Enough of an id to tell versions apart on one line; the whole stands in the questions."""
    return version_id if len(version_id) <= SHOWN_ID else f"{version_id[:SHOWN_ID]}…"


def _label(version: ObjectVersion) -> str:
    what = "delete marker" if version.marker else size_text(version.size_bytes)
    return f"{_time(version)}  {what}{'  latest' if version.latest else ''}"
