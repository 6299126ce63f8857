"""The two sides of a sync, what is transferred and what is deleted: kept in private databases,
because there may be millions. Each is read again and again, in the order of S3's listing. Blocking.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import count, islice
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

from tui.services.errors import ServiceError
from tui.services.private_database import PrivateDatabase
from tui.services.s3.listing.key_range import order_of
from tui.services.transfers.kept_items import item_of, planned_download, planned_upload
from tui.services.transfers.models import (
    ConflictPolicy,
    DownloadItem,
    LocalFile,
    Problem,
    RemoteObject,
    UploadItem,
)
from tui.services.transfers.route import Direction

AT_ONCE = 1000
"""Rows that are in memory at a time."""

_TABLES = """
CREATE TABLE rows (name BLOB PRIMARY KEY, size INTEGER NOT NULL, told BLOB, details BLOB)
WITHOUT ROWID;
PRAGMA user_version = 1;
"""

_NEXT = "SELECT * FROM rows WHERE name > ? ORDER BY name LIMIT ?"

T = TypeVar("T")

Pair = tuple[LocalFile, RemoteObject]


@contextmanager
def saying_what_is_full() -> Iterator[None]:
    """Turn an error of a private database inside the block into a ServiceError."""
    try:
        yield
    except sqlite3.Error as error:
        raise ServiceError(
            "The lists of the sync cannot be kept.",
            cause=str(error),
            hint="They go into the folder for temporary files: free some space there.",
        ) from error


class _Kept(Sequence[T], Generic[T]):
    """Things by their names. What writes or reads them raises ServiceError."""

    def __init__(self) -> None:
        self._database = PrivateDatabase(None, 1, {0: _TABLES})
        self.kept = 0
        self._waiting: list[T] = []

    def add(self, things: Iterable[T]) -> None:
        """Keep more of them."""
        rows = [self._row(each) for each in things]
        with saying_what_is_full(), self._database.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?)", rows)
        self.kept += len(rows)

    def append(self, thing: T) -> None:
        """Keep one more."""
        self._waiting.append(thing)
        if len(self._waiting) >= AT_ONCE:
            self.write()

    def write(self) -> None:
        """Have all of them in the database."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            self.add(waiting)
        except BaseException:
            # What could not be written is not forgotten.
            self._waiting = [*waiting, *self._waiting]
            raise

    def __iter__(self) -> Iterator[T]:
        """In the order of the bytes of their names; without one that has none, which is the
        prefix itself."""
        self.write()
        last = b""
        while True:
            with saying_what_is_full():
                rows = self._database.open().execute(_NEXT, (last, AT_ONCE)).fetchall()
            yield from map(self._thing, rows)
            if len(rows) < AT_ONCE:
                return
            last = rows[-1][0]

    def __len__(self) -> int:
        return self.kept + len(self._waiting)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            wanted = range(len(self))[index]
            forward = wanted if wanted.step > 0 else wanted[::-1]
            # In one reading: each item by itself would read all that are before it.
            found = list(islice(self, forward.start, forward.stop, forward.step))
            return found if forward is wanted else found[::-1]
        number = range(len(self))[index]
        return next(islice(self, number, None))

    def _row(self, thing: T) -> tuple[bytes, int, object, object]:
        raise NotImplementedError

    def _thing(self, row: Any) -> T:
        raise NotImplementedError


class KeptFiles(_Kept[LocalFile]):
    """The files below one folder."""

    def __init__(self) -> None:
        super().__init__()
        self._roots: tuple[str, str] | None = None
        """The name of the folder, and what the paths of its files begin with."""

    def _row(self, thing: LocalFile) -> tuple[bytes, int, object, object]:
        path = str(thing.path)
        if self._roots is None:
            self._roots = thing.root_name, path.removesuffix(thing.relative)
        name = thing.relative.encode("utf-8", "surrogateescape")
        return name, thing.size, thing.mtime_ns, os.fsencode(thing.leads_to)

    def _thing(self, row: Any) -> LocalFile:
        name, size, mtime_ns, leads_to = row
        root_name, start = self._roots or ("", "")
        relative = name.decode("utf-8", "surrogateescape")
        path = Path(start + relative)
        return LocalFile(path, root_name, relative, size, mtime_ns, os.fsdecode(leads_to))


