"""The command that shows versions, and what it does with those that are chosen."""

from __future__ import annotations

from dataclasses import replace

from tui.panes.s3.bucket.commands_bucket import has_bucket
from tui.panes.s3.change.commands_delete import (
    CAP_BYTES,
    CAP_COUNT,
    refuse_while_at_work,
    where_text,
)
from tui.panes.s3.change.deleting import SHOWN
from tui.panes.s3.commands_share import COPY_KEYS, short
from tui.panes.s3.commands_transfer import download_from
from tui.panes.s3.entries import Prefix
from tui.panes.s3.versions.deleting import VersionDeletion, refuse_mfa_delete
from tui.panes.s3.versions.restoring import Restoration, plan_restore, time_of
from tui.panes.s3.versions.version_list import VersionList
from tui.panes.s3.view import S3View
from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import size_text
from tui.services.s3 import Bucket, ObjectVersion, S3Object, Versioning
from tui.services.s3.bucket.names import is_directory_bucket
from tui.services.s3.copies import of_version
from tui.widgets.application.clipboard import copy_text
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.dialogs.dialogs import Choice, Choose, Confirm, TypedConfirm
from tui.widgets.text.safe_text import visible


def may_have_versions(view: S3View) -> bool:
    """Whether there is a bucket, of a kind that can keep versions."""
    return has_bucket(view) and not is_directory_bucket(view.browser.bucket)


def no_versions_here(view: S3View) -> str:
    """What to say where there are none."""
    if has_bucket(view):
        return "A directory bucket keeps no versions."
    return "Versions are those of an object, a prefix or a bucket; there is none here."


@command(verbs.VERSIONS, asks=True, when=may_have_versions, instead=no_versions_here)
async def versions(view: S3View) -> None:
    """Show all versions and delete markers of the object, or under the prefix or in the bucket,
    that the cursor is on, deleted keys too, the newest of a key first. Backspace shows those
    around it. Enter previews a version, = compares it with the one before it, or two marked ones;
    d downloads, t restores, x deletes for good, y copies."""
    from tui.panes.s3.versions.dialog import VersionsAction, VersionsDialog

    browser, at = view.browser, view.services.account.connection
    listing: VersionList | None = list_under_cursor(view)
    changed = False
    while listing is not None:
        bucket = listing.bucket
        answer = await view.ask(VersionsDialog(browser.s3, listing, at), follows=True)
        if answer is None:
            break
        if answer.then is VersionsAction.WIDER:
            listing = listing.wider()
            continue
        chosen = listing.rows[answer.rows[0]]
        try:
            match answer.then:
                case VersionsAction.PREVIEW:
                    await _preview(view, bucket, chosen)
                case VersionsAction.COPY:
                    await _copy(view, bucket, chosen)
                case VersionsAction.COMPARE:
                    await _compare(view, listing, answer.rows, at)
                case VersionsAction.DOWNLOAD:
                    await _download(view, listing, answer.rows, at)
                case VersionsAction.RESTORE:
                    changed = await _restore(view, listing, answer.rows, at) or changed
                case VersionsAction.DELETE:
                    changed = await _delete(view, listing, answer.rows, at) or changed
        except ServiceError as error:
            listing.problem = error
    if changed and browser.location.bucket == bucket:
        view.reload()


def list_under_cursor(view: S3View) -> VersionList:
    """The versions of what the cursor is on; in an empty place, of that place."""
    browser = view.browser
    match browser.current:
        case S3Object(key=key):
            return VersionList(browser.bucket, key, exact=True)
        case Prefix(prefix=prefix):
            return VersionList(browser.bucket, prefix)
        case Bucket(name=name):
            return VersionList(name, "")
        case None:
            return VersionList(browser.bucket, browser.location.prefix)


async def _preview(view: S3View, bucket: str, version: ObjectVersion) -> None:
    from tui.panes.s3.preview.dialog import PreviewDialog

    if version.marker:
        raise ServiceError(
            "A delete marker holds nothing to preview.",
            hint="R removes it, if it is the latest: the version under it is back.",
            kind=ErrorKind.INVALID,
        )
    preview = PreviewDialog(view.browser.s3, bucket, version.key, version.version_id)
    await view.ask(preview, follows=True)


async def _compare(
    view: S3View, listing: VersionList, rows: tuple[int, ...], at: Connection
) -> None:
    from tui.panes.s3.versions.difference_dialog import DifferenceDialog

    await listing.load_before(rows[-1], view.browser.s3, at)
    older, newer = listing.pair(rows)
    await view.ask(DifferenceDialog(view.browser.s3, listing.bucket, older, newer), follows=True)


async def _download(
    view: S3View, listing: VersionList, rows: tuple[int, ...], at: Connection
) -> None:
    from tui.panes.s3.transfers.download_draft import DownloadSource

    chosen = tuple(each for each in listing.chosen(rows) if not each.marker)
    if not chosen:
        raise ServiceError("A delete marker holds nothing to download.", kind=ErrorKind.INVALID)
    await download_from(
        view, DownloadSource(listing.bucket, (), (), listing.base, at, chosen), follows=True
    )


