"""Whether a local file and an object hold exactly the same. Blocking: run on a pool."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from tui.services.s3 import Listed
from tui.services.s3.data.content import md5_of
from tui.services.s3.data.data_plane import MIB, DataPlane
from tui.services.s3.data.multipart import composite_etag
from tui.services.transfers.local.local_files import open_source

SMALL = MIB
"""Up to this size it costs less to hash a file than to ask for the checksum of an object."""


def stores_file(data: DataPlane, bucket: str, key: str, path: Path, step: int = 0) -> bool:
    """Whether a key holds what a file holds. `step` is the size of the parts in which the file was
    sent, 0 if it is not known. Raises ServiceError and OSError."""
    found = data.head(bucket, key)
    if found is None:
        return False
    return is_same(data, Listed(bucket, key, found.size, found.etag), path, step)


def is_same(data: DataPlane, listed: Listed, path: Path, step: int = 0) -> bool:
    """Whether a file holds what an object holds, by the checksum that S3 keeps or by its ETag;
    False where nothing tells it. Raises ServiceError and OSError."""
    try:
        descriptor, stamp = open_source(path)
    except FileNotFoundError:
        return False
    try:
        if stamp.size != listed.size:
            return False
        if stamp.size <= SMALL and _md5(descriptor) == listed.etag:
            # Nobody need be asked.
            return True
        checksum = data.checksum(listed)
        if checksum is not None:
            return checksum.is_of_all(chunks_of(descriptor))
        if md5 := data.content_md5(listed.etag, ""):
            return _md5(descriptor) == md5
        if not step:
            return False
        parts = [md5_of(chunk).hexdigest() for chunk in chunks_of(descriptor, step)]
        return composite_etag(parts) == listed.etag
    finally:
        os.close(descriptor)


def _md5(descriptor: int) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    for chunk in chunks_of(descriptor):
        digest.update(chunk)
    return digest.hexdigest()


def chunks_of(descriptor: int, size: int = MIB) -> Iterator[bytes]:
    """All of an open file, so many bytes at a time."""
    offset = 0
    while chunk := os.pread(descriptor, size, offset):
        yield chunk
        offset += len(chunk)
