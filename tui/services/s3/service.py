"""S3 as the panes see it: async, bounded, in models."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import timedelta

from tui.services.audit import AuditLog
from tui.services.aws import Account, Connection, guard
from tui.services.blocking import BlockingPool
from tui.services.s3 import (
    beginning,
    buckets,
    data_plane,
    listing,
    lookup,
    multipart_uploads,
    objects,
    versions,
)
from tui.services.s3.beginning import Beginning
from tui.services.s3.bucket_protection import BucketProtection, read_protection
from tui.services.s3.calls import S3Calls
from tui.services.s3.clients import BucketClients
from tui.services.s3.data_plane import DataPlane
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
    S3Object,
    Versioning,
)
from tui.services.s3.multipart_uploads import MultipartUpload
from tui.services.s3.native import NativeClients
from tui.services.s3.versions import ObjectVersion, RefusedVersion, VersionLock


class S3Service:
    """Buckets and objects of one account. Every method raises ServiceError and nothing else.

    Calls go to the region of the bucket, found out by themselves. What each method gives is
    written where it is done: `listing`, `lookup`, `buckets`, `objects`, `versions`, ….

    `audit` is for the writes that do not pass through the SDK's hooks; without it all of them do.
    """

    def __init__(self, account: Account, audit: AuditLog | None = None) -> None:
        self.account = account
        self._calls = S3Calls(account)
        self._natives = NativeClients(audit)
        self._clients = BucketClients(self._calls)
        self._pool = BlockingPool("s3", size=16)

    def region_of(self, bucket: str) -> str | None:
        """The region of a bucket, if an answer has said it; nothing is sent."""
        return self._calls.region_of(bucket)

    async def list_buckets(
        self,
        token: str | None = None,
        *,
        limit: int = listing.PAGE,
        at: Connection | None = None,
    ) -> BucketPage:
        """One page of the account's buckets."""
        return await self._pool.run(listing.list_buckets, self._calls.on(at), token, limit)

    async def list_page(
        self, location: S3Location, token: str | None = None, *, limit: int = listing.PAGE
    ) -> ObjectPage:
        """One page of what is directly inside a location; at most 1,000 prefixes and objects."""
        return await self._pool.run(listing.list_page, self._clients, location, token, limit)

    async def create_bucket(
        self, name: str, region: str, *, block_public: bool = True
    ) -> CreatedBucket:
        """Make a bucket and set its public access block; the answer tells the two apart."""
        return await self._pool.run(buckets.create_bucket, self._calls, name, region, block_public)

    async def bucket_details(self, bucket: str) -> BucketDetails:
        """What may be known of a bucket; a part that may not be read is Unknown by itself."""
        return await self._pool.run(buckets.bucket_details, self._calls, bucket)

    async def versioning(self, bucket: str) -> Versioning:
        """Whether the bucket keeps old versions."""
        return await self._pool.run(buckets.get_versioning, self._calls, bucket)

    async def public_access_block(self, bucket: str) -> PublicAccessBlock | None:
        """The bucket's four switches; None: not configured."""
        return await self._pool.run(buckets.get_public_access_block, self._calls, bucket)

    async def set_public_access_block(self, bucket: str, block: PublicAccessBlock) -> None:
        """Set the bucket's four switches."""
        await self._pool.run(buckets.put_public_access_block, self._calls, bucket, block)

    async def list_under(
        self, bucket: str, prefix: str, *, at: Connection | None = None
    ) -> AsyncGenerator[tuple[S3Object, ...], None]:
        """Every object whose key begins with `prefix`, page by page."""
        pages = lookup.list_under(self._calls.on(at), bucket, prefix)
        async for page in self._pool.iterate(pages):
            yield page

    async def list_existing(
        self, bucket: str, keys: Sequence[str], *, at: Connection | None = None
    ) -> AsyncGenerator[Mapping[str, S3Object], None]:
        """Which of `keys` exist, page by page of the bucket's listing."""
        pages = lookup.list_existing(self._calls.on(at), bucket, keys)
        async for page in self._pool.iterate(pages):
            yield page

    async def head(
        self,
        bucket: str,
        key: str,
        version_id: str | None = None,
        *,
        at: Connection | None = None,
    ) -> ObjectDetails:
        """The details of one object."""
        return await self._pool.run(objects.head, self._clients, bucket, key, version_id, at)

    async def read_head(self, bucket: str, key: str, limit: int = beginning.LIMIT) -> Beginning:
        """The first `limit` bytes of one object."""
        return await self._pool.run(beginning.read_beginning, self._clients, bucket, key, limit)

    async def presign(self, bucket: str, key: str, lasting: timedelta) -> PresignedLink:
        """A link to one object, with the time at which it will really stop working."""
        return await self._pool.run(objects.presign, self._clients, bucket, key, lasting)

    async def delete_objects(
        self, bucket: str, keys: Sequence[str], *, at: Connection | None = None
    ) -> AsyncGenerator[DeleteOutcome, None]:
        """Delete objects by key; tells after each call what became of its keys. Closing the
        iterator ends it after the call under way. CONFLICT if the account leaves `at`.
        """
        calls = objects.delete_objects(self._clients, bucket, tuple(keys), at)
        async for outcome in self._pool.iterate(calls):
            yield outcome

    def refuse_if_read_only(self) -> None:
        """Raise ServiceError (READ_ONLY) where storing an object would be refused anyway."""
        guard.refuse_if_read_only(self.account.read_only, "s3", "PutObject")

    def data_plane(
        self, bucket: str, at: Connection, *, native_bytes: int = data_plane.NATIVE_BYTES
    ) -> DataPlane:
        """The way to the bytes of a bucket's objects. Blocking.

        It stays with this connection, whatever the user chooses later. Up to `native_bytes` an
        object goes through the native client. Raises CONFLICT if the user has left `at`.
        """
        read_only = self.account.read_only
        # After what it is used with: it refuses if the user has moved on meanwhile.
        client = self._calls.on(at).client(bucket)
        native = self._natives.beside(client, read_only=read_only, account_id=at.account_id)
        return DataPlane(client, native, native_bytes=native_bytes)

    # -- buckets of one's own, on one connection: for what cannot be taken back ----------------

    async def find_region(self, bucket: str, *, at: Connection) -> str | None:
        """The bucket's region; None if the server does not say it."""
        return await self._pool.run(buckets.find_region, self._owned(at), bucket)

    async def bucket_protection(self, bucket: str, *, at: Connection) -> BucketProtection:
        """What stands between a bucket and its deletion; what may not be read is Unknown."""
        return await self._pool.run(read_protection, self._owned(at), bucket)

    async def list_versions(
        self, bucket: str, *, at: Connection, limit: int = listing.PAGE
    ) -> AsyncGenerator[list[ObjectVersion], None]:
        """Every version and delete marker of a bucket, page by page."""
        pages = versions.list_versions(self._owned(at), bucket, limit)
        async for page in self._pool.iterate(pages):
            yield page

    async def version_lock(
        self, bucket: str, version: ObjectVersion, *, at: Connection
    ) -> VersionLock:
        """The retention and legal hold of one version."""
        return await self._pool.run(versions.read_lock, self._owned(at), bucket, version)

    async def delete_versions(
        self,
        bucket: str,
        which: Sequence[ObjectVersion],
        *,
        at: Connection,
        by_version: bool = True,
        bypass_governance: bool = False,
    ) -> list[RefusedVersion]:
        """Delete at most 1,000 versions; gives those that stay."""
        return await self._pool.run(
            versions.delete_versions,
            self._owned(at),
            bucket,
            which,
            by_version=by_version,
            bypass_governance=bypass_governance,
        )

    async def list_uploads(
        self, bucket: str, *, at: Connection, limit: int = listing.PAGE
    ) -> AsyncGenerator[list[MultipartUpload], None]:
        """Every multipart upload of a bucket that is under way or left behind, page by page."""
        pages = multipart_uploads.list_uploads(self._owned(at), bucket, limit)
        async for page in self._pool.iterate(pages):
            yield page

    async def upload_bytes(self, bucket: str, upload: MultipartUpload, *, at: Connection) -> int:
        """The bytes of an upload's parts; 0 if it ended meanwhile."""
        return await self._pool.run(multipart_uploads.upload_bytes, self._owned(at), bucket, upload)

    async def abort_upload(self, bucket: str, upload: MultipartUpload, *, at: Connection) -> None:
        """Abort one upload; one that is gone already is aborted."""
        await self._pool.run(multipart_uploads.abort_upload, self._owned(at), bucket, upload)

    async def delete_bucket(self, bucket: str, *, at: Connection) -> None:
        """Delete an empty bucket; NOT_FOUND if it is gone already."""
        await self._pool.run(buckets.delete_bucket, self._owned(at), bucket)

    def _owned(self, at: Connection) -> S3Calls:
        return self._calls.on(at, owned=True)

    def close(self) -> None:
        """Give up queued calls; never waits."""
        self._pool.close()
