"""Credentials, identity, region and endpoint: found through the SDK's chain, explained if not."""

from __future__ import annotations

import asyncio
import getpass
import os
import threading
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.faulty import door
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account, StaticCredentials, Target, session
from tui.services.aws.credentials import origin_text
from tui.services.aws.session import ProfileSessions
from tui.services.errors import ErrorKind, ServiceError


@pytest.fixture
def shared_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Shared AWS files of the test's own; returns their folder."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    (tmp_path / "config").write_text(
        "[default]\nregion = eu-west-1\n[profile dev]\nregion = eu-north-1\n"
    )
    (tmp_path / "credentials").write_text(
        "[dev]\naws_access_key_id = NOT-A-REAL-KEY\naws_secret_access_key = not-a-real-secret\n"
    )
    return tmp_path


async def test_identity_on_the_sandbox(account: Account) -> None:
    identity = await account.identity()
    assert identity.account_id == "123456789012"
    assert identity.arn.startswith("arn:aws:")


async def test_profiles_come_from_the_shared_files(shared_files: Path) -> None:
    assert set(await Account(Target()).profiles()) == {"default", "dev"}


async def test_a_profile_brings_its_region_and_its_credentials(
    shared_files: Path, sandbox: SandboxInfo
) -> None:
    account = Account(Target(profile="dev", endpoint_url=sandbox.endpoint_url))
    await account.identity()
    assert account.target.region == "eu-north-1"
    assert account.connection.client("s3").meta.region_name == "eu-north-1"


async def test_no_credentials_says_how_to_give_them(shared_files: Path) -> None:
    account = Account(Target(endpoint_url="http://127.0.0.1:9"))
    with pytest.raises(ServiceError) as caught:
        await account.identity()
    assert caught.value.kind is ErrorKind.CREDENTIALS
    assert "AWS_PROFILE" in caught.value.hint


async def test_credentials_given_later_are_found_after_forget(
    shared_files: Path, sandbox: SandboxInfo
) -> None:
    account = Account(Target(endpoint_url=sandbox.endpoint_url))
    with pytest.raises(ServiceError):
        await account.identity()
    with (shared_files / "credentials").open("a") as stream:
        stream.write("[default]\naws_access_key_id = LATER\naws_secret_access_key = later\n")
    account.forget()
    assert (await account.identity()).account_id == "123456789012"


async def test_an_unknown_profile_is_explained(shared_files: Path) -> None:
    with pytest.raises(ServiceError) as caught:
        await Account(Target(profile="nobody")).identity()
    assert caught.value.kind is ErrorKind.CREDENTIALS
    assert "nobody" in caught.value.cause


async def test_no_region_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: SandboxInfo
) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    account = Account(
        Target(endpoint_url=sandbox.endpoint_url), credentials=StaticCredentials("a", "b")
    )
    with pytest.raises(ServiceError) as caught:
        account.connection.client("dynamodb")
    assert "--region" in caught.value.hint
    # What needs no region works without one.
    assert account.connection.client("s3").list_buckets()["Buckets"] is not None


async def test_no_network_is_told_apart_from_no_credentials() -> None:
    account = Account(
        Target(region="us-east-1", endpoint_url="http://127.0.0.1:9"),
        credentials=StaticCredentials("a", "b"),
    )
    with pytest.raises(ServiceError) as caught:
        await account.identity()
    assert caught.value.kind is ErrorKind.NETWORK


async def test_clients_are_made_once_and_follow_the_region(account: Account) -> None:
    first = account.connection.client("s3")
    assert account.connection.client("s3") is first
    account.switch(region="eu-west-2")
    second = account.connection.client("s3")
    assert second is not first
    assert second.meta.region_name == "eu-west-2"
    account.switch(region="us-east-1")
    assert account.connection.client("s3") is first


def test_secrets_are_not_in_a_repr() -> None:
    credentials = StaticCredentials("KEY", "very-secret")
    assert "very-secret" not in repr(credentials)
    assert "very-secret" not in repr(Account(Target(), credentials=credentials))


def test_a_profile_marked_read_only_is_read_only() -> None:
    account = Account(Target(profile="prod"), read_only_profiles=frozenset({"prod"}))
    assert account.read_only
    account.switch(profile="dev")
    assert not account.read_only


async def test_regions_are_known_without_a_network() -> None:
    account = Account(
        Target(region="us-east-1", endpoint_url="http://127.0.0.1:9"),
        credentials=StaticCredentials("a", "b"),
    )
    regions = await account.regions()
    assert "eu-central-1" in regions
    assert list(regions) == sorted(regions)


