"""Local names for keys: each object its own, always inside the chosen folder. Blocking."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Protocol

from tui.services.placing import look_at, translating_local
from tui.services.put_file import free_names
from tui.services.transfers.local.folding import EVERYTHING, NOTHING, Folds, folds_of
from tui.services.transfers.local.local_files import expanded, reason_of, resolved
from tui.services.transfers.models import DownloadItem, Problem, RemoteObject

Named = tuple[RemoteObject, tuple[str, ...], str]
"""An object, the parts of its local path, and why they are not the key's."""

TAKEN = "another key or a folder has this name here"
"""Why an object does not get the name of its key."""

FOLDERS = 10_000
"""Folders of which it is remembered whether they can be used."""


def chosen_folder(folder: Path) -> Path:
    """The folder without `..`, and without resolving links: as the user named it. Raises
    ServiceError."""
    with translating_local(f"use the folder {folder}"):
        return Path(os.path.abspath(expanded(folder)))


def is_folder(found: RemoteObject) -> bool:
    """Whether an object stands for a folder."""
    return found.inside.endswith("/") and found.size == 0


class NameRegister(Protocol):
    """Gives each name once."""

    def take_folder(self, parts: tuple[str, ...]) -> bool:
        """Let a folder have this name; False if a file has it."""
        ...

    def take_file(self, parts: tuple[str, ...]) -> bool:
        """Let a file have this name; False if anything has it."""
        ...


class HeldNames:
    """The names of objects that are all known: folders come before files."""

    def __init__(self, folder: Path, named: Sequence[Named]) -> None:
        self._fold = folding(folds_of(folder) if _may_collide(named) else NOTHING)
        self._folders = {
            self._fold(parts[:depth])
            for found, parts, _ in named
            for depth in range(1, len(parts) + is_folder(found))
        }
        self._taken: set[str] = set()

    def take_folder(self, parts: tuple[str, ...]) -> bool:
        return self._fold(parts) not in self._taken

    def take_file(self, parts: tuple[str, ...]) -> bool:
        fold = self._fold(parts)
        if fold in self._taken or fold in self._folders:
            return False
        self._taken.add(fold)
        return True


class TakenNames:
    """Very many names, in a database of their own, which is on disk when it is large."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE names (hash INTEGER PRIMARY KEY, folder INTEGER)")
        self._database.execute("BEGIN")

    def take(self, name: bytes, *, folder: bool = False) -> bool:
        """Take a name; False if it is taken."""
        into = "INSERT OR IGNORE INTO names VALUES (?, ?)"
        return self._database.execute(into, (_hash(name), folder)).rowcount == 1

    def take_all(self, names: Iterable[bytes]) -> None:
        """Take all of these names."""
        for name in names:
            self.take(name)

    def holds(self, name: bytes) -> bool:
        """Whether a name is taken."""
        found = self._database.execute("SELECT 1 FROM names WHERE hash = ?", (_hash(name),))
        return found.fetchone() is not None

    def is_folder(self, name: bytes) -> bool:
        """Whether a folder has taken the name."""
        found = self._database.execute("SELECT folder FROM names WHERE hash = ?", (_hash(name),))
        return any(row[0] for row in found)

    def close(self) -> None:
        self._database.close()


def _hash(name: bytes) -> int:
    # Two names with one hash, of a million, are less likely than a fault of the disk; the second
    # would only get another name.
    return int.from_bytes(blake2b(name, digest_size=8).digest(), "big", signed=True)


class TakenKeys:
    """Very many keys that are taken."""

    def __init__(self, names: TakenNames) -> None:
        self._names = names

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._names.holds(key.encode("utf-8", "surrogatepass"))

    def take(self, keys: Iterable[str]) -> None:
        """Take all of these keys."""
        self._names.take_all(key.encode("utf-8", "surrogatepass") for key in keys)


class StreamedNames:
    """The names of very many objects, which come one after the other: who comes first has the
    name."""

    def __init__(self, folder: Path) -> None:
        self._fold = folding(folds_of(folder))
        self._taken = TakenNames()
        self._last_folder: tuple[str, ...] = ()

    def take_folder(self, parts: tuple[str, ...]) -> bool:
        if self._last_folder[: len(parts)] == parts:
            return True
        name = self._name(parts)
        if not self._taken.take(name, folder=True) and not self._taken.is_folder(name):
            return False
        self._last_folder = parts
        return True

    def take_file(self, parts: tuple[str, ...]) -> bool:
        return self._taken.take(self._name(parts))

    def take_all(self, paths: Iterable[tuple[str, ...]]) -> None:
        """Take the names that files were given before."""
        for parts in paths:
            for depth in range(1, len(parts)):
                self.take_folder(parts[:depth])
            self.take_file(parts)

    def close(self) -> None:
        self._taken.close()

    def _name(self, parts: tuple[str, ...]) -> bytes:
        return self._fold(parts).encode("utf-8", "surrogatepass")


class Obstacles:
    """Why folders below a chosen one cannot be written into."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[tuple[str, ...], str] = {}

    def of(self, parts: tuple[str, ...]) -> str:
        """Why the folder cannot be used, "" if it can; looked up once per folder."""
        if not parts:
            return ""
        if parts not in self._known:
            if len(self._known) > FOLDERS:
                self._known.clear()
            found = self.of(parts[:-1]) or self._look(parts)
            self._known[parts] = found
        return self._known[parts]

    def _look(self, parts: tuple[str, ...]) -> str:
        path = self._folder.joinpath(*parts)
        try:
            if path.is_symlink() and not resolved(path).is_relative_to(resolved(self._folder)):
                return f"{path} is a link that leads out of the chosen folder"
            if os.path.lexists(path) and not path.is_dir():
                return f"{path} is a file, and a folder is needed there"
        except OSError as error:
            return f"{path}: {reason_of(error)}"
        return ""


