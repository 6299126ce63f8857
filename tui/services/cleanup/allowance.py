"""How much a run may delete: what was planned to be within the cap stays within it."""

from __future__ import annotations

from collections.abc import Sequence

from tui.services.cleanup.counting import Entry


class Allowance:
    """Shared by every bucket of a run, so that many buckets may not lose more than one may."""

    def __init__(self, count: int | None = None, size_bytes: int | None = None) -> None:
        """Versions and bytes that may go; None for any number."""
        self._count = count
        self._bytes = size_bytes

    def take(self, entries: Sequence[Entry]) -> list[Entry]:
        """Those of `entries`, from the first on, that may still go; they are counted as gone."""
        taken: list[Entry] = []
        for entry in entries:
            if self._count is not None:
                if self._count < 1:
                    break
                self._count -= 1
            if self._bytes is not None:
                if self._bytes < entry.size_bytes:
                    break
                self._bytes -= entry.size_bytes
            taken.append(entry)
        return taken
