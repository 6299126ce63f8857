"""What the user has settled about a server before any statement is sent to it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """How carefully a server is to be treated."""

    production: bool = False
    """Whether it is marked as production, which every pane that is connected to it says."""
    read_only: bool = False
    """Whether its sessions let only reading through, whatever the profile allows."""
    manual_commit: bool | None = None
    """Whether its sessions begin with manual commit; None: production does, all others follow the
    settings."""

    def commits_by_hand(self, otherwise: bool) -> bool:
        """Whether a session begins with manual commit; `otherwise`: what the settings say."""
        if self.manual_commit is not None:
            return self.manual_commit
        return otherwise or (self.production and not self.read_only)
