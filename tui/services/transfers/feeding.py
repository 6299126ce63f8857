"""Find the rest of a job's files while it runs, batch by batch."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import aclosing, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from tui.services.aws import Connection
from tui.services.transfers.journal.records import JobRecord
from tui.services.transfers.journal.resuming import destinations
from tui.services.transfers.kept_items import PlannedFile, planned_download, planned_upload
from tui.services.transfers.local.naming import (
    Naming,
    StreamedNames,
    TakenKeys,
    TakenNames,
    chosen_folder,
)
from tui.services.transfers.models import (
    ConflictPolicy,
    Problem,
    RemoteObject,
    UploadPlan,
    WalkPosition,
)
from tui.services.transfers.more import MoreCopies, MoreFiles, MoreObjects
from tui.services.transfers.planning.existing_keys import ExistingKeys
from tui.services.transfers.planning.plan import (
    build_download_plan,
    build_upload_plan,
    with_existing,
)
from tui.services.transfers.planning.planner import Planner
from tui.services.transfers.route import Direction, Route

More: TypeAlias = MoreFiles | MoreObjects | MoreCopies


def more_of(text: str, direction: Direction) -> More | None:
    """What the journal keeps of what is still to be found; None for nothing."""
    if not text:
        return None
    if direction.is_within_s3:
        return MoreCopies.of(text)
    return MoreFiles.of(text) if direction is Direction.UPLOAD else MoreObjects.of(text)


@dataclass(frozen=True, slots=True)
class Batch:
    """The next files of a job."""

    files: tuple[PlannedFile, ...]
    bytes: int
    problems: tuple[Problem, ...]
    more: More
    """What comes after them."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Finds the files of one job that its plan does not hold."""

    planner: Planner
    route: Route
    at: Connection

    @property
    def bucket(self) -> str:
        return self.route.bucket

    def batches(self, more: More, record: JobRecord) -> AsyncGenerator[Batch, None]:
        """The files behind the place where `more` stands; `record` holds those before it. Raises
        ServiceError."""
        if isinstance(more, MoreFiles):
            return self._uploads(more, record)
        if isinstance(more, MoreCopies):
            return self._copies(more, record)
        return self._downloads(more, record)

    async def _uploads(self, more: MoreFiles, record: JobRecord) -> AsyncGenerator[Batch, None]:
        existing = self.planner.existing(self.bucket, more.prefix, self.at)
        with closing(TakenNames()) as taken:
            may_meet = _may_meet(more)
            if may_meet:
                await record.recorder.run(
                    lambda journal: taken.take_all(destinations(journal, record.id))
                )
            async with aclosing(self.planner.walk(more.paths, more.after)) as walked:
                async for batch in walked:
                    plan = await self.planner.build(
                        build_upload_plan,
                        batch.files,
                        batch.problems,
                        bucket=self.bucket,
                        prefix=more.prefix,
                        at=self.at,
                        patterns=more.patterns,
                        keep_folder_names=more.keep_folder_names,
                        attributes=more.attributes,
                        follows_links=more.follows_links,
                    )
                    if may_meet:
                        plan = await self.planner.build(_without_taken, plan, taken)
                    plan = await _checked(self.planner, plan, existing)
                    more = replace(more, after=batch.last)
                    yield Batch(
                        tuple(planned_upload(item, more.policy) for item in plan.items),
                        plan.bytes,
                        plan.problems,
                        more,
                    )

    async def _downloads(self, more: MoreObjects, record: JobRecord) -> AsyncGenerator[Batch, None]:
        folder = chosen_folder(Path(self.route.place))
        with closing(StreamedNames(folder)) as names:
            root = os.fsencode(folder)
            await record.recorder.run(
                lambda journal: names.take_all(
                    _parts(root, path) for path in destinations(journal, record.id)
                )
            )
            naming = Naming(folder, names)
            after = more.after
            for number, prefix in enumerate(more.prefixes):
                if number < after.number:
                    continue
                found = self.planner.objects(
                    self.bucket,
                    (),
                    (prefix,),
                    base=more.base,
                    at=self.at,
                    after=after.inside if number == after.number else "",
                )
                async with aclosing(found) as pages:
                    async for page in pages:
                        objects, problems = _split(page)
                        plan = await self.planner.build(
                            build_download_plan,
                            objects,
                            problems,
                            bucket=self.bucket,
                            folder=folder,
                            at=self.at,
                            patterns=more.patterns,
                            naming=naming,
                        )
                        if objects:
                            more = replace(more, after=WalkPosition(number, objects[-1].key))
                        yield Batch(
                            tuple(planned_download(item, more.policy) for item in plan.items),
                            plan.bytes,
                            plan.problems,
                            more,
                        )

    async def _copies(self, more: MoreCopies, record: JobRecord) -> AsyncGenerator[Batch, None]:
        planner, route, after = self.planner, self.route, more.after
        existing = planner.existing(route.to_bucket, more.to, self.at)
        with closing(TakenNames()) as taken:
            others = None
            if more.policy is ConflictPolicy.KEEP_BOTH:
                others = TakenKeys(taken)
                await record.recorder.run(
                    lambda journal: taken.take_all(destinations(journal, record.id))
                )
            for number, prefix in enumerate(more.prefixes):
                if number < after.number:
                    continue
                behind = after.inside if number == after.number else ""
                found = planner.listed(route.bucket, prefix, after=behind, at=self.at)
                async with aclosing(found) as pages:
                    async for page in pages:
                        batch = await planner.copies(page, route, more, existing, self.at, others)
                        more = replace(more, after=WalkPosition(number, page[-1].key))
                        yield Batch(batch.files, batch.bytes, batch.problems, more)


async def _checked(planner: Planner, plan: UploadPlan, existing: ExistingKeys) -> UploadPlan:
    keys = [item.key for item in plan.items]
    found = await existing.among(keys)
    unchecked = frozenset(keys) if found is None else frozenset[str]()
    return await planner.build(with_existing, plan, dict(found or {}), unchecked)


def _without_taken(plan: UploadPlan, taken: TakenNames) -> UploadPlan:
    items, problems = [], list(plan.problems)
    for item in plan.items:
        if taken.take(item.key.encode("utf-8", "surrogatepass")):
            items.append(item)
        else:
            problems.append(Problem(str(item.path), "another file goes to the same key"))
    return replace(plan, items=tuple(items), problems=tuple(problems))


def _may_meet(more: MoreFiles) -> bool:
    """Whether two of the chosen paths may give the same key."""
    if more.keep_folder_names:
        return len({path.name for path in more.paths}) < len(more.paths)
    return len(more.paths) > 1


def _parts(root: bytes, path: bytes) -> tuple[str, ...]:
    return tuple(os.fsdecode(os.path.relpath(path, root)).split(os.sep))


def _split(
    page: tuple[RemoteObject, ...] | Problem,
) -> tuple[tuple[RemoteObject, ...], tuple[Problem, ...]]:
    return ((), (page,)) if isinstance(page, Problem) else (page, ())
