"""The command that makes archived objects readable again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tui.panes.s3.change.commands_copy import has_targets_inside
from tui.panes.s3.change.commands_delete import counted_tree, refuse_while_at_work, where_text
from tui.panes.s3.change.tree import Tree
from tui.panes.s3.properties.work import ObjectWork
from tui.panes.s3.view import S3View
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted, size_text
from tui.services.s3 import S3Object
from tui.services.s3.models import ARCHIVES
from tui.services.s3.properties.restoring import TIERING, TIMES, RestoreWish, Tier
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.dialogs.dialogs import Confirm
from tui.widgets.dialogs.forms import ChoiceField, Field, FormDialog, NoteField, TextField, Values
from tui.widgets.text.safe_text import visible

SHOWN = 6
"""Objects that the question names; the rest are counted."""

LONGEST = 30_000
"""Days; more than AWS needs, and fewer than a date has room for."""

COSTS = (
    "AWS bills each request and each GB (the faster the dearer; Bulk is free for GLACIER), and the "
    "readable copy for as long as it stays, beside the archived object."
)


@command(
    verbs.RESTORE,
    asks=True,
    changes=True,
    when=has_targets_inside,
    instead="Restore works on archived objects: open a bucket first.",
)
async def restore(view: S3View) -> None:
    """Restore the marked objects and prefixes, or what is under the cursor, from GLACIER,
    DEEP_ARCHIVE or the archive tiers of INTELLIGENT_TIERING, so that they can be read: for how many
    days, and how fast. It takes minutes to days; i and the list show how far it is."""
    browser, at = view.browser, view.services.account.connection
    refuse_while_at_work(view)
    tree = await counted_tree(view, at)
    if tree is None:
        return
    # On a thread: there may be a million.
    wanted, classes = await asyncio.to_thread(_archived, tree)
    if not wanted:
        found = ", ".join(sorted(each or "unknown" for each in classes))
        raise ServiceError(
            "There is nothing to restore: none of these objects is archived.",
            cause=f"Their storage class: {found}." if found else "",
            hint="Archived are GLACIER, DEEP_ARCHIVE, and tiers of INTELLIGENT_TIERING.",
            kind=ErrorKind.INVALID,
        )
    wish = await view.ask(_form(wanted), follows=True)
    if wish is None:
        return
    text = question(wanted, len(tree.objects) - len(wanted), wish, where_text(view, tree.bucket))
    if await view.ask(Confirm("Restore?", text, yes="Restore")) is not True:
        return

    async def one(each: S3Object) -> str:
        said = await browser.s3.restore_object(
            tree.bucket, each.key, wish, storage_class=each.storage_class, at=at
        )
        return said.value

    work = ObjectWork(wanted, lambda each: each.key, one, done="asked for")
    await browser.carry_out(work, work.run(), tree.bucket)
    if browser.location.bucket == tree.bucket:
        view.reload(problem=work.problem)
    if work.report:
        view.say(work.report)
    if work.problem is not None:
        raise work.problem


def _archived(tree: Tree) -> tuple[list[S3Object], set[str]]:
    """The archived objects of a tree, and the storage classes of all."""
    wanted, classes = [], set()
    for each in tree.objects:
        classes.add(each.storage_class)
        if each.storage_class in {*ARCHIVES, TIERING}:
            wanted.append(each)
    return wanted, classes


def _form(wanted: Sequence[S3Object]) -> FormDialog[RestoreWish]:
    deep = all(each.storage_class == "DEEP_ARCHIVE" for each in wanted)
    tiers = [Tier.STANDARD, Tier.BULK] if deep else [Tier.STANDARD, Tier.BULK, Tier.EXPEDITED]
    fields: list[Field] = []
    if any(each.storage_class != TIERING for each in wanted):
        fields.append(
            TextField(
                "days",
                "Days",
                "7",
                note="How long the copy that can be read stays; the archived object stays anyway.",
                check=days_problems,
            )
        )
    fields += [
        ChoiceField(
            "tier", "Tier", [(f"{each.value}: {TIMES[each]}", each.value) for each in tiers]
        ),
        NoteField(COSTS, warning=True),
    ]

    async def submit(values: Values) -> RestoreWish:
        return RestoreWish(int(values.get("days") or 1), Tier(values["tier"]))

    size = size_text(sum(each.size for each in wanted))
    title = f"Restore {counted(len(wanted), 'object')} ({size})"
    return FormDialog(title, fields, submit=submit, submit_label="Go on", only_reads=True)


def days_problems(text: str) -> list[str]:
    """What is wrong with a number of days."""
    good = text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= LONGEST and len(text) < 6
    return [] if good else ["Write a number of days, 1 or more."]


def question(wanted: Sequence[S3Object], others: int, wish: RestoreWish, where: str) -> str:
    """What a restore comes to, before anything is asked for."""
    size = size_text(sum(each.size for each in wanted))
    days = counted(wish.days, "day")
    lines = [
        where,
        "",
        f"{counted(len(wanted), 'object')} ({size}), {wish.tier.value}, for {days}:",
        *(f"  {visible(each.key, edges=True)}  {_state(each)}" for each in wanted[:SHOWN]),
    ]
    if len(wanted) > SHOWN:
        lines.append(f"  … and {len(wanted) - SHOWN:,} more")
    if any(each.storage_class == TIERING for each in wanted):
        lines += [
            "",
            f"{TIERING}: what is in no archive tier is left; the others come back for good.",
        ]
    if any(each.restore.startswith("until") for each in wanted):
        lines += ["", f"What can be read already stays so for {days} from now on."]
    if others:
        lines += ["", f"{counted(others, 'object')} left: not archived."]
    return "\n".join([*lines, "", f"{wish.tier.value}: {TIMES[wish.tier]}.", COSTS])


def _state(each: S3Object) -> str:
    return f"{each.storage_class}{f', {each.restore}' if each.restore else ''}"
