"""Removing local files that a sync has found on this machine only. Blocking: run on a pool."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from tui.services.placing import ExistingFile, look_at
from tui.services.transfers.local.local_files import reason_of, resolved
from tui.services.transfers.models import LocalFile


class LeftError(Exception):
    """A file is not what was shown any more: it stays."""


def remove_files(folder: Path, files: Sequence[LocalFile]) -> Iterator[LeftError | str]:
    """Remove local files for good, each only if it is still what was seen: a regular file of that
    size and time, reached without a link. Never a folder. Gives of each "" if it is gone, why it
    was left, or why it could not be removed."""
    try:
        root = resolved(folder)
        is_there = root.is_dir()
    except OSError as error:
        yield from (reason_of(error) for _ in files)
        return
    if not is_there:
        # It may be on a disk that is away: then nothing is known of its files.
        yield from ("the folder is not there" for _ in files)
        return
    for file in files:
        try:
            _refuse_unless_as_seen(folder, root, file)
            os.unlink(file.path)
            yield ""
        except FileNotFoundError:
            # Somebody else removed it; or this application, before it was killed.
            yield ""
        except OSError as error:
            yield reason_of(error)
        except LeftError as left:
            yield left


def _refuse_unless_as_seen(folder: Path, root: Path, file: LocalFile) -> None:
    """Raise LeftError for a file that is to stay."""
    if not file.path.is_relative_to(folder) or file.leads_to:
        raise LeftError("it is not in the chosen folder itself")
    if not os.path.lexists(file.path):
        return
    if resolved(file.path.parent) != root / file.path.parent.relative_to(folder):
        raise LeftError("a link leads to it now")
    if file.path.is_symlink() or not file.path.is_file():
        raise LeftError("it is not a regular file any more")
    if look_at(file.path) != ExistingFile(file.size, file.mtime_ns):
        raise LeftError("it was changed since it was shown")
