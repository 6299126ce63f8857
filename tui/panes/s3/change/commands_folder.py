"""The command that makes a folder: the zero-byte object that other tools show as one."""

from __future__ import annotations

from tui.panes.s3.view import S3View
from tui.services.s3 import MAX_KEY_BYTES, key_length
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.dialogs.dialogs import AskText
from tui.widgets.text.safe_text import visible


def in_bucket(view: S3View) -> bool:
    """Whether the view is inside a bucket."""
    return not view.browser.location.is_root


@command(
    verbs.NEW_FOLDER,
    asks=True,
    changes=True,
    when=in_bucket,
    instead="A folder is made inside a bucket; n creates a bucket.",
)
async def new_folder(view: S3View) -> None:
    """Make a folder in this prefix: a zero-byte object whose key ends in "/". S3 needs none;
    it keeps an empty folder in sight."""
    bucket, base = view.browser.bucket, view.browser.location.folder
    at = view.services.account.connection

    def check(name: str) -> list[str]:
        key = f"{base}{name.removesuffix('/')}/"
        if not name.removesuffix("/"):
            return ["Type a name."]
        long = key_length(key) > MAX_KEY_BYTES
        return [f"A key has at most {MAX_KEY_BYTES:,} bytes."] if long else []

    name = await view.ask(
        AskText("New folder", f"Name of the new folder in s3://{bucket}/{base}", check=check)
    )
    if not name:
        return
    prefix = f"{base}{name.removesuffix('/')}/"
    await view.browser.s3.put_folder(bucket, prefix, at=at)
    if view.browser.location.bucket == bucket:
        view.reload(cursor_on=prefix)
    view.say(f"Made the folder {visible(prefix)}.")