async def _restore(
    view: S3View, listing: VersionList, rows: tuple[int, ...], at: Connection
) -> bool:
    """Show the plan and carry it out; whether anything was changed. Raises ServiceError."""
    view.services.s3.refuse_if_read_only()
    refuse_while_at_work(view)
    plan = plan_restore(listing, rows)
    if plan.markers:
        await refuse_mfa_delete(view.browser.s3, listing.bucket, at)
    lines = [where_text(view, listing.bucket), *map(visible, plan.lines)]
    if plan.copies:
        lines += ["", _what_a_copy_loses(listing), NOT_KEPT]
    if plan.left_out:
        lines += ["", "Left alone:", *(f"  {visible(each)}" for each in plan.left_out[:SHOWN])]
        if len(plan.left_out) > SHOWN:
            lines.append(f"  … and {len(plan.left_out) - SHOWN:,} more")
    loses = bool(plan.copies) and listing.versioning is not Versioning.ENABLED
    yes = "Overwrite" if loses else "Restore"
    if not await view.ask(Confirm("Restore?", "\n".join(lines), yes=yes, danger=loses)):
        return False
    restoration = Restoration(plan)
    await view.browser.carry_out(restoration, restoration.run(view.browser.s3, at), plan.bucket)
    return _ended(view, listing, restoration)


NOT_KEPT = (
    "A copy is a new version of its own: ACLs, retention and a legal hold of the old version do "
    "not go along. The bucket's defaults apply to it."
)


def _what_a_copy_loses(listing: VersionList) -> str:
    match listing.versioning:
        case Versioning.ENABLED:
            return "All versions stay; each copy becomes a new one on top."
        case Versioning.SUSPENDED | Versioning.NEVER:
            return (
                "The bucket makes no versions now: a copy overwrites the version of its key that "
                "has the id null, and that is gone for good."
            )
        case _:
            return (
                "It is unknown whether the bucket makes versions: if not, a copy overwrites the "
                "version of its key that has the id null, and that is gone for good."
            )


async def _delete(
    view: S3View, listing: VersionList, rows: tuple[int, ...], at: Connection
) -> bool:
    """Ask, and delete for good; whether anything was changed. Raises ServiceError."""
    view.services.s3.refuse_if_read_only()
    refuse_while_at_work(view)
    await refuse_mfa_delete(view.browser.s3, listing.bucket, at)
    chosen = listing.chosen(rows)
    size = sum(each.size_bytes for each in chosen)
    count = len(chosen)
    capped = count > CAP_COUNT or size > CAP_BYTES
    typed = await view.ask(
        TypedConfirm(
            "Delete for good?",
            delete_question(listing, rows, where_text(view, listing.bucket)),
            word="delete" if count == 1 else f"delete {count}",
        ),
        follows=capped,
    )
    if typed is None:
        return False
    if capped:
        reason = f"More than {CAP_COUNT:,} versions, or more than {size_text(CAP_BYTES)}."
        again = TypedConfirm("That is a lot", reason, word=f"all {count}", yes="Go on")
        if await view.ask(again) is None:
            return False
    deletion = VersionDeletion(listing.bucket, chosen)
    await view.browser.carry_out(deletion, deletion.run(view.browser.s3, at), listing.bucket)
    return _ended(view, listing, deletion)


def delete_question(listing: VersionList, rows: tuple[int, ...], where: str) -> str:
    """What is deleted, where, and what that does to what readers get."""
    chosen = listing.chosen(rows)
    size = sum(each.size_bytes for each in chosen)
    lines = [
        f"{listing.amount(rows)} ({size_text(size)}) from the bucket {listing.bucket}. {where}",
        "This cannot be taken back.",
    ]
    latest = sum(each.latest and not each.marker for each in chosen)
    back = sum(each.latest and each.marker for each in chosen)
    if latest:
        lines.append(
            f"{latest:,} of them {'is what readers' if latest == 1 else 'are what readers'} get "
            "now: they get the version before it, if one is left."
        )
    if back:
        lines.append(f"{back:,} of them hides a key: its newest version is back.")
    lines.append("")
    for each in chosen[:SHOWN]:
        what = "delete marker" if each.marker else size_text(each.size_bytes)
        lines.append(f"  {visible(each.key, edges=True)}  {time_of(each)}  {what}")
        lines.append(f"    version id {each.version_id}")
    if len(chosen) > SHOWN:
        lines.append(f"  … and {len(chosen) - SHOWN:,} more")
    return "\n".join(lines)


def _ended(view: S3View, listing: VersionList, work: Restoration | VersionDeletion) -> bool:
    """Say what became of it; the list is asked for again."""
    listing.clear()
    if work.report:
        view.say(work.report)
    if work.problem is not None:
        raise work.problem
    return True


async def _copy(view: S3View, bucket: str, version: ObjectVersion) -> None:
    account = view.services.account
    target = replace(account.target, endpoint_url=account.endpoint)
    region = view.browser.s3.region_of(bucket) if account.endpoint is None else None
    pays = view.browser.s3.pays(bucket)
    copies = of_version(bucket, version.key, version.version_id, target, region, pays=pays)
    choices = [
        Choice(each.text, each.form.value, note=short(each.text), key=COPY_KEYS[each.form])
        for each in copies
    ]
    text = await view.ask(Choose("Copy as", choices), follows=True)
    if text is not None:
        await copy_text(view.app, text)
