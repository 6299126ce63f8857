"""The connections that are kept under a name, in a private file of JSON without any secret.

    {"connections": {"prod": {"parameters": {"host": …}, "rules": {"production": true}}}}

What other versions have written into the file or into an entry stays in it. A file that cannot be
read is said to be so, and is never written over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tui.services.errors import ErrorKind, ServiceError
from tui.services.private_file import locked_beside, replace_private
from tui.services.sql.connecting.target_json import (
    Json,
    from_json,
    secrets_in,
    to_json,
    without_secrets,
)
from tui.services.sql.connecting.targets import DatabaseTarget

LONGEST_NAME = 60
"""Characters of a name."""

PATIENCE = 3.0
"""Seconds to wait for another application that writes the file."""

SAVED = "saved:"
"""With a name behind it, the location of a saved connection."""

_ENTRIES = "connections"


@dataclass(frozen=True)
class SavedConnection:
    """One entry of the file."""

    name: str
    target: DatabaseTarget | None
    """Where it leads, labelled by its name; None if the entry cannot be used."""
    problem: str = ""
    """Why it cannot be used, or what of it is passed over."""
    kept: object = field(default=None, repr=False)
    """The entry as it stands in the file."""


def name_problems(name: str) -> list[str]:
    """What is wrong with a name for a connection; nothing if it is good."""
    if not name.strip():
        return ["Give it a name."]
    if name != name.strip() or not name.isprintable():
        return ["A name has no spaces at its ends and no control characters."]
    if "://" in name or name.startswith("-"):
        return ["A name does not look like a URL or an option: no :// in it, no - before it."]
    if len(name) > LONGEST_NAME:
        return [f"At most {LONGEST_NAME} characters."]
    return []


class SavedConnections:
    """Every method blocks and may raise ServiceError. Each change reads the file first and holds a
    lock, so that two applications that run keep each other's entries."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[SavedConnection, ...]:
        """Every entry, by name. INVALID if there is a file that is not ours."""
        return tuple(
            _saved(name, kept)
            for name, kept in sorted(_entries(self._load()).items(), key=lambda each: _key(each[0]))
        )

    def find(self, name: str) -> SavedConnection | None:
        """The entry of that name."""
        return next((each for each in self.read() if _key(each.name) == _key(name)), None)

    def add(self, name: str, target: DatabaseTarget) -> None:
        """Keep a target. CONFLICT if the name is taken."""
        with self._changing() as entries:
            _refuse_taken(entries, name)
            entries[name] = to_json(target)

    def replace(self, before: SavedConnection, name: str, target: DatabaseTarget) -> None:
        """Put another target, or another name, in the place of an entry.

        CONFLICT if the name is taken, or if the entry is not what it was when it was read.
        """
        with self._changing() as entries:
            kept = _unchanged(entries, before)
            _refuse_taken(entries, name, but=before.name)
            more = kept if isinstance(kept, Mapping) else {}
            _put_in_place(entries, before.name, name, to_json(target, more))

    def rename(self, before: SavedConnection, name: str) -> None:
        """Give an entry another name, whatever it holds. Raises as `replace`."""
        with self._changing() as entries:
            kept = _unchanged(entries, before)
            _refuse_taken(entries, name, but=before.name)
            _put_in_place(entries, before.name, name, without_secrets(kept))

    def duplicate(self, before: SavedConnection) -> str:
        """Keep the same once more; the name of it."""
        with self._changing() as entries:
            kept = _unchanged(entries, before)
            name = _free_name(entries, before.name)
            entries[name] = without_secrets(kept)
        return name

    def delete(self, before: SavedConnection) -> None:
        """Take an entry away. CONFLICT if it is not what it was when it was read."""
        with self._changing() as entries:
            _unchanged(entries, before)
            del entries[before.name]

    # -- the file ---------------------------------------------------------------------------------

    def _load(self) -> Json:
        try:
            table = json.loads(self.path.read_bytes(), object_pairs_hook=_without_repetition)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            raise self._unusable(str(error)) from error
        if not isinstance(table, dict) or not isinstance(table.get(_ENTRIES, {}), dict):
            raise self._unusable(f'no object with "{_ENTRIES}" in it')
        return table

    @contextmanager
    def _changing(self) -> Iterator[Json]:
        """The entries, to be changed; what they are afterwards is written."""
        try:
            lock = locked_beside(self.path, PATIENCE)
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            table = self._load()
            entries = dict(_entries(table))
            yield entries
            text = json.dumps({**table, _ENTRIES: entries}, indent=2) + "\n"
            try:
                # A link, as from a folder of settings under version control, stays one.
                replace_private(self.path.resolve(), text.encode())
            except OSError as error:
                raise self._unwritable(error) from error
        finally:
            os.close(lock)

    def _unusable(self, cause: str) -> ServiceError:
        return ServiceError(
            "The saved connections cannot be read.",
            cause=f"{self.path}: {cause}",
            hint="Correct that file or move it away; nothing is written to it as it is.",
            kind=ErrorKind.INVALID,
        )

    def _unwritable(self, error: OSError) -> ServiceError:
        return ServiceError(
            "The connection could not be saved.",
            cause=f"{self.path}: {error.strerror or error}",
            hint="The folder must be writable, and no other application may hold the file.",
        )


def _saved(name: str, kept: object) -> SavedConnection:
    try:
        target = from_json(name, kept)
    except ValueError as error:
        return SavedConnection(name, None, f"{name}: {error}", kept)
    secrets = " and ".join(secrets_in(kept))
    said = f"{name}: {secrets} in the file is passed over; take it out" if secrets else ""
    return SavedConnection(name, target, said, kept)


def _entries(table: Json) -> Json:
    entries = table.get(_ENTRIES, {})
    assert isinstance(entries, dict)
    return entries


def _key(name: str) -> str:
    """By which names are told apart."""
    return name.casefold()


def _refuse_taken(entries: Json, name: str, *, but: str = "") -> None:
    problems = name_problems(name)
    if problems:
        raise ServiceError(problems[0], kind=ErrorKind.INVALID)
    if any(_key(each) == _key(name) for each in entries if each != but):
        raise ServiceError(
            f"There is a connection {name!r} already.",
            hint="Choose another name.",
            kind=ErrorKind.CONFLICT,
        )


def _unchanged(entries: Json, before: SavedConnection) -> object:
    kept = entries.get(before.name)
    if before.name not in entries or kept != before.kept:
        what = "changed" if before.name in entries else "deleted or renamed"
        raise ServiceError(
            f"{before.name!r} was {what} meanwhile by another application.",
            hint="Press r to list the connections again.",
            kind=ErrorKind.CONFLICT,
        )
    return kept


def _put_in_place(entries: Json, old: str, new: str, kept: object) -> None:
    """Keep the order of the file."""
    pairs = [(new, kept) if each == old else (each, entries[each]) for each in entries]
    entries.clear()
    entries.update(pairs)


def _free_name(entries: Json, name: str) -> str:
    taken, number = {_key(each) for each in entries}, 1
    while True:
        ending = f" copy {number}" if number > 1 else " copy"
        found = name[: LONGEST_NAME - len(ending)] + ending
        if _key(found) not in taken:
            return found
        number += 1


def _without_repetition(pairs: list[tuple[str, object]]) -> Json:
    """Of two entries of one name, the next change would lose one."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands in it twice")
    return found
