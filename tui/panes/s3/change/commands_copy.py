"""Commands that copy, move and rename objects and prefixes, on the server's side."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import chain

from tui.panes.s3.change.commands_delete import counted_tree, refuse_while_at_work, where_text
from tui.panes.s3.change.destination import more_copies, parse_destination, plan_copies
from tui.panes.s3.change.terms import terms_text
from tui.panes.s3.commands_transfer import follow
from tui.panes.s3.view import S3View
from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted, size_text
from tui.services.s3 import CopyTerms, ObjectCopy
from tui.services.transfers import ConflictPolicy
from tui.services.transfers.more import MoreCopies
from tui.services.transfers.planning.copy_batches import left_of
from tui.services.transfers.planning.copy_plan import CopyPlan, kept_both
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.dialogs.dialogs import Choice, Choose, Confirm
from tui.widgets.dialogs.forms import FormDialog, TextField, Values
from tui.widgets.text.safe_text import visible

PREVIEWED = 20_000
"""Objects that are planned before the copy begins; more are looked for while it runs."""

SHOWN = 5
"""Copies that the plan names; the rest are counted."""

_OF_FIRST = (
    "There are very many objects. This is the plan of the first {:,}; the others are looked for "
    "while it runs, and what you choose is done with them, too."
)

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
    tree = await counted_tree(view, at, enough=PREVIEWED)
    if tree is None:
        return
    word = "Move" if moves else "Copy"

    async def submit(values: Values) -> tuple[CopyPlan, CopyTerms, MoreCopies | None]:
        destination = parse_destination(values["to"], here)
        plan = await plan_copies(browser.s3, tree, here.folder, destination, at=at)
        more = await asyncio.to_thread(more_copies, tree, here.folder, destination)
        return plan, await browser.s3.copy_terms(here.bucket, destination.bucket, at=at), more

    names = [*tree.prefixes[:2], *tree.keys[: min(tree.named, 2)]]
    single = names[0].removesuffix("/") if len(names) == 1 else here.folder
    field = TextField("to", "To", f"s3://{here.bucket}/{single}", note=_NOTE)
    form = FormDialog(
        f"{word} {tree.amount}", [field], submit=submit, submit_label="Plan", only_reads=True
    )
    planned = await view.ask(form, follows=True)
    if planned is None:
        return
    plan, terms, more = planned
    to_bucket = plan.destination.bucket
    said = terms_text(terms, to_bucket, moves=moves, is_aws=at.endpoint is None)
    body = plan_text(plan, f"{where_text(view, to_bucket)}\n{said}", moves=moves)
    if more is not None:
        body = f"{_OF_FIRST.format(len(tree.objects))}\n\n{body}"
    decided = await _decided(view, plan, word, body, at, is_large=more is not None)
    found = plan.identical if moves else []
    if decided is None:
        return
    copies, policy = decided
    await view.services.transfers.start_copies(
        copies,
        buckets=(here.bucket, to_bucket),
        found=found,
        left=await asyncio.to_thread(left_of, plan, policy, moves=moves),
        moves=moves,
        place=str(plan.destination),
        at=at,
        more=replace(more, policy=policy) if more is not None else None,
    )
    await browser.unmark(chain(tree.prefixes, tree.keys))
    follow(view)


async def _decided(
    view: S3View, plan: CopyPlan, word: str, body: str, at: Connection, *, is_large: bool
) -> tuple[list[ObjectCopy], ConflictPolicy] | None:
    """The copies that are to be made, and what is done where something else is; None if the user
    left, or nothing is to be done. `is_large` says that there are more than those of the plan."""
    moves = word == "Move"
    if plan.is_done(moves=moves) and not is_large:
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
    if not plan.different and not is_large:
        sure = await view.ask(Confirm(f"{word}?", body, yes=word))
        return (plan.free, ConflictPolicy.SKIP) if sure else None
    chosen = await view.ask(
        Choose(
            f"{word}? Some names {'may ' if is_large else ''}hold something else",
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
        names = counted(len(plan.different), "name")
        if is_large:
            names += ", and at more that are found on the way,"
        lost = f"What is at {names} is lost, or an old version."
        sure = await view.ask(
            Confirm("Overwrite?", f"{lost}\n\n{body}", yes="Overwrite", danger=True)
        )
        return (plan.overwriting(), ConflictPolicy.OVERWRITE) if sure else None
    if chosen == "both":
        return await kept_both(view.browser.s3, plan, at=at), ConflictPolicy.KEEP_BOTH
    is_done = plan.is_done(moves=moves, skips=True) and not is_large
    return (plan.free, ConflictPolicy.SKIP) if chosen and not is_done else None


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
