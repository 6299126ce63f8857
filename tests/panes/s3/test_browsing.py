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
from tests.panes.s3.scripted import ScriptedS3
from tests.watchdog import watchdog
from tui.panes.s3.entries import BUCKET_NAME_ROOM, WHOLE, raw_name
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account, Target
from tui.services.blocking import Awaited
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import Bucket, S3Location, S3Object, S3Service
from tui.services.s3.calls import S3Calls
from tui.services.s3.listing import listing


async def test_buckets_then_prefixes_then_objects(browse: Browse, bucket: str, put: Put) -> None:
    put({"top.txt": b"x" * 1536, "folder/inner.txt": b"12"})
    async with browse() as person:
        await person.sees("Created (UTC)")
        person.pane.grid.move_cursor(person.browser.listing.index_of(bucket) or 0)
        await person.press("enter")
        await person.sees(f"s3://{bucket}/", "folder/", "top.txt", "1.5 KiB", "STANDARD", "2 items")
        await person.press("enter")
        await person.sees(f"s3://{bucket}/folder/", "inner.txt", "2 B", "1 item")
        await person.press("backspace")
        await person.loaded()
        await person.press("j", "backspace")
        await person.loaded()
        assert (str(person.browser.location), person.here) == ("s3://", bucket)
        await person.press("backspace")
        assert person.browser.location.is_root


async def test_hostile_keys_are_shown_harmlessly(browse: Browse, bucket: str, put: Put) -> None:
    keys = [key for key in HOSTILE_TEXT if "\n" not in key]
    put(dict.fromkeys(keys, b"body"))
    async with browse(f"s3://{bucket}/") as person:
        for row, entry in enumerate(person.browser.shown):
            person.pane.grid.move_cursor(row)
            assert person.here == raw_name(entry)
            await person.press("i")
            is_folder = raw_name(entry).endswith("/")
            await person.sees("A prefix is the beginning" if is_folder else "4 bytes")
            assert "\x1b" not in person.text
            await person.press("escape")
            await person.misses("y Copy all")
            assert "\x1b" not in person.text


HOSTILE_PREFIXES = ("[red]x[/red]", "esc\x1b[31m", "[/]", "//", "\u202eabc")


