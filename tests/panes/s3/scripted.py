"""An S3 that answers from memory, page by page, and fails or waits when it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence

from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import (
    Bucket,
    BucketPage,
    DeleteOutcome,
    ObjectPage,
    S3Location,
    S3Object,
    S3Service,
)

PAGE = 100


class ScriptedS3(S3Service):
    """One bucket, `b`, with objects of 0, 1, 2, … bytes in the order of their keys."""

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self.keys = sorted(keys)
        self.asked: list[str | None] = []
        """The token of every page that was asked for."""
        self.fails = False
        """Whether every page but the first of a listing fails, or with `fails_first` that, too."""
        self.fails_first = False
        self.hint = ""
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.directory_buckets: tuple[Bucket, ...] | ServiceError = ()
        self.paid: set[str] = set()
        """The buckets that the user pays for."""
        self.deletes: list[DeleteOutcome | ServiceError] = []
        """What each call of a deletion comes to."""

    def pays(self, bucket: str) -> bool:
        return bucket in self.paid

    async def _answers(self, token: str | None) -> None:
        self.asked.append(token)
        await self.may_answer.wait()
        if self.fails_first or (self.fails and token is not None):
            raise ServiceError("No page.", kind=ErrorKind.NETWORK, hint=self.hint)

    async def list_buckets(
        self, token: str | None = None, *, limit: int = PAGE, at: Connection | None = None
    ) -> BucketPage:
        await self._answers(token)
        return BucketPage((Bucket("a", None, None), Bucket("b", None, None)), None)

    async def list_directory_buckets(self, *, at: Connection | None = None) -> tuple[Bucket, ...]:
        if isinstance(self.directory_buckets, ServiceError):
            raise self.directory_buckets
        return self.directory_buckets

    async def list_page(
        self,
        location: S3Location,
        token: str | None = None,
        *,
        limit: int = PAGE,
        at: Connection | None = None,
    ) -> ObjectPage:
        await self._answers(token)
        start = int(token or 0)
        names = self._names(location)
        page, after = names[start : start + PAGE], start + PAGE
        return ObjectPage(
            location,
            tuple(name for name in page if name.endswith("/")),
            tuple(
                S3Object(name, self.keys.index(name), None, "STANDARD", "")
                for name in page
                if not name.endswith("/")
            ),
            str(after) if after < len(names) else None,
        )

    async def list_rest(
        self, location: S3Location, token: str, *, at: Connection | None = None
    ) -> AsyncGenerator[ObjectPage, None]:
        following: str | None = token
        while following is not None:
            page = await self.list_page(location, following)
            yield page
            following = page.next_token

    def _names(self, location: S3Location) -> list[str]:
        names = set()
        for key in self.keys:
            if key.startswith(location.prefix):
                head, slash, _ = key[len(location.folder) :].partition("/")
                names.add(location.folder + head + slash)
        return sorted(names)

    async def scan(
        self, bucket: str, prefix: str, *, ordered: bool = False, at: Connection | None = None
    ) -> AsyncGenerator[tuple[S3Object, ...], None]:
        keys = [key for key in self.keys if key.startswith(prefix)]
        for start in range(0, len(keys), PAGE):
            await self._answers(None)
            page = keys[start : start + PAGE]
            yield tuple(S3Object(key, self.keys.index(key), None, "STANDARD", "") for key in page)

    async def delete_objects(
        self,
        bucket: str,
        keys: Sequence[str],
        *,
        etags: Sequence[str] = (),
        at: Connection | None = None,
    ) -> AsyncGenerator[DeleteOutcome, None]:
        for outcome in self.deletes:
            if isinstance(outcome, ServiceError):
                raise outcome
            yield outcome
