"""All that follows the loaded pages of a location, in parallel ranges and in the server's order.

Blocking; raises ServiceError.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tui.services.aws import Connection
from tui.services.s3.bucket.names import is_directory_bucket
from tui.services.s3.calls import S3Calls
from tui.services.s3.listing.key_range import order_of
from tui.services.s3.listing.listing import list_page, page_of, page_request
from tui.services.s3.listing.scan import ListingSource, scan_from
from tui.services.s3.listing.scan_parts import Page
from tui.services.s3.location import DELIMITER, S3Location
from tui.services.s3.models import ObjectPage, S3Object

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import ListObjectsV2OutputTypeDef


def list_rest(
    s3: S3Calls, location: S3Location, token: str, *, at: Connection | None = None
) -> Iterator[ObjectPage]:
    """The pages behind `token`, which an ObjectPage gave. The token of each goes on right behind
    it, so that the iterator can be closed after any of them."""
    s3 = s3.on(at)
    if is_directory_bucket(location.bucket):
        # It has no order that could be cut.
        yield from _one_by_one(s3, location, token)
        return
    source = _Folder(s3, location.bucket, location.prefix, location)
    prefixes: list[str] = []
    objects: list[S3Object] = []
    following: str | None = token
    for came in scan_from(source, ordered=True, token=token):
        for each in came.page:
            if isinstance(each, _CommonPrefix):
                prefixes.append(each.key)
            else:
                objects.append(each)
        # A page that was cut has no token: it is given together with the next one.
        if not came.is_cut:
            following = came.token
            yield ObjectPage(location, tuple(prefixes), tuple(objects), following)
            prefixes, objects = [], []
    if following is not None or prefixes or objects:
        # The last one was cut, or what it promised lay in parts that are empty.
        yield ObjectPage(location, tuple(prefixes), tuple(objects), None)


def _one_by_one(s3: S3Calls, location: S3Location, token: str) -> Iterator[ObjectPage]:
    following: str | None = token
    while following is not None:
        page = list_page(s3, location, following)
        # Some servers give the same token for ever.
        following = page.next_token if page.next_token != following else None
        yield replace(page, next_token=following)


@dataclass(frozen=True, slots=True)
class _CommonPrefix(S3Object):
    """Stands for a common prefix, which is its key."""


@dataclass(frozen=True)
class _Folder(ListingSource):
    """What is directly inside a location."""

    location: S3Location

    def answer(self, **request: Any) -> ListObjectsV2OutputTypeDef:
        fixed = page_request(self.calls.connection, self.location)
        return super().answer(**{**fixed, **request})

    def rows(self, answer: ListObjectsV2OutputTypeDef) -> Page:
        page = page_of(self.location, answer)
        prefixes = (_CommonPrefix(each, 0, None, "", "") for each in page.prefixes)
        if not page.prefixes:
            return page.objects
        return tuple(sorted((*prefixes, *page.objects), key=lambda each: order_of(each.key)))

    def cut_at(self, text: str) -> str:
        """Never inside a common prefix: both parts would list it."""
        at = text.find(DELIMITER, len(self.prefix))
        return text if at < 0 else text[:at]
