"""Into and out of buckets and prefixes, page by page."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.buckets import Put
from tests.driver import PATIENCE
from tests.hostile import HOSTILE_TEXT
from tests.panes.s3.conftest import Browse, browsing, services_of
from tests.watchdog import watchdog
from tui.panes.s3.listing import BUCKET_NAME_ROOM, WHOLE, Listing
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account, Target
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import Bucket, S3Location, S3Object, listing


async def test_buckets_then_prefixes_then_objects(browse: Browse, bucket: str, put: Put) -> None:
    put({"top.txt": b"x" * 1536, "folder/inner.txt": b"12"})
    async with browse() as browser:
        await browser.sees("Created (UTC)")
        browser.pane.grid.move_cursor(browser.pane.listing.index_of(bucket) or 0)
        await browser.press("enter")
        await browser.sees(
            f"s3://{bucket}/", "folder/", "top.txt", "1.5 KiB", "STANDARD", "2 items"
        )
        await browser.press("enter")
        await browser.sees(f"s3://{bucket}/folder/", "inner.txt", "2 B", "1 item")


async def test_backspace_goes_up_and_the_cursor_returns(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({"a/1": b"", "b/c/1": b"", "b/d/1": b"", "e": b""})
    async with browse(f"s3://{bucket}/") as browser:
        await browser.press("j", "enter")
        await browser.loaded()
        await browser.press("j", "enter")
        await browser.sees(f"s3://{bucket}/b/d/")
        await browser.press("backspace")
        await browser.loaded()
        assert (str(browser.pane.location), browser.here) == (f"s3://{bucket}/b/", "b/d/")
        await browser.press("backspace")
        await browser.loaded()
        assert (str(browser.pane.location), browser.here) == (f"s3://{bucket}/", "b/")
        await browser.press("backspace")
        await browser.loaded()
        assert browser.pane.location.is_root
        assert browser.here == bucket
        await browser.press("backspace")
        assert browser.pane.location.is_root


@pytest.mark.parametrize("key", [key for key in HOSTILE_TEXT if "\n" not in key])
async def test_hostile_keys_are_shown_harmlessly_and_found_again(
    browse: Browse, bucket: str, put: Put, key: str
) -> None:
    put({key: b"body"})
    async with browse(f"s3://{bucket}/") as browser:
        while True:
            assert "\x1b" not in browser.text
            here = browser.here
            if browser.pane.current_object is not None:
                assert here == key
                break
            assert key.startswith(here)
            assert here.endswith("/")
            await browser.press("enter")
            await browser.loaded()
            assert browser.pane.location == S3Location(bucket, here)
        await browser.press("i")
        await browser.sees("Size", "4 bytes")
        assert "\x1b" not in browser.text


@pytest.mark.parametrize("name", ["[red]x[/red]", "esc\x1b[31m", "[/]", "//", "\u202eabc"])
async def test_a_hostile_prefix_is_a_place_like_any_other(
    browse: Browse, bucket: str, put: Put, name: str
) -> None:
    put({f"{name}/x": b""})
    async with browse(str(S3Location(bucket, f"{name}/"))) as browser:
        await browser.sees("1 item")
        assert browser.here == f"{name}/x"
        assert "\x1b" not in browser.text


@pytest.mark.usefixtures("short_pages")
async def test_more_is_asked_for_when_the_cursor_nears_the_end(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({f"{number:04}": b"" for number in range(110)})
    async with browse(f"s3://{bucket}/") as browser:
        await browser.sees("100+ items")
        await browser.press("G")
        await browser.sees("110 items")
        await browser.press("G")
        assert browser.here == "0109"
        # Marks and the cursor's row survive asking again, past the first page too.
        await browser.press("space", "k")
        here = browser.here
        await browser.press("r")
        await browser.sees("1 marked · 110 items")
        await browser.loaded()
        assert browser.here == here


@pytest.mark.usefixtures("short_pages")
async def test_a_page_that_fails_is_asked_for_again_only_when_the_cursor_moves(
    browse: Browse, bucket: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put({f"{number:04}": b"" for number in range(110)})
    list_page = listing.list_page
    asked: list[str | None] = []
    broken = True

    def sometimes(clients: Any, location: S3Location, token: str | None, limit: int) -> Any:
        asked.append(token)
        if token is not None and broken:
            raise ServiceError("No second page.", kind=ErrorKind.NETWORK)
        return list_page(clients, location, token, limit)

    monkeypatch.setattr(listing, "list_page", sometimes)
    async with browse(f"s3://{bucket}/") as browser:
        browser.pane.grid.move_cursor(99)
        await browser.sees("No second page", "100+ items", "G tries again")
        await browser.idle()
        await browser.pilot.pause()
        assert len(asked) == 2
        broken = False
        await browser.press("k", "k")
        await browser.sees("110 items")
        await browser.misses("No second page", "tries again")


@pytest.mark.usefixtures("short_pages")
async def test_r_after_a_page_that_failed_asks_for_that_page_and_keeps_what_is_loaded(
    browse: Browse, bucket: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put({f"{number:04}": b"" for number in range(110)})
    list_page = listing.list_page
    asked: list[str | None] = []
    broken = True

    def sometimes(clients: Any, location: S3Location, token: str | None, limit: int) -> Any:
        asked.append(token)
        if token is not None and broken:
            raise ServiceError("No second page.", kind=ErrorKind.NETWORK, hint="Check it.")
        return list_page(clients, location, token, limit)

    monkeypatch.setattr(listing, "list_page", sometimes)
    async with browse(f"s3://{bucket}/") as browser:
        browser.pane.grid.move_cursor(99)
        await browser.sees("Check it. Press r to try this page again")
        broken = False
        await browser.press("r")
        await browser.sees("110 items")
        await browser.misses("No second page")
        assert asked.count(None) == 1


@pytest.mark.usefixtures("short_pages")
async def test_g_goes_to_the_end_of_all_pages(
    browse: Browse, bucket: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put({f"{number:04}": b"" for number in range(350)})
    list_page = listing.list_page
    asked: list[str | None] = []
    held, stuck = threading.Event(), threading.Event()
    broken = True

    def third_fails(clients: Any, location: S3Location, token: str | None, limit: int) -> Any:
        asked.append(token)
        if len(asked) == 2:
            stuck.set()
            held.wait(PATIENCE)
        if len(asked) == 3 and broken:
            raise ServiceError("No third page.", kind=ErrorKind.NETWORK)
        return list_page(clients, location, token, limit)

    monkeypatch.setattr(listing, "list_page", third_fails)
    async with browse(f"s3://{bucket}/") as browser:
        await browser.press("G")
        await browser.until(stuck.is_set, "the second page")
        await browser.sees("100 items… Esc stops")
        await browser.press("escape")
        await browser.sees("stopping")
        held.set()
        await browser.sees("200+ items")
        assert len(asked) == 2
        await browser.press("G")
        await browser.sees(
            "No third page", "200+ items (the next page did not come: G tries again)"
        )
        broken = False
        await browser.press("G")
        await browser.sees("350 items")
        await browser.until(lambda: browser.here == "0349", "the last row")
        await browser.misses("No third page")


async def test_a_long_listing_is_narrowed_and_ordered_without_holding_up_the_keys(
    browse: Browse,
) -> None:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    entries = [
        S3Object(f"{n:06}", n * 7919 % 100_003, when, "STANDARD", "") for n in range(100_000)
    ]
    async with browse() as browser:
        pane = browser.pane
        pane.listing = Listing(S3Location("bucket-of-nobody"))
        pane.listing.add(entries, None)
        with watchdog():
            pane.show_listing()
            await browser.press("slash", "9", "9", "9")
            await browser.sees("280 of 100,000 items match")
            await browser.press("escape")
            await browser.sees("100,000 items")
            await browser.press("o", "s")
            await browser.sees("100,000 items, largest first")
            await browser.idle()
        assert [each.size for each in pane.listing.shown[:2] if isinstance(each, S3Object)] == [
            100_002,
            100_001,
        ]


async def test_a_place_is_typed_and_opened_without_listing_buckets(
    browse: Browse, bucket: str, put: Put, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    put({"deep/er/x": b""})
    async with browse(f"s3://{bucket}/") as browser:
        await browser.loaded()
        monkeypatch.setattr("tui.services.s3.listing.list_buckets", None)
        await browser.press("colon", "ctrl+u")
        await browser.type(f"s3://{bucket}/deep/er/")
        await browser.press("enter")
        await browser.sees("1 item")
        assert browser.here == "deep/er/x"


async def test_what_is_no_place_is_said_and_nothing_moves(browse: Browse, bucket: str) -> None:
    async with browse(f"s3://{bucket}/") as browser:
        await browser.press("ctrl+l", "ctrl+u")
        await browser.type("s3://no/[/]")
        await browser.press("enter")
        await browser.sees("is not a place in S3", "s3://bucket/prefix/")
        assert browser.pane.location == S3Location(bucket)


async def test_a_missing_bucket_shows_the_error_and_r_tries_again(
    browse: Browse, account: Account
) -> None:
    name = "pane-not-there-yet"
    async with browse(f"s3://{name}/x/") as browser:
        await browser.sees("NoSuchBucket", "Press r to try again", "not loaded")
        account.client("s3").create_bucket(Bucket=name)
        account.client("s3").put_object(Bucket=name, Key="x/there", Body=b"")
        await browser.press("r")
        await browser.sees("there", "1 item")
        await browser.misses("NoSuchBucket")


async def test_no_network_is_said_and_r_tries_again(
    browse: Browse, account: Account, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    working = account.target
    monkeypatch.setattr("tui.services.aws.session.MAX_ATTEMPTS", 1)
    broken = type(working)(None, working.region, "http://127.0.0.1:9")
    monkeypatch.setattr(account, "_target", broken)
    async with browse() as browser:
        await browser.sees("Could not list the buckets", "Check the network")
        monkeypatch.setattr(account, "_target", working)
        await browser.press("r")
        await browser.misses("Check the network")
        await browser.until(lambda: browser.pane.listing.index_of(bucket) is not None)


async def test_without_credentials_r_reads_them_again(
    sandbox: SandboxInfo, audit: AuditLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Account(Target(None, sandbox.region, sandbox.endpoint_url), audit=audit)
    services = services_of(account, audit, tmp_path)
    async with browsing(services, "s3://tristore-walkthrough/csv/") as browser:
        await browser.sees("Unable to locate credentials", "aws sso login")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", sandbox.credentials.access_key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", sandbox.credentials.secret_key)
        await browser.press("r")
        await browser.sees("file1.csv")
        await browser.misses("Unable to locate credentials")
    services.close()


async def test_a_failed_refresh_keeps_what_was_loaded(
    browse: Browse, account: Account, bucket: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put({"a": b"", "b": b""})
    async with browse(f"s3://{bucket}/") as browser:
        await browser.press("j")
        monkeypatch.setattr("tui.services.aws.session.MAX_ATTEMPTS", 1)
        broken = type(account.target)(None, "us-east-1", "http://127.0.0.1:9")
        monkeypatch.setattr(account, "_target", broken)
        await browser.press("r")
        await browser.sees("Check the network", "2 items")
        assert browser.here == "b"


async def test_an_empty_bucket_says_what_to_press(browse: Browse, bucket: str) -> None:
    async with browse(f"s3://{bucket}/") as browser:
        await browser.sees("Nothing here yet", "u to upload", "0 items")


async def test_an_answer_for_a_place_that_was_left_is_dropped(
    browse: Browse, bucket: str, put: Put, account: Account
) -> None:
    put({"slow/x": b"", "fast/y": b""})
    async with browse(f"s3://{bucket}/") as browser:
        pane = browser.pane
        pane.go(S3Location(bucket, "slow/"))
        stale = pane.listing
        pane.go(S3Location(bucket, "fast/"))
        await browser.loaded()
        assert browser.here == "fast/y"
        assert stale.pages == 0
        await browser.misses("slow/")


async def test_refresh_shows_what_came_meanwhile(browse: Browse, bucket: str, put: Put) -> None:
    put({"b": b""})
    async with browse(f"s3://{bucket}/") as browser:
        put({"a": b""})
        await browser.press("r")
        await browser.sees("2 items")
        assert browser.here == "b"


async def test_the_name_of_a_bucket_keeps_its_room_where_the_rest_has_none(
    browse: Browse, bucket: str
) -> None:
    async with browse(size=(44, 20)) as browser:
        assert len(bucket) > BUCKET_NAME_ROOM
        browser.pane.listing.needle = bucket
        browser.pane.rearrange()
        await browser.sees(f" {bucket[:BUCKET_NAME_ROOM]}")


@pytest.mark.parametrize("width", [46, 58])
async def test_a_column_is_whole_or_not_there(
    browse: Browse, bucket: str, put: Put, width: int
) -> None:
    put({"a-long-name-" * 5: b"x" * 1023})
    async with browse(f"s3://{bucket}/", size=(width, 20)) as browser:
        (found,) = browser.pane.listing.entries
        assert isinstance(found, S3Object)
        assert found.modified is not None
        await browser.sees("1023 B", f"{found.modified:%Y-%m-%d %H:%M}")
        has_room = width >= WHOLE
        assert ("STANDARD" in browser.text) is ("Class" in browser.text) is has_room
        await browser.press("backspace")
        await browser.sees("buckets")
        bucket_row = browser.pane.current
        assert isinstance(bucket_row, Bucket)
        assert bucket_row.created is not None
        created = f"{bucket_row.created:%Y-%m-%d %H:%M}"
        assert (created in browser.text) is ("Created" in browser.text) is has_room
        await browser.pilot.resize_terminal(100, 20)
        await browser.sees("Created", created)