class KeptObjects(_Kept[RemoteObject]):
    """The objects below one prefix."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self._prefix = prefix

    def _row(self, thing: RemoteObject) -> tuple[bytes, int, object, object]:
        modified = thing.modified.isoformat() if thing.modified is not None else None
        return order_of(thing.inside), thing.size, thing.etag, modified

    def _thing(self, row: Any) -> RemoteObject:
        name, size, etag, modified = row
        inside = name.decode("utf-8", "surrogateescape")
        when = datetime.fromisoformat(modified) if modified is not None else None
        return RemoteObject(self._prefix + inside, inside, inside, size, etag, when)


class KeptProblems(_Kept[Problem]):
    """What cannot be transferred, and why, in the order in which it was found."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = count()

    def _row(self, thing: Problem) -> tuple[bytes, int, object, object]:
        number = next(self._numbers).to_bytes(8, "big")
        return number, 0, _bytes(thing.name), _bytes(thing.reason)

    def _thing(self, row: Any) -> Problem:
        _, _, name, reason = row
        return Problem(_text(name), _text(reason))


class KeptPairs(Sequence[Pair]):
    """Files and objects of one name each."""

    def __init__(self, prefix: str) -> None:
        self._files = KeptFiles()
        self._objects = KeptObjects(prefix)

    def append(self, file: LocalFile, found: RemoteObject) -> None:
        """Keep one more."""
        self._files.append(file)
        self._objects.append(found)

    def __len__(self) -> int:
        return len(self._files)

    def __iter__(self) -> Iterator[Pair]:
        # Both are in the order of the same names.
        return zip(self._files, self._objects, strict=True)

    @overload
    def __getitem__(self, index: int) -> Pair: ...
    @overload
    def __getitem__(self, index: slice) -> list[Pair]: ...
    def __getitem__(self, index: int | slice) -> Pair | list[Pair]:
        if isinstance(index, slice):
            return list(zip(self._files[index], self._objects[index], strict=True))
        return self._files[index], self._objects[index]


class KeptUploads(_Kept[UploadItem]):
    """The items of an upload; without what only a preview shows of them."""

    def _row(self, thing: UploadItem) -> tuple[bytes, int, object, object]:
        kept = planned_upload(thing, ConflictPolicy.OVERWRITE)
        return kept.destination, kept.size, kept.source, kept.details

    def _thing(self, row: Any) -> UploadItem:
        destination, size, source, details = row
        item = item_of(Direction.UPLOAD, source, destination, size, json.loads(details))
        if not isinstance(item, UploadItem):
            raise TypeError("Only uploads are kept here.")
        return item


class KeptDownloads(_Kept[DownloadItem]):
    """The items of a download."""

    def remove(self, key: str) -> DownloadItem:
        """Keep one of them no longer; gives it."""
        self.write()
        name = _bytes(key)
        with saying_what_is_full(), self._database.writing() as connection:
            row = connection.execute("SELECT * FROM rows WHERE name = ?", (name,)).fetchone()
            connection.execute("DELETE FROM rows WHERE name = ?", (name,))
        self.kept -= 1
        return self._thing(row)

    def _row(self, thing: DownloadItem) -> tuple[bytes, int, object, object]:
        kept = planned_download(thing, ConflictPolicy.OVERWRITE)
        return kept.source, kept.size, kept.destination, kept.details

    def _thing(self, row: Any) -> DownloadItem:
        source, size, destination, details = row
        item = item_of(Direction.DOWNLOAD, source, destination, size, json.loads(details))
        if not isinstance(item, DownloadItem):
            raise TypeError("Only downloads are kept here.")
        return item


def _bytes(text: str) -> bytes:
    # A name that is not UTF-8 holds surrogates.
    return text.encode("utf-8", "surrogatepass")


def _text(kept: bytes) -> str:
    return kept.decode("utf-8", "surrogatepass")
