"""A local file that somebody else writes: under another name until it is whole. Blocking."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from tui.services.errors import ErrorKind, ServiceError
from tui.services.transfers.local_files import (
    create_temporary,
    look_at,
    place,
    translating_local,
)
from tui.services.transfers.models import ExistingFile
from tui.services.transfers.naming import chosen_folder

BUFFER = 1024 * 1024
"""Bytes that are written at once."""


class NewFile:
    """Open it, write to `stream`, put it in place, and leave it. Without `put_in_place` nothing of
    it stays when it is left, and what had the name is untouched.

    As a context manager it opens and leaves itself, and turns an OSError of whoever writes into a
    ServiceError; those who await something meanwhile call `open`, `leave` and `translating`.
    """

    def __init__(self, target: Path, *, replacing: ExistingFile | None = None) -> None:
        """`replacing` is what has the name now, and may be replaced if it is still the same."""
        self.target = target
        self._replacing = replacing
        self._is_placed = False

    def open(self) -> None:
        """Begin a file of another name in the same folder."""
        with self.translating():
            self._descriptor, self._temporary = create_temporary(self.target)
        self.stream: BinaryIO = os.fdopen(self._descriptor, "wb", buffering=BUFFER)

    @contextmanager
    def translating(self) -> Iterator[None]:
        """Turns an OSError into a ServiceError that names the file."""
        try:
            with translating_local(f"write {self.target}"):
                yield
        except ServiceError as error:
            if error.code == "ENOSPC":
                error.hint = "The disk is full; nothing of the file was left on it."
            raise

    @property
    def size(self) -> int:
        """Bytes that were written so far; from any thread."""
        try:
            return os.fstat(self._descriptor).st_size
        except OSError:
            return 0

    def put_in_place(self) -> None:
        """Give the whole file its name. EXISTS rather than touch what came there meanwhile."""
        with self.translating():
            self.stream.flush()
            os.fsync(self._descriptor)
            try:
                place(self._temporary, self.target, replacing=self._replacing)
            except FileExistsError as error:
                raise exists(self.target) from error
        self._is_placed = True

    def leave(self) -> None:
        """Let go of it; what is not in place is removed."""
        # What is left in the buffer may not fit on the disk: that is known already.
        with suppress(OSError):
            self.stream.close()
        if not self._is_placed:
            with suppress(OSError):
                self._temporary.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.leave()
        if isinstance(error, OSError):
            with self.translating():
                raise error


def exists(target: Path) -> ServiceError:
    """That a file is there already."""
    return ServiceError(
        f"{target} is there already; it was left as it is.",
        hint="Choose another name, or that it is replaced.",
        kind=ErrorKind.EXISTS,
    )


def new_name(text: str) -> tuple[Path, ExistingFile | None]:
    """The path that a text names, and what is there now. Raises ServiceError if nothing can be
    written there."""
    target = chosen_folder(Path(text))
    with translating_local(f"write {target}"):
        existing = look_at(target)
        if target.is_dir():
            raise ServiceError(
                f"{target} is a folder.", hint="Type a name in it.", kind=ErrorKind.INVALID
            )
        if not target.parent.is_dir():
            raise ServiceError(
                f"There is no folder {target.parent}.",
                hint="Choose a folder that is there.",
                kind=ErrorKind.NOT_FOUND,
            )
    return target, existing
