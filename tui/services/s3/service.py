"""S3 as the panes, the transfers and cleanup see it: async, bounded, in models."""

from __future__ import annotations

from functools import partial

from tui.services.audit import AuditLog
from tui.services.aws import Account, Connection, guard
from tui.services.blocking import Awaited, BlockingPool, Iterated
from tui.services.s3 import folders, objects
from tui.services.s3.bucket import (
    bucket_protection,
    bucket_settings,
    bucket_summary,
    buckets,
    directory_buckets,
    new_bucket,
)
from tui.services.s3.calls import S3Calls
from tui.services.s3.copying import copy_terms, copying
from tui.services.s3.copying.copying import Copier
from tui.services.s3.data import data_plane, multipart, ranges
from tui.services.s3.data.data_plane import DataPlane
from tui.services.s3.data.native_clients import NativeClients
from tui.services.s3.deleting import deleting, marker_look, version_pages, versions
from tui.services.s3.listing import listing, rest_of_listing, scan
from tui.services.s3.preview import tables
from tui.services.s3.properties import properties, property_writes, restoring
from tui.services.s3.search import grep


class S3Service:
    """Buckets and objects of one account. Every method raises ServiceError and nothing else.

    Calls go to the region of the bucket, found out by themselves, on the connection `at` or not at
    all; without it, on the present one. What each method gives is written at its function.

    `audit` is for the writes that do not pass through the SDK's hooks; without it all of them do.
    """

    def __init__(self, account: Account, audit: AuditLog | None = None) -> None:
        self.account = account
        self.calls = S3Calls(account)
        self.pool = BlockingPool("s3", size=16)
        self._natives = NativeClients(audit)

    list_buckets = Awaited(listing.list_buckets)
    list_directory_buckets = Awaited(directory_buckets.list_directory_buckets)
    list_page = Awaited(listing.list_page)
    list_rest = Iterated(rest_of_listing.list_rest)
    list_under = Iterated(listing.list_under)
    list_existing = Iterated(listing.list_existing)
    list_from = Awaited(listing.list_from)
    scan = Iterated(scan.scan)

    create_bucket = Awaited(new_bucket.create_bucket)
    read_settings = Awaited(bucket_settings.read_settings)
    write_setting = Awaited(bucket_settings.write_setting)
    summarize_bucket = Awaited(bucket_summary.summarize_bucket)
    exposure = Awaited(buckets.read_exposure)
    bucket_details = Awaited(buckets.bucket_details)
    versioning = Awaited(buckets.get_versioning)
    mfa_delete = Awaited(buckets.get_mfa_delete)
    public_access_block = Awaited(buckets.get_public_access_block)
    set_public_access_block = Awaited(buckets.put_public_access_block)

    list_version_page = Awaited(version_pages.list_version_page)
    key_versions = Iterated(version_pages.key_versions)

    head = Awaited(objects.head)
    read_head = Awaited(objects.read_beginning)
    read_range = Awaited(ranges.read_range)
    read_more = Awaited(ranges.read_more)
    open_table = Awaited(tables.open_table)
    table_rows = Awaited(tables.table_rows)
    search_object = Iterated(grep.search_object)
    presign = Awaited(objects.presign)
    put_folder = Awaited(folders.put_folder)
    properties = Awaited(properties.read_properties)
    change_properties = Awaited(property_writes.change_properties)
    restore_object = Awaited(restoring.restore_object)
    copy_object = Awaited(copying.copy_object)
    copy_is_made = Awaited(copying.copy_is_made)
    copy_terms = Awaited(copy_terms.read_terms)
    remove_markers = Iterated(deleting.remove_markers)
    look_at_markers = Awaited(marker_look.look_at_markers)
    markers_over = Awaited(marker_look.markers_over)
    delete_objects = Iterated(deleting.delete_objects)

    # Only buckets that belong to the account of the connection: what cannot be taken back.
    find_region = Awaited(buckets.find_region)
    bucket_protection = Awaited(bucket_protection.read_protection)
    list_versions = Iterated(versions.list_versions)
    version_lock = Awaited(versions.read_lock)
    delete_versions = Awaited(versions.delete_versions)
    list_uploads = Iterated(multipart.list_uploads)
    upload_bytes = Awaited(multipart.upload_bytes)
    abort_upload = Awaited(multipart.abort_upload)
    delete_bucket = Awaited(buckets.delete_bucket)

    def region_of(self, bucket: str) -> str | None:
        """The region of a bucket, if an answer has said it; nothing is sent."""
        return self.calls.region_of(bucket)

    def pays(self, bucket: str) -> bool:
        """Whether the user has agreed to pay for the requests to a bucket; nothing is sent."""
        return self.calls.payers.pays(self.calls.connection, bucket)

    def agree_to_pay(self, bucket: str, at: Connection) -> None:
        """Say with each request to the bucket, until the application ends, that the requester pays;
        with the profile and endpoint of `at`."""
        self.calls.payers.agree(at, bucket)

    def stop_paying(self, bucket: str) -> None:
        """Say so no longer."""
        self.calls.payers.withdraw(self.calls.connection, bucket)

    def refuse_if_read_only(self) -> None:
        """Raise ServiceError (READ_ONLY) where storing an object would be refused anyway."""
        guard.refuse_if_read_only(self.account.read_only, "s3", "PutObject")

    def data_plane(
        self, bucket: str, at: Connection, *, quick_bytes: int = data_plane.QUICK_BYTES
    ) -> DataPlane:
        """The way to the bytes of a bucket's objects. Blocking.

        It stays with this connection, whatever the user chooses later. Up to `quick_bytes` an
        object goes beside the SDK; -1: nothing does. Raises CONFLICT if the user has left `at`.
        """
        read_only = self.account.read_only
        # After what it is used with: it refuses if the user has moved on meanwhile.
        client = self.calls.on(at).client(bucket)
        native = self._natives.beside(
            client,
            read_only=read_only,
            account_id=at.account_id,
            pays=partial(self.calls.payers.pays, at),
        )
        return DataPlane(client, native, quick_bytes=quick_bytes)

    def copier(self, at: Connection, *buckets: str) -> Copier:
        """What copies objects between these buckets. Blocking.

        It stays with this connection, whatever the user chooses later. Raises CONFLICT if the user
        has left `at`.
        """
        return Copier(self.calls.on(at).held(*buckets))

    def close(self) -> None:
        """Give up queued calls; never waits."""
        self.pool.close()
