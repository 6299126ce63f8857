"""The ETag of an object that was put together from parts, made of what a file holds."""

from __future__ import annotations

import hashlib

from tui.services.s3.data.multipart import composite_etag


class PartsMd5:
    """Takes bytes in their order, as a hash does, and gives the ETag of their parts."""

    def __init__(self, step: int) -> None:
        """`step` is the size of each part but the last."""
        self._step = step
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._in_part = 0
        self._etags: list[str] = []

    def update(self, data: bytes | memoryview) -> None:
        view = memoryview(data)
        while view:
            piece = view[: self._step - self._in_part]
            self._md5.update(piece)
            self._in_part += len(piece)
            if self._in_part == self._step:
                self._end_part()
            view = view[len(piece) :]

    def hexdigest(self) -> str:
        """The ETag; nothing comes after it."""
        if self._in_part:
            self._end_part()
        return composite_etag(self._etags)

    def _end_part(self) -> None:
        self._etags.append(self._md5.hexdigest())
        self._md5, self._in_part = hashlib.md5(usedforsecurity=False), 0
