"""Commands that copy, move and rename objects and prefixes, on the server's side."""

from __future__ import annotations

from itertools import chain

from tui.panes.s3.change.commands_delete import counted_tree, refuse_while_at_work, where_text
from tui.panes.s3.change.destination import CopyPlan, kept_both, parse_destination, plan_copies
from tui.panes.s3.change.terms import terms_text
from tui.panes.s3.commands_transfer import follow
from tui.panes.s3.view import S3View
from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted, size_text
from tui.services.s3 import CopyTerms, ObjectCopy
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
    or bucket, in any region and of any size; what is there already is shown first. F9 shows how
    far it is, and cancels."""
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
    the copy is looked at, then the source is deleted, unless it changed meanwhile. A move that
    was cut off is finished by moving again."""
    await _copy_or_move(view, moves=True)


async def _copy_or_move(view: S3View, *, moves: bool) -> None:
    browser, at = view.browser, view.services.account.connection
    refuse_while_at_work(view)
    here = browser.location
    tree = await counted_tree(view, at)
    if tree is None:
        return
    word = "Move" if moves else "Copy"

    async def submit(values: Values) -> tuple[CopyPlan, CopyTerms]:
        destination = parse_destination(values["to"], here)
        plan = await plan_copies(browser.s3, tree, here.folder, destination, at=at)
        return plan, await browser.s3.copy_terms(here.bucket, destination.bucket, at=at)

    names = [*tree.prefixes[:2], *tree.keys[: min(tree.named, 2)]]
    single = names[0].removesuffix("/") if len(names) == 1 else here.folder
    field = TextField("to", "To", f"s3://{here.bucket}/{single}", note=_NOTE)
    form = FormDialog(
        f"{word} {tree.amount}", [field], submit=submit, submit_label="Plan", only_reads=True
    )
    planned = await view.ask(form, follows=True)
    if planned is None:
        return
    plan, terms = planned
    to_bucket = plan.destination.bucket
    said = terms_text(terms, to_bucket, moves=moves, is_aws=at.endpoint is None)
    body = plan_text(plan, f"{where_text(view, to_bucket)}\n{said}", moves=moves)
    copies = await _decided(view, plan, word, body, at)
    found = plan.identical if moves else []
    if copies is None:
        return
    await view.services.transfers.start_copies(
        copies, found=found, moves=moves, place=str(plan.destination), at=at
    )
    await browser.unmark(chain(tree.prefixes, tree.keys))
    follow(view)
    skipped = len(tree.objects) - len(copies) - len(found)
    if skipped:
        view.say(f"{counted(skipped, 'object')} skipped.")


async def _decided(
    view: S3View, plan: CopyPlan, word: str, body: str, at: Connection
) -> list[ObjectCopy] | None:
    """The copies that are to be made; None if the user left, or nothing is to be done."""
    if plan.is_done(moves=word == "Move"):
        if plan.archived:
            raise ServiceError(
                f"{counted(len(plan.archived), 'object is', 'objects are')} archived, and nothing "
                "else is to be done.",
                hint="Restore them first.",
                kind=ErrorKind.INVALID,
            )
        raise ServiceError(
            "There is nothing to do: the destination holds the same already.",
            kind=ErrorKind.INVALID,
        )
    if not plan.different:
        sure = await view.ask(Confirm(f"{word}?", body, yes=word))
        return plan.free if sure else None
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
        return plan.overwriting() if sure else None
    if chosen == "both":
        return await kept_both(view.browser.s3, plan, at=at)
    return plan.free if chosen and not plan.is_done(moves=word == "Move", skips=True) else None


def plan_text(plan: CopyPlan, where: str, *, moves: bool) -> str:
    """What is done where, for the question before it."""
    lines = [f"To {visible(str(plan.destination), edges=True)}", where]
    same = "skipped: identical is there"
    if moves:
        same = "there already and identical: only the source is deleted"
    parts = (
        (plan.free, "new"),
        (plan.different, "where something else is"),
        (plan.identical, same),
        (plan.archived, "left out: archived, and to be restored first"),
    )
    for copies, what in parts:
        if copies:
            size = size_text(sum(each.size for each in copies))
            lines += ["", f"{counted(len(copies), 'object')} ({size}) {what}:"]
            lines += [f"  {visible(each.to_key, edges=True)}" for each in copies[:SHOWN]]
            if len(copies) > SHOWN:
                lines.append(f"  … and {len(copies) - SHOWN:,} more")
    return "\n".join(lines)
