"""A local file that somebody else writes: without its name until it is whole. Blocking."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from tui.services.errors import ErrorKind, ServiceError
from tui.services.placing import (
    ExistingFile,
    create_temporary,
    create_unnamed,
    name_unnamed,
    place,
    temporary_name,
    translating_local,
)

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
        self._temporary: Path | None = None
        self._is_placed = False

    def open(self) -> None:
        """Begin a file without a name in the same folder, or with another name where it must have
        one."""
        with self.translating():
            descriptor = create_unnamed(self.target.parent)
            if descriptor is None:
                descriptor, self._temporary = create_temporary(self.target)
        self._descriptor = descriptor
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
            if self._temporary is None:
                temporary = temporary_name(self.target)
                name_unnamed(self._descriptor, temporary)
                self._temporary = temporary
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
        if not self._is_placed and self._temporary is not None:
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