async def test_a_hostile_prefix_is_a_place_like_any_other(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({f"{name}/x": b"" for name in HOSTILE_PREFIXES})
    async with browse(f"s3://{bucket}/") as person:
        for name in HOSTILE_PREFIXES:
            person.pane.open(str(S3Location(bucket, f"{name}/")))
            await person.loaded()
            await person.sees("1 item")
            assert person.here == f"{name}/x"
            assert "\x1b" not in person.text


@pytest.mark.usefixtures("short_pages")
async def test_more_is_asked_for_when_the_cursor_nears_the_end(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({f"{number:04}": b"" for number in range(50)})
    async with browse(f"s3://{bucket}/") as person:
        await person.sees("40+ items")
        await person.press("G")
        await person.sees("50 items")
        await person.press("G")
        assert person.here == "0049"
        # Marks and the cursor's row survive asking again, past the first page too.
        await person.press("space", "k")
        here = person.here
        await person.press("r")
        await person.sees("1 marked · 50 items")
        await person.loaded()
        assert person.here == here


@pytest.mark.usefixtures("short_pages")
async def test_a_page_that_fails_is_asked_for_again_only_when_the_cursor_moves_or_by_r(
    browse: Browse, bucket: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put({f"{number:04}": b"" for number in range(50)})
    list_page = listing.list_page
    asked: list[str | None] = []
    broken = True

    def sometimes(calls: S3Calls, location: S3Location, token: str | None) -> Any:
        asked.append(token)
        if token is not None and broken:
            raise ServiceError("No second page.", kind=ErrorKind.NETWORK, hint="Check it.")
        return list_page(calls, location, token)

    monkeypatch.setattr(S3Service, "list_page", Awaited(sometimes))
    async with browse(f"s3://{bucket}/") as person:
        person.pane.grid.move_cursor(39)
        await person.sees("No second page", "40+ items", "G tries again")
        await person.sees("Check it. Press r to try this page again")
        await person.idle()
        await person.pilot.pause()
        assert len(asked) == 2
        await person.press("k")
        await person.until(lambda: len(asked) == 3, "the page that is asked for again")
        await person.sees("G tries again")
        broken = False
        await person.press("r")
        await person.sees("50 items")
        await person.misses("No second page", "tries again")
        assert asked.count(None) == 1


@pytest.mark.usefixtures("short_pages")
async def test_g_goes_to_the_end_of_all_pages(
    browse: Browse, bucket: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put({f"{number:04}": b"" for number in range(140)})
    list_page = listing.list_page
    asked: list[str | None] = []
    held, stuck = threading.Event(), threading.Event()
    broken = True

    def third_fails(calls: S3Calls, location: S3Location, token: str | None) -> Any:
        asked.append(token)
        if len(asked) == 2:
            stuck.set()
            held.wait(PATIENCE)
        if len(asked) == 3 and broken:
            raise ServiceError("No third page.", kind=ErrorKind.NETWORK)
        return list_page(calls, location, token)

    monkeypatch.setattr(S3Service, "list_page", Awaited(third_fails))
    monkeypatch.setattr(S3Service, "list_rest", ScriptedS3.list_rest)  # one page after the other
    async with browse(f"s3://{bucket}/") as person:
        await person.press("G")
        await person.until(stuck.is_set, "the second page")
        await person.sees("40 items… Esc stops")
        await person.press("escape")
        await person.sees("stopping")
        held.set()
        await person.sees("80+ items")
        assert len(asked) == 2
        await person.press("G")
        await person.sees("No third page", "80+ items (the next page did not come: G tries again)")
        broken = False
        await person.press("G")
        await person.sees("140 items")
        await person.until(lambda: person.here == "0139", "the last row")
        await person.misses("No third page")


async def test_a_long_listing_is_narrowed_and_ordered_without_holding_up_the_keys(
    browse: Browse,
) -> None:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    entries = [
        S3Object(f"{n:06}", n * 7919 % 100_003, when, "STANDARD", "") for n in range(100_000)
    ]
    async with browse() as person:
        pane = person.pane
        pane.browser.go(S3Location("bucket-of-nobody")).close()
        listing = pane.browser.listing
        with watchdog():
            listing.add(entries, None)
            pane._draw()
            await person.press("slash", "9", "9", "9")
            await person.sees("280 of 100,000 items match")
            await person.press("escape")
            await person.sees("100,000 items")
            await person.press("o", "s")
            await person.sees("100,000 items, largest first")
            await person.idle()
        assert [each.size for each in listing.shown[:2] if isinstance(each, S3Object)] == [
            100_002,
            100_001,
        ]


async def test_a_place_is_typed_and_opened_without_listing_buckets(
    browse: Browse, bucket: str, put: Put, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    put({"deep/er/x": b""})
    async with browse(f"s3://{bucket}/") as person:
        await person.loaded()
        monkeypatch.setattr(S3Service, "list_buckets", None)
        await person.press("colon", "ctrl+u")
        await person.type(f"s3://{bucket}/deep/er/")
        await person.press("enter")
        await person.sees("1 item")
        assert person.here == "deep/er/x"


async def test_what_is_no_place_is_said_and_nothing_moves(browse: Browse, bucket: str) -> None:
    async with browse(f"s3://{bucket}/") as person:
        # Python takes the second for half an address of IPv6.
        for text in ("s3://no/[/]", "https://[no/"):
            await person.press("ctrl+l", "ctrl+u")
            await person.type(text)
            await person.press("enter")
            await person.sees(f"{text!r} is not a place in S3", "s3://bucket/prefix/")
        assert person.browser.location == S3Location(bucket)


async def test_a_missing_bucket_shows_the_error_and_r_tries_again(
    browse: Browse, account: Account
) -> None:
    name = "pane-not-there-yet"
    async with browse(f"s3://{name}/x/") as person:
        await person.sees("NoSuchBucket", "Press r to try again", "not loaded")
        account.connection.client("s3").create_bucket(Bucket=name)
        account.connection.client("s3").put_object(Bucket=name, Key="x/there", Body=b"")
        await person.press("r")
        await person.sees("there", "1 item")
        await person.misses("NoSuchBucket")


async def test_without_credentials_r_reads_them_again(
    sandbox: SandboxInfo, audit: AuditLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Account(Target(None, sandbox.region, sandbox.endpoint_url), audit=audit)
    services = services_of(account, audit, tmp_path)
    async with browsing(services, "s3://tristore-walkthrough/csv/") as person:
        await person.sees("Unable to locate credentials", "aws sso login")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", sandbox.credentials.access_key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", sandbox.credentials.secret_key)
        await person.press("r")
        await person.sees("file1.csv")
        await person.misses("Unable to locate credentials")
    services.close()


async def test_the_name_of_a_bucket_keeps_its_room_where_the_rest_has_none(
    browse: Browse, bucket: str
) -> None:
    async with browse(size=(44, 20)) as person:
        assert len(bucket) > BUCKET_NAME_ROOM
        person.pane.narrow(bucket)
        await person.sees(f" {bucket[:BUCKET_NAME_ROOM]}")


@pytest.mark.parametrize("width", [46, 70])
async def test_a_column_is_whole_or_not_there(
    browse: Browse, bucket: str, put: Put, width: int
) -> None:
    put({"a-long-name-" * 5: b"x" * 1023})
    async with browse(f"s3://{bucket}/", size=(width, 20)) as person:
        (found,) = person.browser.listing.entries
        assert isinstance(found, S3Object)
        assert found.modified is not None
        await person.sees("1023 B", f"{found.modified:%Y-%m-%d %H:%M}")
        has_room = width >= WHOLE
        assert ("STANDARD" in person.text) is ("Class" in person.text) is has_room
        await person.press("backspace")
        await person.sees("buckets")
        bucket_row = person.browser.current
        assert isinstance(bucket_row, Bucket)
        assert bucket_row.created is not None
        created = f"{bucket_row.created:%Y-%m-%d %H:%M}"
        assert (created in person.text) is ("Created" in person.text) is has_room
        await person.pilot.resize_terminal(100, 20)
        await person.sees("Created", created)
