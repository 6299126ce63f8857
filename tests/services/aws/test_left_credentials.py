"""What is under way goes on with credentials that were read anew, if they are of its account."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.credentials import Credentials

from tests.faulty import ServiceRequest, door, s3_error
from tests.local_server import Answer
from tui.sandbox import SandboxInfo
from tui.services.aws import Account, Target
from tui.services.aws.left_credentials import LeftCredentials
from tui.services.errors import ServiceError


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the shared credentials."""
    path = tmp_path / "credentials"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    return path


def write(path: Path, name: str) -> None:
    path.write_text(
        f"[default]\naws_access_key_id = {name}\naws_secret_access_key = not-a-real-secret\n"
        f"aws_session_token = of-{name}\n"
    )


@pytest.mark.parametrize("has_sts", [True, False])
async def test_a_client_in_use_takes_the_credentials_that_were_read_anew(
    sandbox: SandboxInfo, shared: Path, *, has_sts: bool
) -> None:
    def expired(request: ServiceRequest) -> Answer | None:
        if request.service == "sts" and not has_sts:
            return Answer(400, "<Error><Code>BadRequest</Code><Message>?</Message></Error>")
        is_old = any("Credential=OLD/" in value for value in request.headers.values())
        return s3_error(400, "ExpiredToken") if is_old and not is_valid else None

    is_valid = True
    write(shared, "OLD")
    with door(sandbox, expired) as opened:
        account = Account(Target(region="us-east-1", endpoint_url=opened.url))
        held = await account.connect()
        client = held.client("s3")
        client.list_buckets()
        is_valid = False
        with pytest.raises(client.exceptions.ClientError):
            client.list_buckets()
        write(shared, "NEW")
        account.forget()
        try:
            await account.identity()
        except ServiceError:
            assert not has_sts
        client.list_buckets()
        account.close()


@pytest.mark.parametrize(
    ("target", "account_id"),
    [
        (Target("dev", "r"), "222"),
        (Target("dev", "r"), None),
        (Target("prod", "r"), "111"),
        (Target("dev", "r", "https://s3.example"), "111"),
    ],
)
def test_credentials_of_another_account_profile_or_endpoint_are_not_taken(
    target: Target, account_id: str | None
) -> None:
    left, old = LeftCredentials(), Credentials("OLD", "secret", "token")
    left.keep(old, Target("dev", "r"), "111")
    left.renew(Credentials("NEW", "other", None), target, account_id)
    assert (old.access_key, old.secret_key, old.token) == ("OLD", "secret", "token")
    left.renew(Credentials("NEW", "other", None), Target("dev", "elsewhere"), "111")
    assert (old.access_key, old.secret_key, old.token) == ("NEW", "other", None)
