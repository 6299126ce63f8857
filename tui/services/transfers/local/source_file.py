"""A local file that is uploaded: open, and refused if it is not any more what was opened."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path

from tui.services.placing import translating_local
from tui.services.s3.data.content import Content, md5_of
from tui.services.spare_memory import spare_block
from tui.services.transfers.local.local_files import Stamp, open_source, refuse_if_changed
from tui.services.transfers.models import UploadItem


@dataclass(slots=True)
class SourceFile:
    """A file open for reading, and what it was when it was opened."""

    path: Path
    descriptor: int
    before: Stamp
    content: Content | None = None
    """All of a small file, which is closed again."""

    @classmethod
    def open(cls, item: UploadItem, small: int) -> SourceFile:
        """Open the file; read it if it has at most `small` bytes. Raises ServiceError."""
        with translating_local(f"read {item.path}"):
            source = cls(item.path, *open_source(item.path))
        if source.before.size <= small:
            try:
                # Sent from memory, so that what is checked here is what is sent.
                data = source.read(0, source.before.size)
                source.refuse_if_changed()
            finally:
                source.close()
            source.content = Content.of(data)
        return source

    def close(self) -> None:
        """Close the file. Never twice: another file may have the number by then."""
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def read(self, offset: int, size: int) -> bytes:
        """`size` bytes, fewer only at the end; several may read at once. Raises ServiceError."""
        with translating_local(f"read {self.path}"):
            return os.pread(self.descriptor, size, offset)

    def md5(self, offset: int, size: int) -> str:
        """The MD5 of a range, in base64. Raises ServiceError."""
        end, made = offset + size, md5_of(b"")
        with translating_local(f"read {self.path}"), spare_block() as block:
            while arrived := os.preadv(self.descriptor, [block[: end - offset]], offset):
                made.update(block[:arrived])
                offset += arrived
        return base64.b64encode(made.digest()).decode("ascii")

    def refuse_if_changed(self) -> None:
        """Raise ServiceError (CHANGED, NOT_FOUND) if the file is not any more what was opened."""
        with translating_local(f"read {self.path}"):
            refuse_if_changed(self.path, self.descriptor, self.before)
