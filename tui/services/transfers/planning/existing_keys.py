"""What the keys of a very large upload hold now, looked up as they come."""

from __future__ import annotations

from collections.abc import Sequence

from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Object, S3Service
from tui.services.s3.bucket.names import is_directory_bucket
from tui.services.s3.listing.listing import ExistingPage
from tui.services.transfers.models import ExistingObject


class ExistingKeys:
    """Merges keys that come in the order of listings with the listing: each part of it is read
    once, and a part without keys not at all. Keys in another order only cost more requests."""

    def __init__(self, s3: S3Service, bucket: str, prefix: str, at: Connection) -> None:
        """Every key begins with `prefix`."""
        self._s3 = s3
        self._bucket = bucket
        self._prefix = prefix
        self._at = at
        self._page: ExistingPage | None = None
        self._is_denied = False

    async def among(self, keys: Sequence[str]) -> dict[str, ExistingObject] | None:
        """What those of the keys hold that exist; None where that may not be asked. Raises
        ServiceError for the rest."""
        if self._is_denied:
            return None
        try:
            return await (
                self._in_folders(keys) if is_directory_bucket(self._bucket) else self._merged(keys)
            )
        except ServiceError as error:
            if error.kind is not ErrorKind.DENIED:
                raise
            self._is_denied = True
            return None

    async def _merged(self, keys: Sequence[str]) -> dict[str, ExistingObject]:
        found: dict[str, ExistingObject] = {}
        for key in sorted(keys, key=str.encode):
            page = self._page
            if page is None or not page.tells_of(key):
                page = self._page = await self._s3.list_from(
                    self._bucket, key, prefix=self._prefix, at=self._at
                )
            if key in page.objects:
                found[key] = _existing(page.objects[key])
        return found

    async def _in_folders(self, keys: Sequence[str]) -> dict[str, ExistingObject]:
        found: dict[str, ExistingObject] = {}
        async for some in self._s3.list_existing(self._bucket, keys, at=self._at):
            found.update({key: _existing(each) for key, each in some.items()})
        return found


def _existing(found: S3Object) -> ExistingObject:
    return ExistingObject(found.size, found.etag, found.modified)
