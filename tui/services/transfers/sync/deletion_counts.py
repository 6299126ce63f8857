"""How far a sync is with what it deletes."""

from __future__ import annotations

from dataclasses import dataclass

from tui.services.quantities import counted


@dataclass(frozen=True, slots=True)
class DeletionCounts:
    """The deletions of one job."""

    thing: str
    """What is deleted: "object" or "file"."""
    planned: int
    """Those that were confirmed."""
    done: int = 0
    left: int = 0
    """Those that were changed since they were shown, and stay."""
    failed: int = 0
    can_undo: bool = False
    """Whether `U` brings back what was deleted."""
    is_held_back: bool = False
    """Whether nothing was deleted because not all else has arrived."""
    remark: str = ""
    """What else there is to know; empty for nothing."""

    @property
    def pending(self) -> int:
        """Those of which nothing is known yet."""
        return self.planned - self.done - self.left - self.failed

    @property
    def is_whole(self) -> bool:
        """Whether all that was confirmed is deleted."""
        return self.done == self.planned

    def parts(self, *, is_active: bool) -> list[str]:
        """How it stands or has ended, in a few words each."""
        if is_active:
            return [f"{self.done:,} of {counted(self.planned, self.thing)} deleted"]
        said = [f"{counted(self.done, self.thing)} deleted"] if self.done else []
        if self.left:
            said.append(f"{self.left:,} not deleted because changed since")
        if self.failed:
            said.append(f"{self.failed:,} could not be deleted")
        if self.is_held_back:
            said.append("nothing deleted, because not everything was transferred")
        elif self.pending:
            said.append(f"{self.pending:,} not deleted yet")
        return said
