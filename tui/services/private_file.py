"""Files of ours that only their owner may read: appended to, replaced as a whole, or made new.

Everything here blocks and raises OSError; folders that are missing are made, private too.
"""

from __future__ import annotations

import os
from pathlib import Path


def append_private(path: Path, text: str) -> None:
    """Add text at the end, in one write, so that lines of several writers never mix."""
    _write(path, os.O_APPEND | os.O_CREAT, text.encode("utf-8", "backslashreplace"))


def create_private(path: Path, text: str) -> None:
    """Write a file that is not there yet. Raises FileExistsError rather than touch one."""
    _write(path, os.O_CREAT | os.O_EXCL, text.encode("utf-8", "backslashreplace"))


def replace_private(path: Path, data: bytes) -> None:
    """Put `data` in the place of what the file held, as a whole or not at all."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    _write(temporary, os.O_CREAT | os.O_TRUNC, data, to_disk=True)
    temporary.replace(path)


def _write(path: Path, flags: int, data: bytes, *, to_disk: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | flags, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        if to_disk:
            stream.flush()
            os.fsync(stream.fileno())
