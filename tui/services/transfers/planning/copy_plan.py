"""What a copy of objects does: which keys are free, and which hold the same or something else."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass, field, replace

from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import ObjectCopy, S3Object, S3Service
from tui.services.transfers.models import ExistingObject

LOOKED_AT = 200
"""Up to so many objects of equal size and other ETags are looked at for whether they are the same;
where there are more, they count as different."""

LOOKS_AT_ONCE = 8


@dataclass(frozen=True)
class Destination:
    """A bucket, and a key or a prefix in it."""

    bucket: str
    key: str
    """Ending in "/", or empty, it is a prefix that the copies go into; else it is the new name."""

    @property
    def is_into(self) -> bool:
        """Whether the names stay, in another place."""
        return not self.key or self.key.endswith("/")

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass
class CopyPlan:
    """What is copied where, and what is there already."""

    destination: Destination
    free: list[ObjectCopy] = field(default_factory=list)
    identical: list[ObjectCopy] = field(default_factory=list)
    """Whose destination holds the same already: a move only deletes the source."""
    different: list[ObjectCopy] = field(default_factory=list)
    """Whose destination holds something else; `replaces` is what."""
    archived: list[ObjectCopy] = field(default_factory=list)
    """What cannot be copied before it was restored."""

    def is_done(self, *, moves: bool, skips: bool = False) -> bool:
        """Whether nothing is left to do; with `skips`, if what is different is skipped."""
        return not (self.free or (self.different and not skips) or (moves and self.identical))

    def overwriting(self) -> list[ObjectCopy]:
        """The copies, if what is different is overwritten."""
        return [*self.free, *self.different]

    def keeping_both(
        self, there: Collection[str] = (), others: Container[str] = ()
    ) -> list[ObjectCopy]:
        """The copies, if what is there stays and the copy gets a name beside it, none of those
        that are `there`, or that `others` go to."""
        taken = {each.to_key for each in (*self.free, *self.identical, *self.different)} | {*there}
        beside = []
        for each in self.different:
            key = name_beside(each.to_key, taken, others)
            taken.add(key)
            beside.append(replace(each, to_key=key, replaces=""))
        return [*self.free, *beside]


def name_beside(key: str, *taken: Container[str]) -> str:
    """ "a/b (2).txt" for "a/b.txt", or the next number that is not taken."""
    folder, slash, name = key.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, dot, suffix = name, "", ""
    number = 2
    while True:
        new = f"{folder}{slash}{stem} ({number}){dot}{suffix}"
        if not any(new in each for each in taken):
            return new
        number += 1


async def kept_both(
    s3: S3Service, plan: CopyPlan, *, at: Connection, others: Container[str] = ()
) -> list[ObjectCopy]:
    """The copies of `keeping_both`, under names that the destination does not hold. Raises
    ServiceError."""
    there: set[str] = set()
    while True:
        copies = plan.keeping_both(there, others)
        wanted = [each.to_key for each in copies[len(plan.free) :]]
        before = len(there)
        async for page in s3.list_existing(plan.destination.bucket, wanted, at=at):
            there.update(page)
        if len(there) == before:
            return copies


def sorted_copies(
    bucket: str,
    destination: Destination,
    wanted: Mapping[str, S3Object],
    there: Mapping[str, S3Object | ExistingObject],
) -> CopyPlan:
    """The copies that are `wanted`, by their keys, sorted by what is `there`. Raises ServiceError
    (INVALID) where one would take the place of what is to be copied itself."""
    plan = CopyPlan(destination)
    inside = destination.bucket == bucket
    sources = {each.key for each in wanted.values()} if inside else set()
    for key, source in wanted.items():
        copy = ObjectCopy(
            bucket, source.key, source.etag, destination.bucket, key, size=source.size
        )
        held = there.get(key)
        if held is not None and held.etag and (held.etag, held.size) == (source.etag, source.size):
            plan.identical.append(copy)
        elif source.is_archived:
            plan.archived.append(copy)
        elif held is None:
            plan.free.append(copy)
        elif key in sources:
            # Several are under way at once: it could be overwritten before it is copied itself.
            raise ServiceError(
                f"{source.key!r} would get the key {key!r}, which is to be copied or moved itself.",
                hint="Choose a place outside of what you chose, or do it in two steps.",
                kind=ErrorKind.INVALID,
            )
        else:
            plan.different.append(replace(copy, replaces=held.etag))
    return plan


async def recognise(
    s3: S3Service, plan: CopyPlan, there: Mapping[str, S3Object | ExistingObject], *, at: Connection
) -> None:
    """Find those that are the same though their ETags differ: these are not made of the content
    alone where KMS encrypts, or where an object was put together from parts."""
    alike = {each.to_key for each in plan.different if there[each.to_key].size == each.size}
    if len(alike) > LOOKED_AT:
        return
    looks = asyncio.Semaphore(LOOKS_AT_ONCE)

    async def one(copy: ObjectCopy) -> bool:
        async with looks:
            return copy.to_key in alike and await s3.copy_is_made(copy, at=at)

    same = await asyncio.gather(*(one(each) for each in plan.different))
    found = [each for each, is_same in zip(plan.different, same, strict=True) if is_same]
    plan.identical += found
    known = {each.to_key for each in found}
    plan.different = [each for each in plan.different if each.to_key not in known]
