"""Taking a delete back: what will come back, and the removal of the delete markers that it made."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing

from tui.panes.s3.change.deleting import SHOWN
from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.s3 import FailedKey, Name, S3Service
from tui.services.s3.deleting.marker_look import MarkerState
from tui.services.s3.deleting.undo_stack import UndoableDelete
from tui.widgets.text.safe_text import visible

LEFT_ALONE = (MarkerState.COVERED, MarkerState.GONE, MarkerState.EMPTY)
"""States in which removing the marker brings nothing back."""


def worth_removing(markers: Sequence[Name], states: Mapping[Name, MarkerState]) -> tuple[Name, ...]:
    """The markers to remove; all of them where nothing is known of them."""
    return tuple(each for each in markers if states.get(each) not in LEFT_ALONE)


def undo_question(
    undone: UndoableDelete, states: Mapping[Name, MarkerState], where: str, others: int
) -> str:
    """What comes back, and what is left alone and why. `others` are deletes that can be undone
    after this one."""
    wanted = worth_removing(undone.markers, states)
    amount = counted(len(wanted), "delete marker", "delete markers")
    lines = [
        f"{amount} of the bucket {undone.bucket} will be removed: the delete of "
        f"{undone.when:%Y-%m-%d %H:%M:%S} UTC.",
        where,
    ]
    unknown = len(undone.markers) - len(states)
    if unknown:
        lines.append(
            f"Of {counted(unknown, 'key')} it is unknown what was written since (to look "
            "needs s3:ListBucketVersions, and has an end): it stays on top."
        )
    lines += ["", *_names(wanted, states, {MarkerState.DOUBLE})]
    left = [each for each in undone.markers if states.get(each) in LEFT_ALONE]
    if left:
        lines += ["", f"Left alone: {len(left):,}", *_names(left, states, set(LEFT_ALONE))]
    if others:
        lines += ["", f"Deletes before it that can be undone after it: {others:,}"]
    return "\n".join(lines)


def _names(
    names: Sequence[Name], states: Mapping[Name, MarkerState], said: Collection[MarkerState]
) -> list[str]:
    lines = []
    for each in names[:SHOWN]:
        state = states.get(each)
        why = f": {state.value}" if state is not None and state in said else ""
        lines.append(f"  {visible(each.key, edges=True)}{why}")
    if len(names) > SHOWN:
        lines.append(f"  … and {len(names) - SHOWN:,} more")
    return lines


class MarkerRemoval:
    """Delete markers that are being removed, or were."""

    def __init__(self, bucket: str, markers: Sequence[Name]) -> None:
        self.stopped = False
        """Whether no other call is to begin."""
        self.left = list(markers)
        """Those that are not removed."""
        self._bucket = bucket
        self._keys = len({each.key for each in markers})
        self._failed: list[FailedKey] = []
        self._error: ServiceError | None = None

    @property
    def state(self) -> str:
        """How far it is."""
        ends = "stopping…" if self.stopped else "Esc stops"
        return f"brought back {self._done:,} of {self._keys:,}, {ends}"

    @property
    def _done(self) -> int:
        # An object of which several tries made markers is back when the last of them is gone.
        return self._keys - len({each.key for each in self.left})

    async def run(self, s3: S3Service, at: Connection) -> AsyncGenerator[Sequence[str], None]:
        """Remove until none is left. An error ends it, and is part of the `problem`."""
        try:
            async with aclosing(s3.remove_markers(self._bucket, self.left, at=at)) as outcomes:
                async for outcome in outcomes:
                    gone = set(outcome.removed)
                    self.left = [each for each in self.left if each not in gone]
                    self._failed += outcome.failed
                    yield ()
                    if self.stopped:
                        return
        except ServiceError as error:
            self._error = error

    @property
    def report(self) -> str:
        """What is back, in a sentence; empty if nothing is."""
        return f"{counted(self._done, 'object is', 'objects are')} back." if self._done else ""

    @property
    def problem(self) -> ServiceError | None:
        """What is not back, and why; None if everything is."""
        if not self.left:
            return None
        causes = [f"{each.key}: {each.code} {each.message}" for each in self._failed[:SHOWN]]
        if self._error is not None:
            causes.append(str(self._error))
        return ServiceError(
            f"{counted(len(self.left), 'delete marker was', 'delete markers were')} not removed.",
            cause="\n".join(causes) or "Stopped with Esc.",
            hint="Press U to try again.",
            kind=self._error.kind if self._error else ErrorKind.OTHER,
        )
