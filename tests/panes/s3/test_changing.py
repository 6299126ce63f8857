"""What creates, opens, shares and deletes; each asks first and says what it did."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen
from uuid import uuid4

import pytest
from textual.widgets import Button, Input

from tests.buckets import Put
from tests.panes.s3.conftest import Browse, browsing, services_of
from tui.panes.s3.commands_share import COPY_KEYS
from tui.panes.s3.entries import raw_name
from tui.services.audit import AuditLog
from tui.services.aws import Account, CredentialsLife, Target
from tui.services.blocking import Awaited
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import ROOT, PublicAccessBlock, S3Location, S3Service
from tui.services.s3.copies import Copy, of_location, of_object


async def test_a_bucket_is_created_with_its_name_checked_while_typing(
    browse: Browse, account: Account
) -> None:
    name = f"pane-new-{uuid4().hex[:8]}"
    async with browse() as person:
        await person.press("n")
        await person.sees("New bucket", "us-east-1", "Block all public access")
        await person.type("My")
        await person.sees("not 'M'", "At least 3 characters")
        await person.press("enter")
        await person.press("ctrl+s")
        await person.sees("Name: At least 3 characters")
        person.app.screen.query_one(Input).value = ""
        person.app.screen.query_one(Input).focus()
        await person.type(name)
        await person.press("ctrl+s")
        await person.sees(f"Created {name} in us-east-1")
        await person.until(lambda: person.here == name)
    block = await S3Service(account).public_access_block(name)
    assert block == PublicAccessBlock.all(True)


async def test_a_taken_name_leaves_the_form_open(browse: Browse, bucket: str) -> None:
    async with browse() as person:
        await person.press("n")
        await person.type(bucket)
        await person.press("ctrl+s")
        await person.sees(f"There is a bucket named {bucket} already", "unique")
        assert person.app.screen.query_one(Input).value == bucket
        await person.press("escape", "escape")
        await person.misses("New bucket ─")


async def test_info_of_an_object(browse: Browse, bucket: str, put: Put) -> None:
    put(
        {"a/[red]x": b"12345" * 1000},
        ContentType="text/[b]plain",
        Metadata={"who": "[/]me"},
    )
    async with browse(f"s3://{bucket}/a/") as person:
        await person.press("i")
        await person.sees(
            "4.9 KiB (5,000 bytes)", "text/[b]plain", "STANDARD", "Metadata who", "[/]me", "UTC"
        )
        await person.press("y")
        await person.until(lambda: person.window.copied, "the copy")
        assert f"URI: s3://{bucket}/a/[red]x" in person.window.copied[0]


async def test_info_of_a_bucket_and_its_public_access_block(
    browse: Browse, bucket: str, account: Account
) -> None:
    s3 = S3Service(account)
    async with browse() as person:
        person.pane.grid.move_cursor(person.browser.listing.index_of(bucket) or 0)
        await person.press("i")
        await person.sees(
            "us-east-1", "never enabled", "not configured on this bucket", "no bucket policy"
        )
        await person.press("a")
        await person.sees("Now: not configured", "Block new public ACLs")
        await person.press("ctrl+s")
        await person.sees("on (all four)")
        assert await s3.public_access_block(bucket) == PublicAccessBlock.all(True)
        await person.press("a")
        await person.sees("Now: on (all four)")
        await person.press("space", "ctrl+s")
        await person.sees("become public?", "without credentials", "does not block new public ACLs")
        assert isinstance(person.app.focused, Button)
        assert person.app.focused.id == "cancel"
        await person.press("enter")
        await person.sees("Versioning")
        assert await s3.public_access_block(bucket) == PublicAccessBlock.all(True)
        await person.press("a")
        await person.sees("Now: on (all four)")
        await person.press("space", "ctrl+s")
        await person.sees("become public?")
        await person.press("right", "enter")
        await person.sees("partly: blocks")
        assert await s3.public_access_block(bucket) == PublicAccessBlock(False, True, True, True)
    s3.close()


async def test_a_public_access_block_that_was_changed_meanwhile_is_left(
    browse: Browse, bucket: str, account: Account
) -> None:
    s3 = S3Service(account)
    await s3.set_public_access_block(bucket, PublicAccessBlock(False, True, True, False))
    async with browse(f"s3://{bucket}/") as person:
        await person.press("a")
        await person.sees("Now: partly")
        await s3.set_public_access_block(bucket, PublicAccessBlock(False, True, True, True))
        await person.press("space", "ctrl+s")
        await person.sees("Press a again")
    now = await s3.public_access_block(bucket)
    assert now == PublicAccessBlock(False, True, True, True)
    s3.close()


async def test_a_denied_part_of_the_info_says_so_and_hides_nothing(
    browse: Browse, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object) -> None:
        raise ServiceError("No.", hint="needs s3:X", kind=ErrorKind.DENIED)

    monkeypatch.setattr("tui.services.s3.bucket.buckets.get_public_access_block", denied)
    monkeypatch.setattr(S3Service, "public_access_block", Awaited(denied))
    async with browse(f"s3://{bucket}/") as person:
        await person.press("i")
        await person.sees("unknown: access denied (needs s3:X)", "never enabled")
        await person.press("a")
        await person.sees("The present state is unknown")


async def test_deleting_names_what_and_where_and_starts_on_cancel(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({"a[r]": b"12", "b": b"345", "c": b"", "folder/x": b""})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("j", "space", "space", "x")
        await person.sees(f"2 objects (5 B) from the bucket {bucket}", "a[r]", "cannot be undone")
        await person.sees("In account unknown, region us-east-1, http://127.0.0.1:")
        await person.press("enter")
        await person.idle()
        assert len(person.browser.listing.entries) == 4
        await person.press("x")
        await person.sees("2 objects")
        await person.press("right", "enter")
        await person.sees("2 objects deleted", "2 items")
        assert person.browser.listing.marked == set()
        assert [getattr(each, "key", "") for each in person.browser.listing.entries] == [
            "",
            "c",
        ]


async def test_in_a_versioned_bucket_the_question_says_what_stays(
    browse: Browse, bucket: str, put: Put, account: Account
) -> None:
    account.connection.client("s3").put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    put({"a": b"1"})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("x")
        await person.sees("only adds delete markers")
        await person.press("right", "enter")
        await person.sees("1 got a delete marker", "0 items")
        await person.press("U")
        await person.sees("1 delete marker of the bucket", "Bring back")
        await person.press("right", "enter")
        await person.sees("1 object is back", "1 item")
        await person.idle()
        assert person.pane.undo.deletes == []


async def test_a_key_that_could_not_be_deleted_is_named_with_its_reason(
    browse: Browse, bucket: str, put: Put, account: Account
) -> None:
    put({"kept": b"", "lost": b""})
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:DeleteObject",
        "Resource": f"arn:aws:s3:::{bucket}/kept",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    account.connection.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
    async with browse(f"s3://{bucket}/") as person:
        await person.press("asterisk", "x")
        await person.sees("2 objects")
        await person.press("right", "enter")
        await person.sees("1 object was not deleted", "kept: AccessDenied", "1 item")


@pytest.fixture
def second_call(account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[SecondCall]:
    """Two keys in a delete call, and the second call waits."""
    monkeypatch.setattr("tui.services.s3.deleting.batch_delete.LIMIT", 2)
    call = SecondCall()
    events = account.connection.client("s3").meta.events
    events.register("before-call.s3.DeleteObjects", call.begins, unique_id="second")
    yield call
    call.goes_on.set()
    events.unregister("before-call.s3.DeleteObjects", unique_id="second")


class SecondCall:
    """The second DeleteObjects, held until it may go on."""

    def __init__(self) -> None:
        self.calls = 0
        self.goes_on = threading.Event()

    def begins(self, **_: object) -> None:
        self.calls += 1
        if self.calls == 2:
            self.goes_on.wait(30)


async def test_deleting_many_shows_how_far_it_is_and_esc_stops_it(
    browse: Browse, bucket: str, put: Put, second_call: SecondCall
) -> None:
    put(dict.fromkeys("abcdefg", b""))
    async with browse(f"s3://{bucket}/") as person:
        await person.press("asterisk", "x")
        await person.sees("7 objects")
        await person.press("right", "enter")
        await person.sees("deleted 2 of 7, Esc stops")
        await person.press("escape")
        await person.sees("deleted 2 of 7, stopping…")
        second_call.goes_on.set()
        await person.sees("4 objects deleted", "3 objects were not deleted", "Stopped with Esc.")
        await person.loaded()
        assert [raw_name(entry) for entry in person.browser.listing.entries] == [
            "e",
            "f",
            "g",
        ]
        assert person.browser.listing.marked == {"e", "f", "g"}
        await person.press("escape")
        # (The message beside the banner stays for a while.)
        await person.misses("Stopped with Esc.")


async def test_a_bucket_is_not_deleted_here_and_it_is_said_where(
    browse: Browse, bucket: str
) -> None:
    async with browse() as person:
        assert not person.pane.shows("delete")
        await person.press("x")
        await person.sees("Whole buckets are deleted in cleanup: F8.")


async def test_the_question_of_deleting_names_the_account(
    browse: Browse, bucket: str, put: Put, account: Account
) -> None:
    put({"a": b""})
    identity = await account.identity()
    async with browse(f"s3://{bucket}/") as person:
        await person.press("x")
        assert person.pane.shows("delete")
        await person.sees(f"In account {identity.account_id}")


async def test_a_prefix_is_counted_shown_and_deleted_with_all_under_it(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({f"folder/[b]{number}/x": b"12" for number in range(12)} | {"folder/": b"", "folders": b""})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("x")
        await person.sees("everything under folder/", "13 objects (24 B)", "In account")
        await person.press("enter")
        await person.idle()
        assert len(person.browser.shown) == 2
        await person.press("x")
        await person.sees("type delete 13")
        await person.type("delete 13")
        await person.press("enter")
        await person.sees("13 objects deleted", "1 item")
        assert person.here == "folders"


@pytest.mark.parametrize(
    "copies",
    [
        of_object("b", "k", Target()),
        of_location(ROOT, Target()),
        of_location(S3Location("b"), Target()),
        of_location(S3Location("b", "p/"), Target()),
    ],
)
def test_every_form_of_a_copy_has_a_key_of_its_own(copies: tuple[Copy, ...]) -> None:
    keys = [COPY_KEYS[copy.form] for copy in copies]
    assert len(set(keys)) == len(keys)
    assert "l" not in keys  # the link's


async def test_copies_are_exact(browse: Browse, bucket: str, put: Put) -> None:
    put({"it's [/] $(x)": b""})
    async with browse(f"s3://{bucket}/") as person:
        # The key has a "/": its first part is a folder.
        await person.press("enter")
        await person.loaded()
        copied = person.window.copied
        for choice, wanted in (("u", f"s3://{bucket}/it's [/] $(x)"), ("k", "it's [/] $(x)")):
            await person.press("y")
            await person.sees("S3 URI", "as AWS CLI", "as boto3")
            copied.clear()
            await person.press(choice)
            await person.until(lambda: copied, "the copy")
            assert copied == [wanted]
            await person.idle()


async def test_a_link_shows_its_real_expiry_and_works(
    browse: Browse, bucket: str, put: Put, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime

    end = datetime.now(UTC) + timedelta(minutes=30)
    monkeypatch.setattr(account, "credentials_life", lambda: CredentialsLife(end, temporary=True))
    put({"x": b"shared"})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("l")
        await person.sees("without credentials", "7 days")
        await person.press("2")
        await person.sees("works until", "The credentials that sign it end")
        await person.press("y")
        await person.until(lambda: person.window.copied, "the copy")
        with urlopen(person.window.copied[0]) as answer:
            assert answer.read() == b"shared"


async def test_a_link_that_most_clients_rewrite_says_so(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({"../secret": b"x"})
    async with browse(f"s3://{bucket}/../") as person:
        await person.press("l")
        await person.sees("“.” or “..”")
        await person.press("1")
        await person.sees("curl --path-as-is")
        await person.press("escape", "y")
        await person.sees("most programs change this address")


async def test_read_only_shows_everything_and_changes_nothing(
    read_only_account: Account, audit: AuditLog, tmp_path: Path, bucket: str, put: Put
) -> None:
    put({"a": b"text"})
    services = services_of(read_only_account, audit, tmp_path)
    async with browsing(services, f"s3://{bucket}/") as person:
        await person.press("x")
        await person.sees("Read-only mode: Delete is refused.")
        await person.misses("Delete?")
        await person.press("escape", "r")
        await person.sees("1 item")
    services.close()
