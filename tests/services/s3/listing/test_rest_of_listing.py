"""The rest of a listing comes in order and once, and can be left after any of its pages."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable
from random import Random
from typing import Any, cast

import pytest

from tests.buckets import Put
from tests.services.s3.listing.test_scan import PAGE, Bucket, some_keys
from tui.services.aws.answers import ROWS
from tui.services.errors import ErrorKind, ServiceError
from tui.services.giving_way import waiting
from tui.services.s3 import ObjectPage, S3Location, S3Object, S3Service
from tui.services.s3.calls import S3Calls
from tui.services.s3.listing import rest_of_listing, scan_parts
from tui.services.s3.listing import scan as scans
from tui.services.s3.listing.key_range import order_of
from tui.services.s3.listing.listing import list_page, page_request
from tui.services.s3.listing.rest_of_listing import list_rest

pytestmark = pytest.mark.usefixtures("small_parts")


class Folders(Bucket):
    """Lists what is directly inside a prefix, as AWS does."""

    together: threading.Barrier | None = None

    def call(self, action: str, method: object, **request: str) -> dict[str, Any]:
        with self._lock:
            self.requests.append(request)
            number = len(self.requests)
        if self.together is not None and number in {2, 3}:
            waiting()  # as each call of the SDK does while it waits for its answer
            self.together.wait(timeout=60)
        with self._lock:
            if number == self.fails_at:
                raise ServiceError("Denied.", kind=ErrorKind.DENIED)
        prefix, token = request["Prefix"], request.get("ContinuationToken", "")
        start_after = request.get("StartAfter", "") if self.knows_start_after else ""
        after = order_of(token or start_after)
        names: dict[str, None] = {}
        for key in self.keys[bisect_left(self.orders, after) :]:
            if key.startswith(prefix):
                head, slash, _ = key[len(prefix) :].partition("/")
                name = prefix + head + slash
                # A token is the last name that was given; StartAfter is a key.
                if order_of(name if token else key) > after:
                    names[name] = None
                if len(names) > PAGE:
                    break
        page = list(names)[:PAGE]
        more = {"NextContinuationToken": page[-1]} if len(names) > PAGE else {}
        return {
            "IsTruncated": bool(more),
            ROWS: tuple(S3Object(x, 1, None, "", "") for x in page if not self._is_folder(x)),
            "CommonPrefixes": [{"Prefix": name} for name in page if self._is_folder(name)],
            **more,
        }

    def _is_folder(self, name: str) -> bool:
        return name.endswith("/") and (
            name not in self.keys or any(key.startswith(name) and key != name for key in self.keys)
        )


def keys_of(kind: str) -> set[str]:
    if kind != "mixed":
        return some_keys(kind)
    random = Random(kind)
    names = [f"{random.getrandbits(24):06x}" for _ in range(300)]
    return {name + random.choice(("", "", "/x", "!", "/y/z")) for name in names}


def names_of(page: ObjectPage) -> list[str]:
    return sorted((*page.prefixes, *(each.key for each in page.objects)), key=order_of)


def rest(bucket: Bucket, place: S3Location, token: str) -> list[ObjectPage]:
    return list(list_rest(cast("S3Calls", bucket), place, token))


def one_by_one(bucket: Bucket, place: S3Location, token: str | None) -> list[str]:
    names: list[str] = []
    while True:
        page = list_page(cast("S3Calls", bucket), place, token)
        names += names_of(page)
        token = page.next_token
        if token is None:
            return names


KINDS = ["numbers", "hashes", "one place", "hostile", "mixed"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("endpoint", [None, "http://near"])
def test_it_is_what_page_after_page_gives(kind: str, endpoint: str | None) -> None:
    bucket = Folders(keys_of(kind), endpoint)
    place = S3Location("b")
    whole = one_by_one(bucket, place, None)
    pages = rest(bucket, place, whole[PAGE - 1])
    assert [name for page in pages for name in names_of(page)] == whole[PAGE:]
    assert [page.next_token is None for page in pages] == [False] * (len(pages) - 1) + [True]
    came = PAGE
    for page in pages[:-1]:
        came += len(page)
        assert page.next_token is not None
        if came % 5 == 0:
            assert one_by_one(bucket, place, page.next_token) == whole[came:]


def test_it_is_of_the_prefix_only_and_in_parallel() -> None:
    bucket = Folders({f"p/{name}" for name in keys_of("mixed")} | keys_of("numbers"))
    place = S3Location("b", "p/")
    whole = one_by_one(bucket, place, None)
    bucket.requests.clear()
    # The second and the third request each wait for the other.
    bucket.together = threading.Barrier(2)
    pages = rest(bucket, place, whole[PAGE - 1])
    assert [name for page in pages for name in names_of(page)] == whole[PAGE:]
    assert any("StartAfter" in request for request in bucket.requests)
    assert all("/" not in request.get("StartAfter", "")[2:] for request in bucket.requests)


def test_a_server_that_does_not_know_startafter_gives_nothing_twice() -> None:
    bucket = Folders(keys_of("mixed"), "http://old")
    bucket.knows_start_after = False
    place = S3Location("b")
    whole = one_by_one(bucket, place, None)
    pages = rest(bucket, place, whole[PAGE - 1])
    assert [name for page in pages for name in names_of(page)] == whole[PAGE:]


def test_a_directory_bucket_is_listed_page_by_page() -> None:
    bucket = Folders(keys_of("hashes"))
    place = S3Location("b--use1-az1--x-s3")
    whole = one_by_one(bucket, place, None)
    pages = rest(bucket, place, whole[PAGE - 1])
    assert [name for page in pages for name in names_of(page)] == whole[PAGE:]
    assert not any("StartAfter" in request for request in bucket.requests)


def test_what_came_before_a_refusal_can_be_gone_on_from() -> None:
    bucket = Folders(keys_of("mixed"), "http://near")
    place = S3Location("b")
    whole = one_by_one(bucket, place, None)
    bucket.requests.clear()
    bucket.fails_at = 20
    came, token = PAGE, whole[PAGE - 1]
    pages = list_rest(cast("S3Calls", bucket), place, token)
    error = None
    while error is None:
        try:
            page = next(pages)
        except ServiceError as refusal:
            error = refusal
        else:
            came, token = came + len(page), page.next_token or ""
    assert error.message == "Denied."
    bucket.fails_at = 0
    assert one_by_one(bucket, place, token) == whole[came:]


async def test_the_sandbox_gives_the_rest_in_order(
    s3: S3Service, bucket: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{number:03}" + "/x" * (number % 3 == 0) for number in range(60)]
    put({**dict.fromkeys(names, b"x"), "zz [red]//": b"x"})

    def small(*given: Any) -> dict[str, Any]:
        return page_request(*given) | {"MaxKeys": PAGE}

    monkeypatch.setattr(rest_of_listing, "page_request", small)
    place = S3Location(bucket)
    first = await s3.list_page(place, limit=PAGE)
    whole = await s3.list_page(place)
    found = names_of(first)
    assert first.next_token is not None
    async for page in s3.list_rest(place, first.next_token):
        found += names_of(page)
    assert found == names_of(whole)


def test_it_ends_when_it_is_closed() -> None:
    bucket = Folders(keys_of("numbers"))
    pages: Any = list_rest(cast("S3Calls", bucket), S3Location("b"), bucket.keys[PAGE - 1])
    close: Callable[[], None] = pages.close
    next(pages), next(pages)
    close()
    assert len(bucket.requests) < scans.THREADS + scan_parts.HELD + 3
