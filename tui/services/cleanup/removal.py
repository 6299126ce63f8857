"""What removing one resource is given, and the outcomes that all kinds share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tui.services.cleanup.report import Outcome, StepProgress, StepResult
from tui.services.cleanup.step import Step
from tui.services.cleanup.stores import Stores, Tunables
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import elapsed_text
from tui.services.s3 import ObjectVersion


async def pause(stop: asyncio.Event, seconds: float) -> bool:
    """Wait for `seconds`, or less if the user stops; whether the user stopped."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True


class Allowance:
    """Shared by every bucket of a run, so that many buckets may not lose more than one may."""

    def __init__(self, count: int | None = None, size_bytes: int | None = None) -> None:
        """Versions and bytes that may go; None for any number."""
        self._count = count
        self._bytes = size_bytes

    def take(self, versions: Sequence[ObjectVersion]) -> list[ObjectVersion]:
        """Those of `versions`, from the first on, that may still go; they are counted as gone."""
        taken: list[ObjectVersion] = []
        for version in versions:
            if self._count is not None:
                if self._count < 1:
                    break
                self._count -= 1
            if self._bytes is not None:
                if self._bytes < version.size_bytes:
                    break
                self._bytes -= version.size_bytes
            taken.append(version)
        return taken


@dataclass
class Removal:
    """One step under way."""

    stores: Stores
    step: Step
    tunables: Tunables
    stop: asyncio.Event
    emit: Callable[[StepProgress], None]
    allowance: Allowance = field(default_factory=Allowance)
    """What may go from buckets; the same for the whole run."""
    began: float = field(default_factory=time.monotonic)
    did: list[str] = field(default_factory=list)
    remains: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.step.resource.name

    @property
    def seconds(self) -> float:
        """Since the step began."""
        return time.monotonic() - self.began

    def progress(
        self,
        phase: str,
        done: int | None = None,
        total: int | None = None,
        size_bytes: int | None = None,
    ) -> None:
        """Say where the step is."""
        self.emit(StepProgress(self.step.ref, phase, done, total, size_bytes, self.seconds))

    async def wait_for_next_look(self, state: str) -> bool:
        """Wait before looking again, saying how long it takes; whether the user stopped."""
        # A tenth of the time waited so far: soon for what is quick, seldom for what is slow.
        until = self.seconds + min(self.tunables.poll, max(1.0, self.seconds / 10))
        while (left := until - self.seconds) > 0:
            self.progress(f"{state}, {elapsed_text(self.seconds)}")
            if await pause(self.stop, min(left, 1.0)):
                return True
        return False

    def ended(
        self, result: StepResult, *, problem: str = "", cause: str = "", hint: str = ""
    ) -> Outcome:
        """The outcome with all that was done and what remains so far."""
        return Outcome(
            ref=self.step.ref,
            result=result,
            did=tuple(self.did),
            remains=tuple(self.remains),
            problem=problem,
            cause=cause,
            hint=hint,
            seconds=self.seconds,
        )

    def failed(self, error: ServiceError) -> Outcome:
        """The outcome of an error; PARTLY if something was done before it, UNKNOWN if the answer
        to the last call was lost."""
        result = StepResult.PARTLY if self.did else StepResult.FAILED
        if error.kind is ErrorKind.UNKNOWN:
            result = StepResult.UNKNOWN
        return self.ended(result, problem=error.message, cause=error.cause, hint=error.hint)

    def replaced(self, now: str | None) -> bool:
        """Whether another resource took the name since the plan was made."""
        planned = self.step.resource.identity
        return planned is not None and now is not None and planned != now

    def not_the_same(self) -> Outcome:
        """The outcome for a resource that took the name since."""
        return self.ended(
            StepResult.LEFT,
            problem="Another resource has this name now; it was left alone.",
            hint="Look at it, then make a new plan.",
        )
