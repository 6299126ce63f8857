"""Removing local files that a sync has found on this machine only."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tui.services.blocking import BlockingPool
from tui.services.placing import ExistingFile, look_at
from tui.services.transfers.local_files import reason_of, resolved
from tui.services.transfers.models import LocalFile, Problem


@dataclass(frozen=True, slots=True)
class Removal:
    """What became of local files that were to be removed."""

    removed: int
    problems: tuple[Problem, ...]


class Remover:
    """Removes files off the event loop."""

    def __init__(self, pool: BlockingPool) -> None:
        self._pool = pool

    async def remove(self, folder: Path, files: Sequence[LocalFile]) -> Removal:
        """Remove local files for good, each only if it is still what was seen: a regular file of
        that size and time, reached without a link. Never a folder."""
        return await self._pool.run(remove_files, folder, files)


def remove_files(folder: Path, files: Sequence[LocalFile]) -> Removal:
    """As `Remover.remove`. Blocking."""
    removed = 0
    problems: list[Problem] = []
    root = resolved(folder)
    for file in files:
        try:
            reason = _kept(folder, root, file)
            if not reason:
                os.unlink(file.path)
                removed += 1
                continue
        except OSError as error:
            reason = reason_of(error)
        problems.append(Problem(str(file.path), reason))
    return Removal(removed, tuple(problems))


def _kept(folder: Path, root: Path, file: LocalFile) -> str:
    """Why a file is not removed, "" if it may be."""
    if not file.path.is_relative_to(folder) or file.leads_to:
        return "it is not in the chosen folder itself"
    if resolved(file.path.parent) != root / file.path.parent.relative_to(folder):
        return "a link leads to it now"
    if file.path.is_symlink() or not file.path.is_file():
        return "it is not a regular file any more"
    if look_at(file.path) != ExistingFile(file.size, file.mtime_ns):
        return "it was changed since it was shown"
    return ""
