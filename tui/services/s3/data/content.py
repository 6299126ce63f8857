"""What is stored in one request, and its MD5."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

HOW_TO_LOOK = "Look at the size and the date of the object before you upload the file again."


@dataclass(frozen=True, slots=True)
class Content:
    """What is stored in one request."""

    data: bytes
    etag: str
    """Its MD5 in hex, which is its ETag unless it is encrypted."""

    @classmethod
    def of(cls, data: bytes) -> Content:
        """With the MD5 of these bytes, which must not change any more."""
        return cls(data, md5_of(data).hexdigest())

    @property
    def md5(self) -> str:
        """Its MD5 as the header Content-MD5 has it: in base64 (RFC 1864)."""
        return base64.b64encode(bytes.fromhex(self.etag)).decode("ascii")


def md5_of(data: bytes) -> Any:
    """The MD5 of `data`, as an integrity check and never for security."""
    return hashlib.md5(data, usedforsecurity=False)
