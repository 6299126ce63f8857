"""Commands that delete objects and whole prefixes, and that take a delete back."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from tui.panes.s3.change.counting import CountingDialog
from tui.panes.s3.change.deleting import SHOWN, ObjectDeletion
from tui.panes.s3.change.tree import Tree
from tui.panes.s3.view import S3View
from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted, size_text
from tui.services.s3 import Versioning
from tui.services.s3.deleting.undo_stack import new_delete
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.dialogs.dialogs import Confirm, TypedConfirm
from tui.widgets.text.safe_text import visible

TYPED_ABOVE = 10
"""Objects above which deleting is confirmed by typing; below, by a button."""

CAP_COUNT = 10_000
CAP_BYTES = 10 * 1024**3
"""Above either, a second word is typed. The same as in cleanup."""

KEEPS = (
    "Versioning is enabled: this only adds delete markers. Versions that are kept stay, and cost, "
    "until they are deleted themselves."
)

SUSPENDED = (
    "Versioning is suspended: what was written since then, or before it was enabled, is gone for "
    "good. Older versions stay, and cost, until they are deleted themselves."
)
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectsfromVersioningSuspendedBuckets.html"""


def has_targets(view: S3View) -> bool:
    """Whether something is marked or under the cursor."""
    return view.browser.has_targets


@command(verbs.DELETE, footer=True, asks=True, changes=True, when=has_targets)
async def delete(view: S3View) -> None:
    """Delete the marked objects and prefixes, or what is under the cursor. Everything under a
    prefix is counted first; then a question says how many, how large and where. Esc stops after
    the thousand in flight. Whole buckets are emptied and deleted on the cleanup screen (F8)."""
    browser = view.browser
    if browser.location.is_root:
        raise ServiceError(
            "Whole buckets are deleted in cleanup: F8.",
            hint="It shows first what they hold, and asks.",
            kind=ErrorKind.INVALID,
        )
    refuse_while_at_work(view)
    # Said of where the objects were chosen, though the account may move on meanwhile.
    here = view.services.account.connection
    tree = await counted_tree(view, here)
    if tree is not None:
        await delete_tree(view, tree, here)


async def delete_tree(view: S3View, tree: Tree, here: Connection) -> bool:
    """Ask, delete a counted tree, and say what became of it; whether it is gone. Raises
    ServiceError."""
    browser, bucket = view.browser, tree.bucket
    where = where_text(view, bucket)
    if not tree.objects:
        raise ServiceError(
            "There is nothing under it any more: no object was deleted.",
            hint="Press r to list it again.",
            kind=ErrorKind.NOT_FOUND,
        )
    keeps = await what_stays(view, bucket, tree.folders, here)
    if not await _is_sure(view, tree, _question(tree, where, keeps)):
        return False
    deletion = ObjectDeletion(bucket, tree.keys, tree.objects.etags)
    await carry_out_deletion(view, deletion, here)
    if not deletion.problem:
        await browser.unmark(tree.prefixes)
    left = await _came_after(view, tree, here) if deletion.problem is None else ""
    if browser.location.bucket == bucket:
        view.reload(problem=deletion.problem)
    if deletion.report:
        view.say(deletion.whole_report + left)
    if deletion.problem is not None:
        raise deletion.problem
    return True


async def carry_out_deletion(view: S3View, deletion: ObjectDeletion, here: Connection) -> None:
    """Delete, Esc stops it; what can be taken back is kept for `U`."""
    steps = deletion.run(view.browser.s3, here)
    await view.browser.carry_out(deletion, steps, deletion.bucket)
    if deletion.made:
        await _keep_for_undo(view, deletion, here)


async def _keep_for_undo(view: S3View, deletion: ObjectDeletion, here: Connection) -> None:
    """Remember what was deleted; where that cannot be kept over a restart, it is said."""
    made = new_delete(deletion.bucket, deletion.made, here)
    try:
        await asyncio.to_thread(view.undo.push, made)
    except ServiceError as error:
        view.say(str(error), severity="warning")


def refuse_while_at_work(view: S3View) -> None:
    """Raise ServiceError (INVALID) while objects are deleted or copied: Esc stops one work only."""
    if view.browser.work is not None:
        raise ServiceError(
            "Objects of this pane are being deleted or copied.",
            hint="Wait until that has ended, or stop it with Esc.",
            kind=ErrorKind.INVALID,
        )


