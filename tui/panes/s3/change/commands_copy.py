"""Commands that copy, move and rename objects and prefixes, on the server's side."""

from __future__ import annotations

from tui.panes.s3.change.commands_delete import counted_tree, refuse_while_at_work, where_text
from tui.panes.s3.change.copying import ObjectCopying
from tui.panes.s3.change.destination import CopyPlan, kept_both, parse_destination, plan_copies
from tui.panes.s3.entries import raw_name
from tui.panes.s3.view import S3View
from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted, size_text
from tui.services.s3 import ObjectCopy
from tui.widgets import verbs
from tui.widgets.command import command
from tui.widgets.dialogs import Choice, Choose, Confirm
from tui.widgets.forms import FormDialog, TextField, Values
from tui.widgets.safe_text import visible

SHOWN = 5
"""Copies that the plan names; the rest are counted."""

_NOTE = 'A name or s3://bucket/key. A "/" at the end means: into that prefix, under the same name.'


def has_targets_inside(view: S3View) -> bool:
    """Whether an object or a prefix is marked or under the cursor."""
    return not view.browser.location.is_root and view.browser.has_targets


@command(
    verbs.COPY,
    asks=True,
    changes=True,
    when=has_targets_inside,
    instead="Copy works on objects and prefixes: open a bucket first.",
)
async def copy(view: S3View) -> None:
    """Copy the marked objects and prefixes, or what is under the cursor, to another name, prefix
    or bucket, in any region and of any size; what is there already is shown first. Esc stops
    between two objects."""
    await _copy_or_move(view, moves=False)


@command(
    verbs.MOVE,
    asks=True,
    changes=True,
    when=has_targets_inside,
    instead="Move works on objects and prefixes: open a bucket first.",
)
async def move(view: S3View) -> None:
    """Move or rename the marked objects and prefixes, or what is under the cursor: each is copied,
    the copy is looked at, then the source is deleted, unless it changed meanwhile."""
    await _copy_or_move(view, moves=True)


async def _copy_or_move(view: S3View, *, moves: bool) -> None:
    browser, at = view.browser, view.services.account.connection
    refuse_while_at_work(view)
    here, targets = browser.location, browser.targets()
    tree = await counted_tree(view, at)
    if tree is None:
        return
    word = "Move" if moves else "Copy"

    async def submit(values: Values) -> CopyPlan:
        destination = parse_destination(values["to"], here)
        return await plan_copies(browser.s3, tree, here.folder, destination, at=at)

    single = raw_name(targets[0]).removesuffix("/") if len(targets) == 1 else here.folder
    field = TextField("to", "To", f"s3://{here.bucket}/{single}", note=_NOTE)
    form = FormDialog(
        f"{word} {tree.amount}", [field], submit=submit, submit_label="Plan", only_reads=True
    )
    plan = await view.ask(form, follows=True)
    if plan is None:
        return
    copies = await _decided(
        view, plan, word, _where(view, here.bucket, plan.destination.bucket), at
    )
    if not copies:
        return
    copying = ObjectCopying(copies, moves=moves)
    await browser.carry_out(copying, copying.run(browser.s3, at), here.bucket)
    if copying.problem is None:
        browser.listing.marked -= set(tree.prefixes)
    if browser.location.bucket in (here.bucket, plan.destination.bucket):
        view.reload()
    skipped = len(tree.objects) - len(copies)
    if copying.report:
        left = f" {skipped:,} skipped." if skipped else ""
        view.say(f"{copying.report}{left}")
    if copying.problem is not None:
        raise copying.problem


def _where(view: S3View, bucket: str, to_bucket: str) -> str:
    """Where the copies go, and what does not go with them."""
    s3 = view.browser.s3
    lines = [where_text(view, to_bucket), "Not taken along: ACLs, retention and legal holds."]
    if s3.region_of(bucket) != s3.region_of(to_bucket):
        lines.append(
            "It is another region: what a KMS key of your own encrypts gets the default KMS key "
            "of that region."
        )
    return "\n".join(lines)


async def _decided(
    view: S3View, plan: CopyPlan, word: str, where: str, at: Connection
) -> list[ObjectCopy]:
    """The copies that are to be made; none if the user left, or nothing is to be done."""
    body = _plan_text(plan, where)
    if not plan.free and not plan.different:
        raise ServiceError(
            "There is nothing to do: the destination holds the same already.",
            kind=ErrorKind.INVALID,
        )
    if not plan.different:
        sure = await view.ask(Confirm(f"{word}?", body, yes=word))
        return plan.free if sure else []
    chosen = await view.ask(
        Choose(
            f"{word}? Some names hold something else",
            [
                Choice("skip", "Skip these", key="s"),
                Choice("both", "Keep both", "the copy gets a number", key="b"),
                Choice("over", "Overwrite", "what is there is lost or an old version", key="o"),
            ],
            body=body,
        ),
        follows=lambda answer: answer == "over",
    )
    if chosen == "over":
        # A key typed ahead may have chosen it: this question is answered only once it is drawn.
        lost = f"What is at {counted(len(plan.different), 'name')} is lost, or an old version."
        sure = await view.ask(
            Confirm("Overwrite?", f"{lost}\n\n{body}", yes="Overwrite", danger=True)
        )
        return plan.overwriting() if sure else []
    if chosen == "both":
        return await kept_both(view.browser.s3, plan, at=at)
    return plan.free if chosen else []


def _plan_text(plan: CopyPlan, where: str) -> str:
    lines = [f"To {visible(str(plan.destination), edges=True)}", where]
    parts = (
        (plan.free, "new"),
        (plan.different, "where something else is"),
        (plan.identical, "skipped: identical is there"),
    )
    for copies, what in parts:
        if copies:
            size = size_text(sum(plan.sizes[each.key] for each in copies))
            lines += ["", f"{counted(len(copies), 'object')} ({size}) {what}:"]
            lines += [f"  {visible(each.to_key, edges=True)}" for each in copies[:SHOWN]]
            if len(copies) > SHOWN:
                lines.append(f"  … and {len(copies) - SHOWN:,} more")
    return "\n".join(lines)
