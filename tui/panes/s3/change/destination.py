"""Where copies go: what a person typed, and the key of each copy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import chain, islice

from tui.panes.s3.change.tree import Tree
from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import MAX_KEY_BYTES, S3Location, S3Object, S3Service, key_length
from tui.services.transfers.more import MoreCopies
from tui.services.transfers.planning.copy_plan import (
    CopyPlan,
    Destination,
    recognise,
    sorted_copies,
)


def parse_destination(text: str, here: S3Location) -> Destination:
    """`s3://bucket/key`, or a name in the folder of `here`; taken literally. Raises ServiceError
    (INVALID)."""
    if text.startswith(("s3://", "arn:")):
        there = S3Location.parse(text)
        if there.is_root:
            raise ServiceError("The bucket is missing.", kind=ErrorKind.INVALID)
        return Destination(there.bucket, there.prefix)
    if not text:
        raise ServiceError("Type a name, or s3://bucket/prefix/.", kind=ErrorKind.INVALID)
    return Destination(here.bucket, here.folder + text)


def key_in(destination: Destination, folder: str, tree: Tree) -> Callable[[str], str]:
    """The key of the copy of a key. Raises ServiceError (INVALID) if one name is for several."""
    if destination.is_into:
        return lambda key: destination.key + key[len(folder) :]
    if tree.named + len(tree.prefixes) > 1:
        raise ServiceError(
            "Several things cannot get one name.",
            hint='End it with "/" to put them into that prefix.',
            kind=ErrorKind.INVALID,
        )
    if tree.prefixes:
        prefix = tree.prefixes[0]
        return lambda key: f"{destination.key}/{key[len(prefix) :]}"
    return lambda _: destination.key


async def plan_copies(
    s3: S3Service, tree: Tree, folder: str, destination: Destination, *, at: Connection
) -> CopyPlan:
    """Look up what is at the destination of each object. Raises ServiceError; INVALID where a key
    would be too long, or a copy would be the object itself."""
    # On threads: there may be a million objects.
    wanted = await asyncio.to_thread(_wanted, tree, folder, destination)
    there: dict[str, S3Object] = {}
    async for page in s3.list_existing(destination.bucket, list(wanted), at=at):
        there.update(page)
    plan = await asyncio.to_thread(sorted_copies, tree.bucket, destination, wanted, there)
    await recognise(s3, plan, there, at=at)
    return plan


def _wanted(tree: Tree, folder: str, destination: Destination) -> dict[str, S3Object]:
    key_of = key_in(destination, folder, tree)
    wanted: dict[str, S3Object] = {}
    for each in tree.objects:
        key = key_of(each.key)
        size = key_length(key)
        if not key or size > MAX_KEY_BYTES:
            raise ServiceError(
                f"The copy of {each.key!r} would have a key of {size:,} bytes.",
                hint=f"A key has 1 to {MAX_KEY_BYTES:,} bytes.",
                kind=ErrorKind.INVALID,
            )
        if destination.bucket == tree.bucket and key == each.key:
            raise ServiceError(
                f"{each.key!r} is there already: that is where it comes from.",
                kind=ErrorKind.INVALID,
            )
        wanted[key] = each
    return wanted


def more_copies(tree: Tree, folder: str, destination: Destination) -> MoreCopies | None:
    """Where there are more objects to copy than were counted; None if all were. Raises ServiceError
    (INVALID) where copies would go to where they are looked for."""
    if tree.complete:
        return None
    base, to = folder, destination.key
    if not destination.is_into:
        # `key_in` has refused all but one prefix.
        base, to = tree.prefixes[0], f"{destination.key}/"
    if destination.bucket == tree.bucket:
        for prefix in tree.prefixes:
            goes_to = to + prefix[len(base) :]
            chosen = chain(tree.prefixes, islice(tree.keys, tree.named))
            into = any(goes_to.startswith(each) for each in tree.prefixes)
            if into or any(each.startswith(goes_to) for each in chosen):
                raise ServiceError(
                    f"The copies of {prefix!r} would go to {goes_to!r}, where objects are still "
                    "looked for that are to be copied.",
                    hint="Choose a place outside of what you chose, or do it in two steps.",
                    kind=ErrorKind.INVALID,
                )
    return MoreCopies(tuple(tree.prefixes), base, to, after=tree.last)
