"""A local file that is being uploaded."""

from __future__ import annotations

import os
from dataclasses import dataclass

from tui.services.transfers.content_type import content_type
from tui.services.transfers.local_files import (
    Stamp,
    open_source,
    refuse_if_changed,
    translating_local,
)
from tui.services.transfers.models import UploadItem


@dataclass(frozen=True, slots=True)
class Source:
    """A file open for reading, and what it was when it was opened."""

    item: UploadItem
    descriptor: int
    before: Stamp

    @classmethod
    def open(cls, item: UploadItem) -> Source:
        """Open the file. Raises ServiceError."""
        with translating_local(f"read {item.path}"):
            return cls(item, *open_source(item.path))

    def read(self, offset: int, size: int) -> bytes:
        """`size` bytes, fewer only at the end; several may read at once. Raises ServiceError."""
        with translating_local(f"read {self.item.path}"):
            return os.pread(self.descriptor, size, offset)

    def refuse_if_changed(self) -> None:
        """Raise ServiceError (CHANGED, NOT_FOUND) if the file is not any more what was opened."""
        with translating_local(f"read {self.item.path}"):
            refuse_if_changed(self.item.path, self.descriptor, self.before)

    @property
    def type_header(self) -> dict[str, str]:
        """`ContentType`, if the name tells one."""
        guessed = content_type(self.item.path.name)
        return {"ContentType": guessed} if guessed else {}
