"""The deletes that can be taken back, the newest last, kept over a restart. Blocking."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any
from uuid import uuid4

from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.private_file import locked_beside, replace_private
from tui.services.s3.deleting.batch_delete import Name

MOST_DELETES = 50
"""Deletes that are kept; the oldest are forgotten first."""

MOST_BYTES = 8 * 1024 * 1024
"""Size of the file: about 100,000 names. What does not fit is kept until the end of the session."""

MOST_WAIT = 5.0
"""Seconds to wait for another window that changes the file; that takes it milliseconds."""

TOO_MANY = (
    "This delete can be undone with U only until you quit: it has too many names to be kept longer."
)


@dataclass(frozen=True)
class UndoableDelete:
    """One delete in a bucket that keeps versions."""

    bucket: str
    markers: tuple[Name, ...]
    """The delete markers that it made: keys and version ids."""
    account: str
    """The id of the account; empty if it was unknown."""
    endpoint: str
    """The server, if it was not AWS."""
    when: datetime
    """UTC."""
    id: str = ""

    def is_of(self, at: Connection) -> bool:
        """Whether it was made where calls go now. An unknown account may be any: the id of a delete
        marker stands for no other one anywhere."""
        known = self.account and at.account_id
        same = not known or self.account == at.account_id
        return same and self.endpoint == (at.endpoint or "")


def new_delete(
    bucket: str, markers: Sequence[Name], at: Connection, own: str = ""
) -> UndoableDelete:
    """A delete that was made just now; `own` is the id of one that may be added twice."""
    account, endpoint, now = at.account_id or "", at.endpoint or "", datetime.now(UTC)
    return UndoableDelete(bucket, tuple(markers), account, endpoint, now, own or uuid4().hex)


class UndoStack:
    """Deletes of this session and of earlier ones, in a private file of JSON. It holds names and
    version ids only. Another window may write it, too, so it is locked and read for each change."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.deletes: list[UndoableDelete] = []
        """The newest last."""
        self._session_only: set[str] = set()
        """Ids of those that the file does not hold."""
        self._lock = RLock()
        """Each method runs on a thread of its own."""

    def newest(self, at: Connection) -> UndoableDelete | None:
        """The delete that is taken back next; None if there is none of this place."""
        return next((each for each in reversed(self.deletes) if each.is_of(at)), None)

    def count(self, at: Connection) -> int:
        """How many deletes of this place can be taken back."""
        return sum(each.is_of(at) for each in self.deletes)

    def read(self) -> None:
        """Take over what the file holds. Raises ServiceError (INVALID) if it is not ours."""
        with self._lock:
            try:
                kept = [_delete(each) for each in json.loads(self.path.read_bytes())["deletes"]]
            except FileNotFoundError:
                kept = []
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
                raise self._unusable(error) from error
            session = [each for each in self.deletes if each.id in self._session_only]
            self.deletes = sorted([*kept, *session], key=lambda each: each.when)

    def push(self, made: UndoableDelete) -> None:
        """Add a delete, in the place of one with its id. Raises ServiceError if it cannot be kept
        over a restart; it is in `deletes` all the same."""
        with self._lock:
            try:
                if len(_data([made])) > MOST_BYTES:
                    raise ServiceError(TOO_MANY, kind=ErrorKind.INVALID)
                with self._alone():
                    self.read()
                    others = [each for each in self.deletes if each.id != made.id]
                    self.deletes = [*others, made][-MOST_DELETES:]
                    self._write()
            except ServiceError:
                self._session_only.add(made.id)
                if made not in self.deletes:
                    self.deletes.append(made)
                raise

    def leave(self, undone: UndoableDelete, left: Sequence[Name]) -> None:
        """Keep only these markers of a delete; none forgets it. Raises ServiceError."""
        with self._lock:
            self._leave(undone, left)
            with self._alone():
                self.read()
                self._leave(undone, left)
                self._write()

    def _leave(self, undone: UndoableDelete, left: Sequence[Name]) -> None:
        changed = replace(undone, markers=tuple(left))
        found = [changed if each.id == undone.id else each for each in self.deletes]
        self.deletes = [each for each in found if each.markers]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other windows from changing the file meanwhile. Raises ServiceError."""
        try:
            lock = locked_beside(self.path, MOST_WAIT)
        except OSError as error:
            raise self._unusable(error) from error
        try:
            yield
        finally:
            os.close(lock)

    def _write(self) -> None:
        kept = [each for each in self.deletes if each.id not in self._session_only]
        data = _data(kept)
        while len(data) > MOST_BYTES:
            kept = kept[1:]
            data = _data(kept)
        try:
            replace_private(self.path, data)
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> ServiceError:
        return ServiceError(
            "What was deleted cannot be kept over a restart: U undoes it only until you quit.",
            cause=f"{self.path}: {error}",
            hint="Mend or remove that file; the folder must be writable.",
            kind=ErrorKind.INVALID,
        )


def _data(deletes: Sequence[UndoableDelete]) -> bytes:
    kept = [
        {
            "id": each.id,
            "bucket": each.bucket,
            "account": each.account,
            "endpoint": each.endpoint,
            "when": each.when.isoformat(),
            "markers": [[name.key, name.version_id] for name in each.markers],
        }
        for each in deletes
    ]
    return json.dumps({"deletes": kept}).encode()


def _delete(kept: dict[str, Any]) -> UndoableDelete:
    """A delete as it was written. Raises ValueError, KeyError or TypeError if it was not."""
    markers = tuple(Name(str(key), str(version)) for key, version in kept["markers"])
    when = datetime.fromisoformat(kept["when"]).astimezone(UTC)
    texts = [str(kept[name]) for name in ("bucket", "account", "endpoint", "id")]
    bucket, account, endpoint, own = texts
    return UndoableDelete(bucket, markers, account, endpoint, when, own)