async def counted_tree(view: S3View, at: Connection, *, enough: int | None = None) -> Tree | None:
    """What is marked or under the cursor, counted to its end, or until there are `enough` objects;
    None if the user left it."""
    bucket, targets = view.browser.bucket, await view.browser.targets()
    tree = Tree(bucket, targets)
    if tree.complete:
        return tree
    return await view.ask(CountingDialog(view.browser.s3, tree, at=at, enough=enough), follows=True)


async def _is_sure(view: S3View, tree: Tree, question: str) -> bool:
    """Ask by a button, by a word, or by two, depending on how much it is."""
    count = len(tree.objects)
    if count <= TYPED_ABOVE:
        confirm = Confirm("Delete?", question, yes="Delete", danger=True)
        return await view.ask(confirm) is True
    return await typed_twice_if_much(
        view, count, tree.size, question, f"{tree.amount} from {tree.bucket}"
    )


async def typed_twice_if_much(
    view: S3View, count: int, size: int, question: str, what: str
) -> bool:
    """Ask for a word; above the cap, for a second one after saying again `what` is deleted."""
    capped = count > CAP_COUNT or size > CAP_BYTES
    typed = await view.ask(
        TypedConfirm("Delete?", question, word=f"delete {count}"), follows=lambda _: capped
    )
    if typed is None or not capped:
        return typed is not None
    reason = (
        f"This deletes {what}. More than {CAP_COUNT:,} objects, or more "
        f"than {size_text(CAP_BYTES)}, needs a second confirmation."
    )
    again = TypedConfirm("That is a lot", reason, word=f"all {count}", yes="Go on")
    return await view.ask(again) is not None


async def _came_after(view: S3View, tree: Tree, at: Connection) -> str:
    """A sentence on what is under the prefixes now: it was written after the count. Looks at one
    page of each. Of objects at any depth: MinIO goes on to list prefixes that hold nothing but
    delete markers."""
    found, more = 0, False
    for prefix in tree.prefixes:
        try:
            async with aclosing(view.browser.s3.list_under(tree.bucket, prefix, at=at)) as pages:
                async for page in pages:
                    more = more or found > 0
                    if more:
                        break
                    found += len(page)
        except ServiceError:
            return ""
    if not found:
        return ""
    names = f"{found:,}+ objects" if more else counted(found, "object")
    return f"\n{names} under the deleted prefixes came after the count: left as is."


async def what_stays(view: S3View, bucket: str, folders: int, at: Connection) -> str:
    """What a delete leaves, as far as the bucket's versioning says it; of how many keys that end
    in "/"."""
    try:
        versioning = await view.browser.s3.versioning(bucket, at=at)
    except ServiceError as error:
        why = "access denied" if error.kind is ErrorKind.DENIED else error.cause
        return f"Whether the bucket keeps old versions is unknown: {why}."
    if not versioning.keeps_versions:
        return "The bucket keeps no versions: this cannot be undone."
    if versioning is Versioning.SUSPENDED:
        return SUSPENDED
    if folders and at.endpoint is not None:
        # MinIO: seen in a bucket whose versioning is enabled.
        return (
            f"{KEEPS} Some servers that are not AWS keep none of a key that ends in "
            f'"/", of which there {"is" if folders == 1 else "are"} {folders:,} here: '
            "these may be gone for good."
        )
    return KEEPS


def where_text(view: S3View, bucket: str) -> str:
    """Account, region and endpoint in one line. Asks nobody."""
    account = view.services.account
    known = account.connection.identity
    who = f"account {known.account_id}" if known else "account unknown"
    if known and known.alias:
        who += f" ({known.alias})"
    region = view.browser.s3.region_of(bucket) or account.target.region or "unknown"
    return f"In {who}, region {region}, {account.endpoint or 'AWS'}."


def _question(tree: Tree, where: str, keeps: str) -> str:
    # Where it happens and what stays come first: the names may need more room than there is.
    count = len(tree.objects)
    lines = [
        f"{tree.amount} from the bucket {tree.bucket}.",
        where,
        keeps,
        "What is changed by somebody before its turn is left as it is.",
        "",
        *(f"  everything under {visible(each, edges=True)}" for each in tree.prefixes[:SHOWN]),
    ]
    if len(tree.prefixes) > SHOWN:
        lines.append(f"  … and {len(tree.prefixes) - SHOWN:,} more prefixes")
    lines += [f"  {visible(each.key, edges=True)}" for each in tree.objects[:SHOWN]]
    if count > SHOWN:
        lines.append(f"  … and {count - SHOWN:,} more")
    return "\n".join(lines)
