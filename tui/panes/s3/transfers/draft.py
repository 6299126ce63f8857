"""A plan in the making: what was found, what is asked for, what was decided.

The dialogs draw it and put into it what is typed; it knows no screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from tui.services.aws import Connection
from tui.services.errors import ServiceError
from tui.services.quantities import counted, size_text
from tui.services.s3 import ObjectVersion
from tui.services.transfers import (
    ConflictPolicy,
    DownloadPlan,
    Leftover,
    LocalFile,
    Pattern,
    Problem,
    RemoteObject,
    TransferService,
    UploadPlan,
    build_download_plan,
    build_upload_plan,
    parse_patterns,
)
from tui.services.transfers.chosen_versions import remote_versions

PlanT = TypeVar("PlanT", UploadPlan, DownloadPlan)

HINT = ""
HINT_WAITING = "Starts as soon as the plan is ready"
HINT_DECIDE = "Not started yet, because there is something to look at first"
HINT_WITH_CONFLICTS = "Space in the list changes a row"

NO_PLAN = "There is no plan to start:"
"""Above the reason."""

_NEXT = {
    ConflictPolicy.SKIP: ConflictPolicy.OVERWRITE,
    ConflictPolicy.OVERWRITE: ConflictPolicy.KEEP_BOTH,
    ConflictPolicy.KEEP_BOTH: ConflictPolicy.SKIP,
}


@dataclass(frozen=True)
class Decided(Generic[PlanT]):
    """A plan that was agreed to."""

    plan: PlanT
    policy: ConflictPolicy
    overrides: dict[str, ConflictPolicy]
    """Keys for which something else was chosen."""
    leftovers: tuple[Leftover, ...] = ()
    """Unfinished files of earlier downloads that are to be removed."""


class PlanDraft(Generic[PlanT]):
    """Patterns, a policy and the plan. Subclasses find the files and make the plan."""

    def __init__(self, transfers: TransferService) -> None:
        self._transfers = transfers
        self.changed: Callable[[], None] = lambda: None
        """Called when there is something else to draw."""
        self.patterns = ""
        """As they were typed."""
        self.policy = ConflictPolicy.SKIP
        self.overrides: dict[str, ConflictPolicy] = {}
        self.problems: list[Problem] = []
        self.plan: PlanT | None = None
        """The last one; it may still be unchecked, or about what was asked for before."""
        self.collected = False
        """Whether everything was found, so that a plan can be made."""
        self._found = 0
        self._failed = False
        self._checked = False
        self._planned_for: tuple[object, ...] = ()
        self._wanted = False
        """Whether the start was asked for before the plan was ready."""
        self._held_back = False
        """Whether a start that was asked for early met something to decide."""

    # -- to be given by a subclass ---------------------------------------------------------

    async def _collect(self) -> None:
        """Find what is to be transferred, calling `_count` on the way."""
        raise NotImplementedError

    async def _make(self, patterns: tuple[Pattern, ...]) -> PlanT:
        """The plan for what is asked for; calls `_show` when it has a first one."""
        raise NotImplementedError

    def more_to_say(self, plan: PlanT) -> Sequence[str]:
        """What else there is to look at before the start."""
        return ()

    # -- finding and planning --------------------------------------------------------------

    @property
    def asked(self) -> tuple[object, ...]:
        """What the plan is made of, besides the files."""
        return (self.patterns,)

    @property
    def ready(self) -> bool:
        """Whether `plan` is about what is asked for, and its conflicts are known."""
        return self.plan is not None and self._checked and self._planned_for == self.asked

    async def collect(self) -> None:
        """Find what is to be transferred. Raises ServiceError."""
        try:
            await self._collect()
        except ServiceError:
            self._fail()
            raise
        self.collected = True

    def _count(self, found: int) -> None:
        self._found = found
        self.changed()

    async def make(self) -> Decided[PlanT] | None:
        """Make the plan for what is asked for. Raises ServiceError.

        Gives the decision if the start was asked for before, and there is nothing to decide.
        """
        asked = self.asked
        try:
            plan = await self._make(parse_patterns(self.patterns))
        except ServiceError:
            self._fail()
            raise
        self._planned_for = asked
        self._show(plan, checked=True)
        if not self._wanted or not self.ready:
            return None
        self._wanted = False
        self._held_back = bool(plan.conflicts or plan.problems or self.more_to_say(plan))
        self.changed()
        return None if self._held_back else self.start()

    def _show(self, plan: PlanT, *, checked: bool = False) -> None:
        self.plan = plan
        self._checked = checked
        self._failed = self._held_back = False
        self.changed()

    def _fail(self) -> None:
        # Rows of an earlier plan must not stand under the reason why there is none.
        self.plan = None
        self._failed = True
        self._wanted = self._held_back = False
        self.changed()

    # -- deciding --------------------------------------------------------------------------

    def policy_of(self, key: str) -> ConflictPolicy:
        """What happens to an existing key."""
        return self.overrides.get(key, self.policy)

    def choose(self, policy: ConflictPolicy) -> None:
        """What happens to every existing key."""
        self.policy = policy
        self.overrides.clear()
        self.changed()

    def change(self, key: str) -> None:
        """Another policy for this existing key alone."""
        self.overrides[key] = _NEXT[self.policy_of(key)]
        self.changed()

    @property
    def overwritten(self) -> int:
        """How many existing keys or files will be replaced."""
        conflicts = self.plan.conflicts if self.plan is not None else ()
        return sum(self.policy_of(item.key) is ConflictPolicy.OVERWRITE for item in conflicts)

    @property
    def can_start(self) -> bool:
        return self.ready and self.plan is not None and bool(self.plan.items)

    def start(self) -> Decided[PlanT] | None:
        """Agree to the plan that is shown; one that is not ready is waited for, and shown first if
        there is something to decide. None if it does not start now.
        """
        if not self.ready or self.plan is None:
            self._wanted = True
            self.changed()
            return None
        return self._decided(self.plan) if self.plan.items else None

    def _decided(self, plan: PlanT) -> Decided[PlanT]:
        return Decided(plan, self.policy, dict(self.overrides))

    # -- in words --------------------------------------------------------------------------

    @property
    def state(self) -> str:
        """The line above the preview."""
        if self._failed:
            return NO_PLAN
        if self.plan is None:
            return f"Looking for files: {counted(self._found, 'file')} so far…"
        plan = self.plan
        parts: list[str] = [f"{counted(len(plan.items), 'file')}, {size_text(plan.bytes)}"]
        if plan.conflicts:
            parts.append(f"{counted(len(plan.conflicts), 'exists', 'exist')} already")
        if plan.excluded:
            parts.append(f"{plan.excluded:,} excluded by the patterns")
        if plan.problems:
            parts.append(f"{len(plan.problems):,} left out, with the reason")
        parts.extend(self.more_to_say(plan))
        if not self._checked:
            parts.append("checking what exists already…")
        return "; ".join(parts)

    @property
    def hint(self) -> str:
        """The keys that work now."""
        if self._wanted:
            return HINT_WAITING
        if self._held_back:
            return HINT_DECIDE
        return HINT_WITH_CONFLICTS if self.plan is not None and self.plan.conflicts else HINT


class UploadDraft(PlanDraft[UploadPlan]):
    """The files that were picked, and the folder that they go into."""

    def __init__(
        self,
        transfers: TransferService,
        paths: Sequence[Path],
        bucket: str,
        folder: str,
        *,
        at: Connection,
    ) -> None:
        super().__init__(transfers)
        self.paths = tuple(paths)
        self.bucket = bucket
        self.folder = folder
        """As it was typed."""
        self.keep_folder_names = True
        self.at = at
        """Where and as whom the bucket was chosen."""
        self.files: list[LocalFile] = []

    @property
    def asked(self) -> tuple[object, ...]:
        return (self.patterns, self.folder, self.keep_folder_names)

    @property
    def prefix(self) -> str:
        """The folder that was typed, as a prefix: it appears by itself with its first key."""
        folder = self.folder
        return f"{folder}/" if folder and not folder.endswith("/") else folder

    @property
    def has_folders(self) -> bool:
        """Whether folders were picked, whose names may be in the keys or not."""
        return any(file.root_name for file in self.files)

    async def _collect(self) -> None:
        async for batch in self._transfers.planner.walk(self.paths):
            self.files.extend(batch.files)
            self.problems.extend(batch.problems)
            self._count(len(self.files))

    async def _make(self, patterns: tuple[Pattern, ...]) -> UploadPlan:
        plan = await self._transfers.planner.build(
            build_upload_plan,
            self.files,
            self.problems,
            bucket=self.bucket,
            prefix=self.prefix,
            at=self.at,
            patterns=patterns,
            keep_folder_names=self.keep_folder_names,
        )
        self._show(plan)
        return await self._transfers.planner.check(plan)

    def more_to_say(self, plan: UploadPlan) -> Sequence[str]:
        said = []
        if any(part != part.strip() for part in plan.prefix.split("/")):
            said.append(f"the folder has blanks around a name: “{plan.prefix}”")
        if plan.links:
            count = counted(len(plan.links), "is a link", "are links")
            said.append(f"{count} (→): what it leads to is sent")
        if plan.hidden:
            count = counted(plan.hidden, "is hidden", "are hidden")
            said.append(f"{count} (a dot before the name)")
        if self._checked and plan.unchecked:
            said.append(f"{plan.unchecked:,} could not be looked up: what exists is left alone")
        return said


@dataclass(frozen=True)
class DownloadSource:
    """What is to be downloaded."""

    bucket: str
    keys: tuple[str, ...]
    prefixes: tuple[str, ...]
    base: str
    """The prefix that every key and prefix begins with; local names begin after it."""
    at: Connection
    """Where and as whom it was chosen."""
    versions: tuple[ObjectVersion, ...] = ()
    """Versions that were chosen, beside the keys and prefixes."""


class DownloadDraft(PlanDraft[DownloadPlan]):
    """The objects that were chosen, and the folder that they go into."""

    def __init__(self, transfers: TransferService, source: DownloadSource, folder: Path) -> None:
        super().__init__(transfers)
        self.source = source
        self.folder = folder
        self.objects: list[RemoteObject] = []
        self.leftovers: tuple[Leftover, ...] = ()
        """Unfinished files of earlier downloads, in the folders that are written into."""
        self.remove_leftovers = False

    async def _collect(self) -> None:
        source = self.source
        self.objects.extend(remote_versions(source.versions, source.base))
        found = self._transfers.planner.objects(
            source.bucket, source.keys, source.prefixes, base=source.base, at=source.at
        )
        async for answer in found:
            if isinstance(answer, Problem):
                self.problems.append(answer)
            else:
                self.objects.extend(answer)
            self._count(len(self.objects))

    async def _make(self, patterns: tuple[Pattern, ...]) -> DownloadPlan:
        plan = await self._transfers.planner.build(
            build_download_plan,
            self.objects,
            self.problems,
            bucket=self.source.bucket,
            folder=self.folder,
            at=self.source.at,
            patterns=patterns,
        )
        self.leftovers = await self._transfers.leftovers.beside(plan)
        return plan

    def _decided(self, plan: DownloadPlan) -> Decided[DownloadPlan]:
        wanted = self.leftovers if self.remove_leftovers else ()
        return Decided(plan, self.policy, dict(self.overrides), wanted)

    def more_to_say(self, plan: DownloadPlan) -> Sequence[str]:
        renamed = len(plan.renamed)
        return (f"{renamed:,} get another name here",) if renamed else ()
