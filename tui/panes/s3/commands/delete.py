"""Deleting objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.panes.s3.deleting import SHOWN, Deletion
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted, size_text
from tui.services.s3 import S3Object
from tui.widgets import verbs
from tui.widgets.dialogs import Confirm
from tui.widgets.old_command import OldCommand
from tui.widgets.safe_text import visible

if TYPE_CHECKING:
    from tui.panes.s3.pane import S3Pane


class Delete(OldCommand["S3Pane"]):
    """Delete the marked objects, or the one under the cursor, after a question that says how many
    and where. Esc stops after the thousand in flight. Whole buckets are emptied and deleted
    on the cleanup screen (F8)."""

    verb = verbs.DELETE
    asks = True
    changes = True
    footer = True

    def available(self, host: S3Pane) -> bool:
        return host.has_targets

    async def run(self, host: S3Pane) -> None:
        if host.location.is_root:
            raise ServiceError(
                "Whole buckets are deleted in cleanup: F8.",
                hint="It shows first what they hold, and asks.",
                kind=ErrorKind.INVALID,
            )
        targets = host.chosen()
        objects = [entry for entry in targets if isinstance(entry, S3Object)]
        folders = len(targets) - len(objects)
        if not objects:
            raise ServiceError(
                "A prefix is not an object: there is nothing of its own to delete.",
                hint="Open it and mark its objects (* marks all that are shown), "
                "or empty the bucket on the cleanup screen (F8).",
                kind=ErrorKind.INVALID,
            )
        bucket, here = host.bucket, host.services.account.standpoint
        # Said of where the objects were chosen, though the account may move on meanwhile.
        where = _where(host, bucket)
        keeps = await _what_stays(host, bucket)
        question = _question(objects, folders, bucket, where, keeps)
        if not await host.ask(Confirm("Delete?", question, yes="Delete", danger=True)):
            return
        await Deletion(host, bucket, [each.key for each in objects], here).run()


async def _what_stays(pane: S3Pane, bucket: str) -> str:
    try:
        versioning = await pane.s3.versioning(bucket)
    except ServiceError as error:
        why = "access denied" if error.kind is ErrorKind.DENIED else error.cause
        return f"Whether the bucket keeps old versions is unknown: {why}."
    if versioning.keeps_versions:
        return (
            f"Versioning is {versioning.value}: this only adds delete markers. Versions that are "
            "kept stay, and cost, until they are deleted themselves."
        )
    return "The bucket keeps no versions: this cannot be undone."


def _where(pane: S3Pane, bucket: str) -> str:
    """Account, region and endpoint in one line. Asks nobody."""
    account = pane.services.account
    known = account.known_identity
    who = f"account {known.account_id}" if known else "account unknown"
    if known and known.alias:
        who += f" ({known.alias})"
    region = pane.s3.region_of(bucket) or account.target.region or "unknown"
    return f"In {who}, region {region}, {account.endpoint or 'AWS'}."


def _question(objects: list[S3Object], folders: int, bucket: str, where: str, keeps: str) -> str:
    count = len(objects)
    size = size_text(sum(each.size for each in objects))
    lines = [
        f"{counted(count, 'object')} ({size}) from the bucket {bucket}:",
        *(f"  {visible(each.key, edges=True)}" for each in objects[:SHOWN]),
    ]
    if count > SHOWN:
        lines.append(f"  … and {count - SHOWN:,} more")
    lines += ["", where, keeps]
    if folders:
        lines.append("Marked prefixes are left alone.")
    return "\n".join(lines)