async def test_choosing_a_region_does_not_wait_for_an_identity_that_hangs(
    sandbox: SandboxInfo, audit: AuditLog
) -> None:
    with door(sandbox) as opened:
        opened.intercept = opened.hang
        account = Account(
            Target(region="us-east-1", endpoint_url=opened.url), credentials=sandbox.credentials
        )
        asked = [asyncio.create_task(account.identity()) for _ in range(3)]
        assert "eu-west-1" in await asyncio.wait_for(account.regions(), 10)
        for task in asked:
            task.cancel()
        account.close()


async def test_reading_credentials_anew_does_not_wait_for_those_that_hang(
    shared_files: Path, sandbox: SandboxInfo
) -> None:
    hangs = shared_files / "hangs"
    os.mkfifo(hangs)
    with (shared_files / "config").open("a") as stream:
        stream.write(f"[profile slow]\ncredential_process = cat {hangs}\nregion = us-east-1\n")
    account = Account(Target(profile="slow", endpoint_url=sandbox.endpoint_url))
    asking = asyncio.create_task(account.identity())
    writer = await asyncio.to_thread(hangs.open, "w")  # opens when `cat` reads
    (shared_files / "config").write_text("[profile slow]\nregion = us-east-1\n")
    with (shared_files / "credentials").open("a") as stream:
        stream.write("[slow]\naws_access_key_id = NOW\naws_secret_access_key = now\n")
    account.forget()
    assert (await asyncio.wait_for(account.identity(), 20)).account_id == "123456789012"
    writer.close()
    with pytest.raises(ServiceError) as caught:
        await asking
    assert "JSON" in caught.value.cause


