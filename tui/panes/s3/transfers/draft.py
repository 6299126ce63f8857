"""A plan in the making: what was found, what is asked for, what was decided.

The dialogs draw it and put into it what is typed; it knows no screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from tui.panes.s3.transfers.plan_text import conflicts_text, exist_text, left_out_text
from tui.services.errors import ServiceError
from tui.services.quantities import counted, size_text
from tui.services.s3.properties.upload_attributes import DEFAULTS
from tui.services.transfers import (
    ConflictPolicy,
    DownloadItem,
    DownloadPlan,
    Leftover,
    Pattern,
    Problem,
    SyncPlan,
    TransferService,
    Twins,
    UploadItem,
    UploadPlan,
    Verdicts,
    read_patterns,
)
from tui.services.transfers.feeding import More

PlanT = TypeVar("PlanT", UploadPlan, DownloadPlan, SyncPlan)

PREVIEWED = 20_000
"""Files of which a first plan is shown while the others are still looked for or planned."""

COMPARED = 2_000
COMPARED_BYTES = 1024**3
"""Files of the size of what exists, and their bytes, that are read to tell identical from
different; of the others only the size is said to be the same."""

DRAWN_EVERY = 100
"""Comparisons between two looks at what they say."""

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
    more: More | None = None
    """Where there are more files than the plan holds; None if it holds all."""


class PlanDraft(Generic[PlanT]):
    """Patterns, a policy and the plan. Subclasses find the files and make the plan."""

    def __init__(self, transfers: TransferService) -> None:
        self._transfers = transfers
        self.changed: Callable[[], None] = lambda: None
        """Called when there is something else to draw."""
        self.enough: Callable[[], None] = lambda: None
        """Called when there is so much that the plan holds the first files only."""
        self.is_large = False
        """Whether there are more files than the plan holds: they are counted, and found again while
        the transfer runs, which may begin before all are counted."""
        self.patterns = ""
        """As they were typed."""
        self.policy = ConflictPolicy.SKIP
        self.overrides: dict[str, ConflictPolicy] = {}
        self.problems: list[Problem] = []
        self.attributes = DEFAULTS
        """What every object of an upload gets."""
        self.verdicts: Verdicts = {}
        """Whether what exists holds the same, as far as it was compared."""
        self.plan: PlanT | None = None
        """The last one; it may still be unchecked, or about what was asked for before."""
        self.collected = False
        """Whether everything was found, so that a plan can be made."""
        self._found = 0
        self._bytes = 0
        """Of all files, where there are very many."""
        self._part: str | None = None
        """What is to be said of a plan that is not about all files, or not about the whole line of
        patterns; None for one that is."""
        self._first: int | None = None
        """How many files a plan is about that is not about all; None for the others."""
        self.has_failed = False
        """Whether there is no plan because something failed."""
        self._checked = False
        self._planned_for: tuple[object, ...] = ()
        self._wanted = False
        """Whether the start was asked for before the plan was ready."""
        self._held_back = False
        """Whether a start that was asked for early met something to decide."""

    # -- to be given by a subclass ---------------------------------------------------------

    async def _collect(self) -> None:
        """Find what is to be transferred, awaiting `_count` on the way."""
        raise NotImplementedError

    async def _build(self, patterns: tuple[Pattern, ...], first: int | None = None) -> PlanT:
        """The plan of everything, or of the `first` files that were found, not checked yet."""
        raise NotImplementedError

    async def _check(self, plan: PlanT) -> PlanT:
        """The plan with what can only be asked when it is made."""
        return plan

    def twins(self, plan: PlanT) -> Sequence[Twins]:
        """The conflicts of one size, to be compared."""
        return ()

    def same(self, item: UploadItem | DownloadItem) -> bool | None:
        """Whether what exists holds the same as what would replace it; None if not known."""
        if item.existing is None or item.existing.size != item.size:
            return False
        return self.verdicts.get(twins_name(item))

    def more_to_say(self, plan: PlanT) -> Sequence[str]:
        """What else there is to look at before the start."""
        return ()

    def said_of_others(self) -> Sequence[str]:
        """What is to be said of the files that the plan does not hold."""
        return ()

    # -- finding and planning --------------------------------------------------------------

    @property
    def asked(self) -> tuple[object, ...]:
        """What the plan is made of, besides the files."""
        return (self.patterns,)

    @property
    def can_plan(self) -> bool:
        """Whether anything was found of which there can be a plan."""
        return self.collected or self._found > 0

    @property
    def ready(self) -> bool:
        """Whether `plan` is about what is asked for, and its conflicts are known."""
        return self.plan is not None and self._checked and self._planned_for == self.asked

    @property
    def is_looking(self) -> bool:
        """Whether what exists is still to be looked up for the plan that is shown."""
        return not self._checked

    async def collect(self) -> None:
        """Find what is to be transferred, from the start if that failed. Raises ServiceError."""
        self.has_failed, self.is_large, self._found, self._bytes = False, False, 0, 0
        self.problems.clear()
        try:
            await self._collect()
        except ServiceError:
            self._fail()
            raise
        self.collected = True

    async def _count(self, found: int) -> None:
        is_enough = self._found < PREVIEWED <= found
        self._found = found
        self.changed()
        if is_enough and self.plan is None and not self.patterns:
            await self._preview((), "")

    def _beyond(self, held: int, files: int, size: int) -> None:
        """Count files that the plan does not hold; `held` are the bytes of those that it does."""
        if not self.is_large:
            self.is_large = True
            self._bytes = held
            self.enough()
        self._found += files
        self._bytes += size
        self.changed()

    async def make(self) -> Decided[PlanT] | None:
        """Make the plan for what is asked for. Raises ServiceError.

        Until everything is found, and while the patterns are being typed, it is a preview, which
        cannot be started. Gives the decision if the start was asked for before, and there is
        nothing to decide.
        """
        asked = self.asked
        try:
            typed = read_patterns(self.patterns)
            unfinished = typed.unfinished.message if typed.unfinished is not None else ""
            can_start = self.collected or self.is_large
            if unfinished or not can_start or (self._found > PREVIEWED and not self.is_large):
                await self._preview(typed.patterns, unfinished)
            if unfinished or not can_start:
                return None
            plan = await self._build(typed.patterns)
            self._show(plan)
            plan = await self._check(plan)
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

    async def compare(self) -> None:
        """Tell identical from different among what exists, as far as that is quick. Raises
        ServiceError."""
        plan = self.plan
        if plan is None or not self.ready:
            return
        few: list[Twins] = []
        size = 0
        for each in self.twins(plan)[:COMPARED]:
            size += each.object.size
            if each.name not in self.verdicts and size <= COMPARED_BYTES:
                few.append(each)

        def progress(done: int) -> None:
            if done % DRAWN_EVERY == 0 or done == len(few):
                self.changed()

        await self._transfers.comparer.compare(few, self.verdicts, at=plan.at, progress=progress)

    async def _preview(self, patterns: tuple[Pattern, ...], unfinished: str) -> None:
        first, asked = min(self._found, PREVIEWED), self.asked
        plan = await self._build(patterns, first)
        if self.asked != asked:
            return
        of_some = first < self._found or not self.collected
        self._first = first if of_some else None
        self._show(plan, part=f"Not finished: {unfinished}" if unfinished else "")

    def _show(self, plan: PlanT, *, checked: bool = False, part: str | None = None) -> None:
        self.plan = plan
        self._part = part
        self._checked = checked
        self.has_failed = self._held_back = False
        self.changed()

    def _fail(self) -> None:
        # Rows of an earlier plan must not stand under the reason why there is none.
        self.plan = None
        self.has_failed = True
        self._wanted = self._held_back = False
        self.changed()

    # -- deciding --------------------------------------------------------------------------

    def policy_of(self, key: str) -> ConflictPolicy:
        """What happens to an existing key."""
        return self.overrides.get(key, self.policy)

    def policies(self) -> Callable[[str], ConflictPolicy]:
        """`policy_of` as it is now, for a thread."""
        policy, overrides = self.policy, dict(self.overrides)
        return lambda key: overrides.get(key, policy)

    @property
    def list_folder(self) -> Path:
        """Where a file with the list of the plan is offered to be written."""
        folders = self._transfers.folders
        return folders.last_download or folders.start

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
    def may_overwrite(self) -> bool:
        """Whether files beyond those of the plan may be replaced, too."""
        return self.is_large and self.policy is ConflictPolicy.OVERWRITE

    @property
    def can_start(self) -> bool:
        is_something = self.plan is not None and (bool(self.plan.items) or self.is_large)
        return self.ready and is_something

    def start(self) -> Decided[PlanT] | None:
        """Agree to the plan that is shown; one that is not ready is waited for, and shown first if
        there is something to decide. None if it does not start now.
        """
        if not self.ready or self.plan is None:
            self._wanted = True
            self.changed()
            return None
        return self._decided(self.plan) if self.can_start else None

    def _decided(self, plan: PlanT) -> Decided[PlanT]:
        return Decided(plan, self.policy, dict(self.overrides), more=self.more)

    @property
    def more(self) -> More | None:
        """Where the files are that the plan does not hold; None if it holds all."""
        return None

    # -- in words --------------------------------------------------------------------------

    @property
    def state(self) -> str:
        """The line above the preview."""
        if self.has_failed:
            return NO_PLAN
        looking = f"Looking for files: {counted(self._found, 'file')} so far…"
        if self.plan is None:
            return looking
        said = self._state_of(self.plan)
        if self.is_large:
            found = f"{counted(self._found, 'file')}, {size_text(self._bytes)}"
            if self.patterns:
                found += " before the patterns"
            looking = "." if self.collected else " so far, still looking…"
            first = f"Of the first {PREVIEWED:,}: {said}{'' if said.endswith('…') else '.'}"
            rest = f"{'; '.join(('The others are looked up as it goes', *self.said_of_others()))}."
            return " ".join(filter(None, (found + looking, self._part, first, rest)))
        if self._part is None:
            return said
        first = "" if self._first is None else f"Of the first {counted(self._first, 'file')}:"
        looking = "" if self.collected else looking
        return " ".join(filter(None, (looking, self._part, first, said)))

    @property
    def not_listed(self) -> str:
        """Which files the plan does not hold, as a sentence; empty if it holds all."""
        if self.is_large:
            return f"Only the first {PREVIEWED:,} files are listed: the others are looked up later."
        if self._part is not None and not self.collected:
            return "Only what was found first is listed: more is being looked for."
        return ""

    def _state_of(self, plan: PlanT) -> str:
        parts: list[str] = [f"{counted(len(plan.items), 'file')}, {size_text(plan.bytes)}"]
        if plan.conflicts:
            parts.append(self._conflicts_text(plan))
        if plan.left_out.by:
            parts.append(left_out_text(plan.left_out))
        if plan.problems:
            parts.append(f"{len(plan.problems):,} left out, with the reason")
        parts.extend(self.more_to_say(plan))
        if not self._checked and self._part is None:
            parts.append("checking what exists already…")
        return "; ".join(parts)

    def _conflicts_text(self, plan: PlanT) -> str:
        if not self._checked:
            return exist_text(len(plan.conflicts))
        return conflicts_text([self.same(item) for item in plan.conflicts], len(plan.items))

    @property
    def hint(self) -> str:
        """The keys that work now."""
        if self._wanted:
            return HINT_WAITING
        if self._held_back:
            return HINT_DECIDE
        return HINT_WITH_CONFLICTS if self.plan is not None and self.plan.conflicts else HINT


def twins_name(item: UploadItem | DownloadItem) -> str:
    """What the verdict on a conflict is kept under: the same key may get another file."""
    path = item.path if isinstance(item, UploadItem) else item.target
    return f"{path}\0{item.key}"
