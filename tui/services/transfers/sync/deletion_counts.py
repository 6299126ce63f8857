"""How far a sync is with what it deletes."""

from __future__ import annotations

from dataclasses import dataclass

from tui.services.quantities import counted

WAITS = "waiting for another window, which holds the journal of transfers"


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
    undoable: int = 0
    """Of how many `U` removes the delete markers."""
    is_held_back: bool = False
    """Whether nothing was deleted because not all else has arrived."""
    waits: bool = False
    """Whether it waits for another window, which holds the journal."""
    remark: str = ""
    """What else there is to know; empty for nothing."""

    @property
    def undo_text(self) -> str:
        """What `U` brings back, in a sentence; empty if it brings nothing back."""
        if not self.undoable:
            return ""
        if self.undoable >= self.done:
            return "U brings them back."
        return f"U brings {self.undoable:,} of them back; v shows what versions the others have."

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
            now = f"{self.done:,} of {counted(self.planned, self.thing)} deleted"
            return [now, WAITS] if self.waits else [now]
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
