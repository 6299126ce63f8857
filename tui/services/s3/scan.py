"""Every object under a prefix, at any depth, as fast as the server gives them.

Blocking; raises ServiceError.
"""

from __future__ import annotations

from collections.abc import Iterator

from tui.services.aws import Connection
from tui.services.s3.calls import S3Calls
from tui.services.s3.listing import list_under
from tui.services.s3.models import S3Object


def scan(
    s3: S3Calls, bucket: str, prefix: str, *, ordered: bool = False, at: Connection | None = None
) -> Iterator[tuple[S3Object, ...]]:
    """Every object whose key begins with `prefix`, page by page, no key twice.

    With `ordered` in the server's order of keys, else as the pages come. Closing the iterator ends
    it at once.
    """
    return list_under(s3, bucket, prefix, at=at)
