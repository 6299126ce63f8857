"""The empty folders that are found on the way: counted, and the first named."""

from __future__ import annotations

from collections.abc import Sequence

from tui.services.transfers.models import EmptyFolders
from tui.services.transfers.patterns import NAMED


class FoundEmpty:
    """Grows while a folder is walked."""

    def __init__(self) -> None:
        self.count = 0
        self._named: list[str] = []

    def add(self, paths: Sequence[str]) -> None:
        """Some more were found."""
        self.count += len(paths)
        self._named += paths[: NAMED - len(self._named)]

    @property
    def folders(self) -> EmptyFolders:
        """Those that were found so far."""
        return EmptyFolders(self.count, tuple(self._named))
