"""What a connection to AWS says of itself, and which clients it gives after a switch."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.local_server import Answer, serving
from tests.services.aws.test_account import shared_files
from tui.sandbox import SandboxInfo
from tui.services.aws import Account, Connection, Identity, StaticCredentials, Target
from tui.services.errors import ErrorKind, ServiceError

__all__ = ["shared_files"]

ME = Identity("123456789012", "arn:aws:iam::123456789012:user/me", "mine")
AWS = (("s3", "https://s3.eu-west-1.amazonaws.com"), ("rds", "https://rds.eu-west-1.api.aws"))
HERE = (("s3", "http://127.0.0.1:9000"),)


def connection(
    identity: Identity | None = ME,
    region: str | None = "eu-west-1",
    endpoints: tuple[tuple[str, str], ...] = AWS,
) -> Connection:
    return Connection(Target(None, region), identity=identity, endpoints=endpoints)


def test_it_says_account_region_and_endpoint_in_a_line() -> None:
    assert connection().sentence == "account 123456789012 (mine), region eu-west-1, endpoint AWS"
    assert (
        connection(None, None, HERE).sentence
        == "account unknown, region unknown, endpoint http://127.0.0.1:9000"
    )


def test_an_endpoint_is_what_is_not_awss_own() -> None:
    assert connection().endpoint is None
    assert connection(endpoints=(*AWS, *HERE)).endpoint == "http://127.0.0.1:9000"
    # As long as the SDK was not asked, what was chosen.
    assert Connection(Target(endpoint_url="http://x")).endpoint == "http://x"


def test_an_owner_is_expected_of_buckets_on_aws_itself_only() -> None:
    assert connection().expected_owner == "123456789012"
    assert connection(endpoints=HERE).expected_owner is None
    assert connection(None).expected_owner is None


def test_the_same_place_is_the_same_account_region_and_endpoint() -> None:
    assert connection().same_place(connection())
    assert not connection().same_place(connection(region="eu-west-2"))
    assert not connection().same_place(connection(Identity("2" * 12, "arn", None)))
    assert not connection().same_place(connection(endpoints=HERE))
    moved = (AWS[0], ("rds", "https://elsewhere.api.aws"))
    assert not connection().same_place(connection(endpoints=moved))


async def test_a_connection_that_the_user_left_gives_no_client(account: Account) -> None:
    present = account.connection
    client = present.client("s3")
    account.switch(region="eu-west-1")
    with pytest.raises(ServiceError) as caught:
        present.client("s3")
    assert caught.value.kind is ErrorKind.CONFLICT
    account.switch(region="us-east-1")
    with pytest.raises(ServiceError):
        present.client("s3")
    assert account.connection.client("s3") is client


async def test_credentials_read_anew_end_a_connection(account: Account) -> None:
    present = account.connection
    account.forget()
    with pytest.raises(ServiceError):
        present.client("s3")


async def test_a_held_connection_knows_who_and_where_and_outlives_a_switch(
    account: Account, sandbox: SandboxInfo
) -> None:
    held = await account.connect()
    assert held.account_id == "123456789012"
    assert held.region == "us-east-1"
    assert held.endpoint == sandbox.endpoint_url
    assert dict(held.endpoints)["dynamodb"] == sandbox.endpoint_url
    account.switch(region="eu-west-1")
    client: Any = held.client("dynamodb")
    assert client.meta.region_name == "us-east-1"
    assert account.connection.client("dynamodb").meta.region_name == "eu-west-1"
    assert held.client("s3", region="eu-west-2").meta.region_name == "eu-west-2"
    account.forget()
    assert held.client("dynamodb") is client


async def test_the_present_connection_learns_who_it_is(account: Account) -> None:
    assert account.connection.identity is None
    await account.identity()
    assert account.connection.account_id == "123456789012"
    account.switch(region="eu-west-1")
    assert account.connection.identity is None
    account.switch(region="us-east-1")
    assert account.connection.account_id == "123456789012"


async def test_a_switch_while_connecting_is_told(sandbox: SandboxInfo, account: Account) -> None:
    connecting = asyncio.create_task(account.connect())
    await asyncio.sleep(0)
    account.switch(region="eu-west-1")
    with pytest.raises(ServiceError) as caught:
        await connecting
    assert caught.value.kind is ErrorKind.CHANGED


async def test_a_server_that_only_speaks_s3_is_connected_to_without_an_identity() -> None:
    nothing = "<Error><Code>NotImplemented</Code><Message>no</Message></Error>"
    with serving(lambda request: Answer(501, nothing)) as url:
        account = Account(
            Target(region="garage", endpoint_url=url), credentials=StaticCredentials("a", "b")
        )
        held = await account.connect()
        account.close()
    assert held.identity is None
    assert held.expected_owner is None
    assert held.sentence == f"account unknown, region garage, endpoint {url}"


async def test_without_credentials_nothing_is_connected(shared_files: Path) -> None:
    with pytest.raises(ServiceError) as caught:
        await Account(Target(region="us-east-1", endpoint_url="http://127.0.0.1:9")).connect()
    assert caught.value.kind is ErrorKind.CREDENTIALS