async def test_an_identity_that_comes_late_leaves_the_profile_chosen_meanwhile_alone(
    shared_files: Path, sandbox: SandboxInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answered = threading.Event(), threading.Event()
    real = ProfileSessions.session

    def hanging(sessions: ProfileSessions, target: Target) -> Any:
        asked.set()
        assert answered.wait(30)
        return real(sessions, target)

    monkeypatch.setattr(ProfileSessions, "session", hanging)
    account = Account(Target(profile="dev", endpoint_url=sandbox.endpoint_url))
    asking = asyncio.create_task(account.identity())
    await asyncio.to_thread(asked.wait, 30)
    chosen = account.switch(profile="default")
    answered.set()
    assert (await asking).account_id == "123456789012"
    assert account.target == chosen
    assert account.connection.identity is None


async def test_a_broken_profile_can_be_left_for_another_region_or_profile(
    shared_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert "eu-west-1" in await Account(Target()).regions()
    assert "dev" in await Account(Target()).profiles()


async def test_a_broken_file_is_explained(shared_files: Path) -> None:
    (shared_files / "config").write_text("this is [not a\nfile = of aws\n")
    account = Account(Target(region="us-east-1"))
    for ask in (account.identity, account.profiles):
        with pytest.raises(ServiceError) as caught:
            await ask()
        assert "config" in caught.value.cause
        assert caught.value.hint


async def test_an_mfa_code_is_never_asked_of_the_terminal(
    shared_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda prompt: pytest.fail(prompt))
    with (shared_files / "config").open("a") as stream:
        stream.write(
            "[profile role]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = dev\n"
            "mfa_serial = arn:aws:iam::1:mfa/me\nregion = us-east-1\n"
        )
    with pytest.raises(ServiceError) as caught:
        await Account(Target(profile="role")).identity()
    assert caught.value.kind is ErrorKind.CREDENTIALS
    assert "MFA" in caught.value.message


async def test_a_credential_process_that_is_missing_is_explained(shared_files: Path) -> None:
    with (shared_files / "config").open("a") as stream:
        stream.write("[profile gone]\ncredential_process = /no/such/program --json\n")
    with pytest.raises(ServiceError) as caught:
        await Account(Target(profile="gone", region="us-east-1")).identity()
    assert caught.value.kind is ErrorKind.CREDENTIALS
    assert "/no/such/program" in caught.value.cause


async def test_a_credential_process_cannot_reach_the_terminal(shared_files: Path) -> None:
    with (shared_files / "config").open("a") as stream:
        stream.write("[profile asks]\ncredential_process = sh -c 'read x </dev/tty || exit 3'\n")
    account = Account(Target(profile="asks", region="us-east-1"))
    with pytest.raises(ServiceError) as caught:
        await asyncio.wait_for(account.identity(), 20)
    assert "/dev/tty" in caught.value.cause


def test_the_environments_profile_is_the_one_the_sdk_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "dev")
    monkeypatch.setenv("AWS_DEFAULT_PROFILE", "prod")
    account = Account(Target(), read_only_profiles=frozenset({"prod"}))
    assert account.connection.profile == "prod"
    assert account.read_only


async def test_clients_of_a_read_only_profile_stay_so_after_a_switch(
    shared_files: Path, sandbox: SandboxInfo
) -> None:
    account = Account(
        Target("dev", endpoint_url=sandbox.endpoint_url), read_only_profiles=frozenset({"dev"})
    )
    client = account.connection.client("s3")
    account.switch(profile="default")
    with pytest.raises(ServiceError) as caught:
        client.create_bucket(Bucket="never-made")
    assert caught.value.kind is ErrorKind.READ_ONLY


async def test_an_endpoint_of_the_profile_is_known_shown_and_audited(
    shared_files: Path, sandbox: SandboxInfo, audit: AuditLog
) -> None:
    with (shared_files / "config").open("a") as stream:
        stream.write(
            f"[profile local]\nregion = us-east-1\nendpoint_url = {sandbox.endpoint_url}\n"
        )
        stream.write("aws_access_key_id = NOT-REAL\naws_secret_access_key = not-real\n")
    account = Account(Target("local"), audit=audit)
    await account.identity()
    assert account.endpoint == sandbox.endpoint_url
    client: Any = account.connection.client("s3")
    assert client.meta.config.s3["addressing_style"] == "path"
    with pytest.raises(ClientError):
        client.delete_bucket(Bucket="not-there-at-all")
    assert sandbox.endpoint_url in audit.path.read_text()


@pytest.mark.parametrize("valid", [True, False])
async def test_credentials_of_the_environment_are_not_said_to_be_a_profiles(
    shared_files: Path, monkeypatch: pytest.MonkeyPatch, sandbox: SandboxInfo, valid: bool
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "NOT-REAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-real")
    url = sandbox.endpoint_url if valid else "http://127.0.0.1:9"
    monkeypatch.setattr(session, "MAX_ATTEMPTS", 1)
    account = Account(Target(endpoint_url=url))
    assert account.origin == "profile default"
    with nullcontext() if valid else pytest.raises(ServiceError):
        await account.identity()
    assert account.origin == "credentials from the environment"
    account.close()


@pytest.mark.parametrize(
    ("method", "profile", "said"),
    [
        ("env", "default", "credentials from the environment"),
        ("iam-role", "default", "credentials of the instance role"),
        ("container-role", "default", "credentials of the container role"),
        ("shared-credentials-file", "dev", "profile dev"),
        ("sso", "dev", "profile dev (SSO)"),
        ("assume-role", "dev", "profile dev (role)"),
        ("something-new", "dev", "profile dev"),
    ],
)
def test_where_credentials_come_from_is_said_in_words(method: str, profile: str, said: str) -> None:
    assert origin_text(method, profile) == said


async def test_the_region_is_taken_from_where_the_cli_takes_it(
    shared_files: Path, monkeypatch: pytest.MonkeyPatch, sandbox: SandboxInfo
) -> None:
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")
    account = Account(Target(profile="dev", endpoint_url=sandbox.endpoint_url))
    await account.identity()
    assert account.target.region == "ap-south-1"
    assert account.connection.client("dynamodb").meta.region_name == "ap-south-1"


@pytest.mark.parametrize(
    ("region", "endpoint", "unknown"),
    [
        ("nowhere-9", None, True),
        ("us-east-1", None, False),
        ("cn-north-1", None, False),
        ("us-gov-west-1", None, False),
        (None, None, False),
        ("garage", "http://127.0.0.1:9", False),
    ],
)
async def test_a_region_that_the_sdk_does_not_know_is_told_of_aws_only(
    region: str | None, endpoint: str | None, unknown: bool
) -> None:
    account = Account(Target(region=region, endpoint_url=endpoint))
    assert await account.region_is_unknown() is unknown
    account.close()


def test_sessions_share_what_they_read_of_the_services(sandbox: SandboxInfo) -> None:
    accounts = [
        Account(Target(region=region), credentials=sandbox.credentials)
        for region in ("us-east-1", "eu-west-1")
    ]
    clients: list[Any] = [each.connection.client("ec2") for each in accounts]
    read = [client.meta.service_model._service_description for client in clients]
    assert read[0] is read[1]
    for each in accounts:
        each.close()


async def test_nothing_is_signed_and_no_credentials_are_read_where_none_are_wanted(
    shared_files: Path, sandbox: SandboxInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "NOT-A-REAL-KEY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-real-secret")
    with door(sandbox) as opened:
        account = Account(Target(None, "eu-west-1", opened.url, unsigned=True))
        account.connection.client("s3").list_buckets()
        for refused in (account.identity(), account.connect()):
            with pytest.raises(ServiceError, match="requests are not signed") as told:
                await refused
            assert told.value.kind is ErrorKind.CREDENTIALS
        assert account.origin == "requests are not signed"
        account.switch(region="us-west-2")
        account.connection.client("s3").list_buckets()
        account.close()
    assert [each.service for each in opened.requests] == ["", ""]


def test_a_profile_that_is_chosen_signs_again(shared_files: Path) -> None:
    account = Account(Target(unsigned=True))
    assert not account.switch(profile="dev").unsigned