class Naming:
    """Gives each object its own local name."""

    def __init__(self, folder: Path, names: NameRegister) -> None:
        self._folder = folder
        self._names = names
        self._obstacles = Obstacles(folder)
        self._last: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        """The last folder that was wanted, and the one that it became."""

    def item(
        self, found: RemoteObject, parts: tuple[str, ...], reason: str
    ) -> DownloadItem | Problem:
        """What becomes of an object; a Problem where it cannot be written."""
        try:
            return self._item(found, parts, reason)
        except OSError as error:
            return Problem(found.key, f"{self._folder.joinpath(*parts)}: {reason_of(error)}")

    def _item(
        self, found: RemoteObject, parts: tuple[str, ...], reason: str
    ) -> DownloadItem | Problem:
        is_one = is_folder(found)
        wanted = parts if is_one else parts[:-1]
        above = self._own_folder(wanted)
        obstacle = self._obstacles.of(above)
        if obstacle:
            return Problem(found.key, obstacle)
        why = TAKEN if above != wanted else ""
        if is_one:
            parts = above
        else:
            parts, why_name = self._own_name((*above, parts[-1]))
            why = why or why_name
        reason = "; ".join(text for text in (reason, why) if text)
        target = self._folder.joinpath(*parts)
        return DownloadItem(
            found.key,
            found.size,
            found.etag,
            found.modified,
            target,
            is_one,
            reason,
            None if is_one else look_at(target),
            found.version_id,
        )

    def _own_folder(self, wanted: tuple[str, ...]) -> tuple[str, ...]:
        if self._last[0] == wanted:
            return self._last[1]
        own: tuple[str, ...] = ()
        for part in wanted:
            names = chain((part,), free_names(part))
            own = next(path for name in names if self._names.take_folder(path := (*own, name)))
        self._last = (wanted, own)
        return own

    def _own_name(self, parts: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
        *above, name = parts
        for candidate in chain((name,), free_names(name)):
            path = (*above, candidate)
            if not self._folder.joinpath(*path).is_dir() and self._names.take_file(path):
                return path, "" if candidate == name else TAKEN
        return parts, "no free name was found"


def folding(folds: Folds) -> Callable[[tuple[str, ...]], str]:
    """What makes of a path what it has in common with those that name the same file."""
    return lambda parts: folds.of("/".join(parts))


def _may_collide(named: Sequence[Named]) -> bool:
    """Whether two of the paths are one on some file system."""
    exact: set[str] = set()
    loose: set[str] = set()
    for _, parts, _ in named:
        for depth in range(1, len(parts) + 1):
            path = "/".join(parts[:depth])
            exact.add(path)
            loose.add(EVERYTHING.of(path))
    return len(loose) < len(exact)
