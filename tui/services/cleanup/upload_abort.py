"""Abort the multipart uploads of a bucket, so that their parts are not billed any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from tui.services.cleanup.stores import Stores
from tui.services.cleanup.tunables import Tunables
from tui.services.cleanup.uploads import Upload, uploads
from tui.services.errors import ServiceError

_AT_ONCE = 8


class UploadAbort:
    """One run over the uploads of one bucket."""

    def __init__(
        self,
        stores: Stores,
        bucket: str,
        tunables: Tunables,
        stop: asyncio.Event,
        *,
        before: datetime | None = None,
        undated: bool = True,
        progress: Callable[[int], None],
    ) -> None:
        """`before`: only what was begun before then, None for all; `undated`: also what the
        server gives no beginning of. `progress` gets the number of uploads aborted so far."""
        self._reach = stores
        self._bucket = bucket
        self._tunables = tunables
        self._stop = stop
        self._before = before
        self._undated = undated
        self._progress = progress
        self._answered: set[tuple[str, str]] = set()
        """Those of which S3 said that they are aborted, by (key, upload id)."""
        self._stay: set[tuple[str, str]] = set()
        """Those that were listed in the last pass and not aborted."""
        self.problem: ServiceError | None = None
        """Why some could not be listed or aborted."""

    @property
    def aborted(self) -> int:
        """Uploads that are gone, as far as it is known."""
        return len(self._answered - self._stay)

    @property
    def stay(self) -> int:
        """Uploads that were listed in the last pass and not aborted."""
        return len(self._stay)

    async def one_pass(self) -> int:
        """Abort every upload that is listed; of how many S3 answered that it is done."""
        before = len(self._answered)
        self._stay = set()
        try:
            async for page in uploads(self._reach, self._bucket, self._tunables.page):
                chosen = [each for each in page if self._is_meant(each)]
                for start in range(0, len(chosen), _AT_ONCE):
                    if self._stop.is_set():
                        break
                    some = chosen[start : start + _AT_ONCE]
                    await asyncio.gather(*map(self._abort, some))
                    self._progress(self.aborted)
        except ServiceError as error:
            self._note(error)
        return len(self._answered) - before

    def _is_meant(self, upload: Upload) -> bool:
        if upload.begun is None:
            return self._undated
        return self._before is None or upload.begun < self._before

    async def _abort(self, upload: Upload) -> None:
        name = (upload.key, upload.upload_id)
        if name in self._answered:
            self._stay.add(name)
            cause = "S3 answered that it was aborted, and lists it still."
            self._note(ServiceError(f"The upload of {upload.key} stays.", cause=cause))
            return
        try:
            await self._reach.call(
                "s3",
                "abort_multipart_upload",
                f"abort the upload of {upload.key}",
                Bucket=self._bucket,
                Key=upload.key,
                UploadId=upload.upload_id,
            )
        except ServiceError as error:
            if error.code != "NoSuchUpload":
                self._stay.add(name)
                self._note(error)
                return
        self._answered.add(name)

    def _note(self, error: ServiceError) -> None:
        if error.code == "NoSuchBucket":
            raise error
        # An upload hinders no DeleteBucket, so what is denied here is told, not fatal.
        self.problem = error
