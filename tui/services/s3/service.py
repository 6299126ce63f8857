"""S3 as the panes see it: async, bounded, in models."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta

from tui.services.aws import Account, Standpoint
from tui.services.blocking import BlockingPool
from tui.services.s3 import beginning, buckets, listing, objects
from tui.services.s3.beginning import Beginning
from tui.services.s3.calls import S3Calls
from tui.services.s3.clients import BucketClients
from tui.services.s3.location import S3Location
from tui.services.s3.models import (
    BucketDetails,
    BucketPage,
    CreatedBucket,
    DeleteOutcome,
    ObjectDetails,
    ObjectPage,
    PresignedLink,
    PublicAccessBlock,
    Versioning,
)


class S3Service:
    """Buckets and objects of one account. Every method raises ServiceError and nothing else.

    Calls go to the region of the bucket, found out by themselves. What each method gives is
    written where it is done: `listing`, `buckets`, `objects`, `beginning`.
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        self._clients = BucketClients(account)
        self._calls = S3Calls(account)
        self._pool = BlockingPool("s3")

    def region_of(self, bucket: str) -> str | None:
        """The region of a bucket, if an answer has said it; nothing is sent."""
        return self._clients.region_of(bucket)

    async def list_buckets(self, token: str | None = None) -> BucketPage:
        """One page of the account's buckets."""
        return await self._pool.run(listing.list_buckets, self._clients, token)

    async def list_page(
        self, location: S3Location, token: str | None = None, *, limit: int = listing.PAGE
    ) -> ObjectPage:
        """One page of what is directly inside a location; at most 1,000 prefixes and objects."""
        return await self._pool.run(listing.list_page, self._clients, location, token, limit)

    async def create_bucket(
        self, name: str, region: str, *, block_public: bool = True
    ) -> CreatedBucket:
        """Make a bucket and set its public access block; the answer tells the two apart."""
        return await self._pool.run(
            buckets.create_bucket, self._clients, name, region, block_public
        )

    async def bucket_details(self, bucket: str) -> BucketDetails:
        """What may be known of a bucket; a part that may not be read is Unknown by itself."""
        return await self._pool.run(buckets.bucket_details, self._clients, bucket)

    async def versioning(self, bucket: str) -> Versioning:
        """Whether the bucket keeps old versions."""
        return await self._pool.run(buckets.get_versioning, self._clients, bucket)

    async def public_access_block(self, bucket: str) -> PublicAccessBlock | None:
        """The bucket's four switches; None: not configured."""
        return await self._pool.run(buckets.get_public_access_block, self._clients, bucket)

    async def set_public_access_block(self, bucket: str, block: PublicAccessBlock) -> None:
        """Set the bucket's four switches."""
        await self._pool.run(buckets.put_public_access_block, self._clients, bucket, block)

    async def head(self, bucket: str, key: str, version_id: str | None = None) -> ObjectDetails:
        """The details of one object."""
        return await self._pool.run(objects.head, self._clients, bucket, key, version_id)

    async def read_head(self, bucket: str, key: str, limit: int = beginning.LIMIT) -> Beginning:
        """The first `limit` bytes of one object."""
        return await self._pool.run(beginning.read_beginning, self._clients, bucket, key, limit)

    async def presign(self, bucket: str, key: str, lasting: timedelta) -> PresignedLink:
        """A link to one object, with the time at which it will really stop working."""
        return await self._pool.run(objects.presign, self._clients, bucket, key, lasting)

    async def delete_objects(
        self, bucket: str, keys: Sequence[str], *, at: Standpoint | None = None
    ) -> AsyncGenerator[DeleteOutcome, None]:
        """Delete objects by key; tells after each call what became of its keys. Closing the
        iterator ends it after the call under way. CONFLICT if the account leaves `at`.
        """
        calls = objects.delete_objects(self._clients, bucket, tuple(keys), at)
        async for outcome in self._pool.iterate(calls):
            yield outcome

    def close(self) -> None:
        """Give up queued calls; never waits."""
        self._pool.close()
