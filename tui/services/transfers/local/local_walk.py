"""Walk what the user chose on this machine. Blocking: run on a pool, batch by batch."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tui.services.transfers.local.leftovers import is_unfinished
from tui.services.transfers.local.local_files import expanded, reason_of
from tui.services.transfers.models import START, LocalBatch, LocalFile, Problem, WalkPosition

BATCH = 500
"""Files per batch: a few milliseconds of work between two looks at whether to go on."""

_SPECIAL = "not a regular file (a device, a pipe or a socket)"
_NOT_UTF8 = "its name is not UTF-8, and a key must be"

_Identity = tuple[int, int]

_PARTS = re.compile(r"[^/]*/|[^/]+", re.DOTALL)
"""The steps of the way to a place: folders with their `/`."""


def walk(paths: Sequence[Path], after: WalkPosition = START) -> Iterator[LocalBatch]:
    """Every regular file under `paths`, following links as the AWS CLI does; what comes behind the
    place `after`.

    What cannot be sent (unreadable, special, not UTF-8, a dangling link, a link back to a folder
    above itself) comes as a Problem; a folder in which there is nothing is named. Within a folder
    the order is that of S3's listing.
    """
    files: list[LocalFile] = []
    problems: list[Problem] = []
    empty: list[str] = []
    last = after
    for last, found in _all(paths, after):
        if isinstance(found, Problem):
            problems.append(found)
        elif isinstance(found, str):
            empty.append(found)
        else:
            files.append(found)
        if len(files) + len(problems) + len(empty) >= BATCH:
            yield LocalBatch(tuple(files), tuple(problems), last, tuple(empty))
            files, problems, empty = [], [], []
    if files or problems or empty:
        yield LocalBatch(tuple(files), tuple(problems), last, tuple(empty))


_Found = LocalFile | Problem | str
"""The path alone of a folder in which there is nothing."""


def _all(paths: Sequence[Path], after: WalkPosition) -> Iterator[tuple[WalkPosition, _Found]]:
    for number, chosen in enumerate(paths):
        if number < after.number:
            continue
        inside = after.inside if number == after.number else None
        if inside == "":
            # A file that was chosen, or a folder that could not be read.
            continue
        for name, found in _of(chosen, inside or ""):
            yield WalkPosition(number, name), found


def _of(chosen: Path, after: str) -> Iterator[tuple[str, _Found]]:
    # Without `..`, and without resolving links: the name that was chosen makes the keys.
    path = chosen
    try:
        path = Path(os.path.abspath(expanded(chosen)))
        status = path.stat()
    except OSError as error:
        yield "", Problem(str(path), reason_of(error))
        return
    if not stat.S_ISDIR(status.st_mode):
        leads_to = os.path.realpath(path) if path.is_symlink() else ""
        yield "", _file(str(path), status, "", path.name, leads_to)
    elif _is_utf8(path.name):
        yield from _below(str(path), path.name, _identity(status), after)
    else:
        yield "", Problem(str(path), _NOT_UTF8)


@dataclass(frozen=True, slots=True)
class _Level:
    """A folder under way. A stack of them walks trees deeper than Python recurses."""

    entries: Iterator[os.DirEntry[str]]
    inside: str
    """Its path below the chosen folder, ending in `/`; "" for the chosen folder."""
    above: tuple[_Identity, ...]
    """It and the folders above it."""
    leads_to: str = ""
    """Where it really is, if a link led to it; else ""."""


def _below(
    path: str, root_name: str, identity: _Identity, after: str
) -> Iterator[tuple[str, _Found]]:
    stack: list[_Level] = []
    way = _PARTS.findall(after)
    try:
        found = _entries(path, way, 0)
        stack.append(_Level(iter(found), "", (identity,)))
        if not found and not way:
            yield "", path
    except OSError as error:
        yield "", Problem(path, reason_of(error))
    while stack:
        level = stack[-1]
        entry = next(level.entries, None)
        if entry is None:
            stack.pop()
            continue
        name = level.inside + os.fsdecode(_listing_order(entry))
        try:
            status = entry.stat()
            leads_to = _leads_to(entry, level)
            if not stat.S_ISDIR(status.st_mode):
                relative = level.inside + entry.name
                yield name, _file(entry.path, status, root_name, relative, leads_to)
            elif not _is_utf8(entry.name):
                yield name, Problem(entry.path, _NOT_UTF8)
            elif _identity(status) in level.above:
                yield name, Problem(entry.path, "a link back to a folder above it")
            else:
                inside = f"{level.inside}{entry.name}/"
                above = (*level.above, _identity(status))
                depth = len(stack) if after.startswith(inside) else len(way)
                found = _entries(entry.path, way, depth)
                stack.append(_Level(iter(found), inside, above, leads_to))
                if not found and depth >= len(way):
                    yield name, entry.path
        except OSError as error:
            yield name, Problem(entry.path, _reason(entry, error))


def _reason(entry: os.DirEntry[str], error: OSError) -> str:
    if isinstance(error, FileNotFoundError) and entry.is_symlink():
        with contextlib.suppress(OSError):
            # The link may be gone by now, too.
            return f"a link to {os.readlink(entry.path)}, which is not there"
    return reason_of(error)


def _leads_to(entry: os.DirEntry[str], level: _Level) -> str:
    if entry.is_symlink():
        return os.path.realpath(entry.path)
    return f"{level.leads_to.rstrip('/')}/{entry.name}" if level.leads_to else ""


def _entries(path: str, way: Sequence[str], depth: int) -> list[os.DirEntry[str]]:
    """What is in a folder; where it is on the way to a place, only what comes behind it or leads
    to it."""
    with os.scandir(path) as entries:
        if depth >= len(way):
            return sorted(entries, key=_listing_order)
        step = os.fsencode(way[depth])
        is_last = depth == len(way) - 1
        behind = [
            (order, entry)
            for entry in entries
            if (order := _listing_order(entry)) > step or (order == step and not is_last)
        ]
    behind.sort(key=lambda pair: pair[0])
    return [entry for _, entry in behind]


def _file(
    path: str, status: os.stat_result, root_name: str, relative: str, leads_to: str
) -> LocalFile | Problem:
    if not stat.S_ISREG(status.st_mode):
        return Problem(path, _SPECIAL)
    if is_unfinished(path.rpartition("/")[2]):
        return Problem(path, "an unfinished download that a killed application left here")
    if not _is_utf8(relative):
        return Problem(path, _NOT_UTF8)
    if not os.access(path, os.R_OK):
        return Problem(path, "permission denied")
    return LocalFile(Path(path), root_name, relative, status.st_size, status.st_mtime_ns, leads_to)


def _listing_order(entry: os.DirEntry[str]) -> bytes:
    # S3 lists by the bytes of the whole key, and what is in a folder has a `/` after its name.
    try:
        is_folder = entry.is_dir()
    except OSError:
        is_folder = False
    return os.fsencode(entry.name + "/" if is_folder else entry.name)


def _identity(status: os.stat_result) -> _Identity:
    return status.st_dev, status.st_ino


def _is_utf8(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
