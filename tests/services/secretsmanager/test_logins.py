"""Reading the login of a database from Secrets Manager."""

from __future__ import annotations

import json
import traceback
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from botocore.stub import Stubber

from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account, StaticCredentials, Target
from tui.services.errors import ErrorKind, ServiceError
from tui.services.secretsmanager import SecretsManagerService

WHOLE = {
    "engine": "postgres",
    "host": "db.example",
    "username": "ada",
    "password": "hunter2",
    "dbname": "shop",
    "port": "6543",
}


@pytest.fixture
async def service(account: Account) -> AsyncIterator[SecretsManagerService]:
    service = SecretsManagerService(account)
    yield service
    service.close()


@pytest.fixture
def aws(account: Account) -> Iterator[Any]:
    """The emulated Secrets Manager; what a test puts into it is removed."""
    client: Any = account.connection.client("secretsmanager")
    yield client
    for secret in client.list_secrets(IncludePlannedDeletion=True)["SecretList"]:
        client.delete_secret(SecretId=secret["ARN"], ForceDeleteWithoutRecovery=True)


async def test_a_secret_of_rds_is_a_login(service: SecretsManagerService, aws: Any) -> None:
    arn = aws.create_secret(Name="shop/ada", SecretString=json.dumps(WHOLE))["ARN"]
    login = await service.login("shop/ada")
    assert (login.arn, login.user, login.password) == (arn, "ada", "hunter2")
    assert (login.host, login.port, login.database) == ("db.example", 6543, "shop")
    assert "hunter2" not in repr(login)
    assert await service.login(arn) == login
    aws.put_secret_value(SecretId=arn, SecretString='{"username": "ada", "password": "new"}')
    rotated = await service.login(arn)
    assert rotated.password == "new"
    assert rotated.version != login.version
    assert (rotated.host, rotated.port, rotated.database) == ("", None, "")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"SecretBinary": b"hunter2"}, "bytes"),
        ({"SecretString": "hunter2"}, "no JSON object"),
        ({"SecretString": '["hunter2"]'}, "no JSON object"),
        ({"SecretString": "[" * 100_000 + "hunter2"}, "no JSON object"),
        ({"SecretString": '{"key": "hunter2"}'}, "no field `password`"),
        ({"SecretString": '{"password": 7, "key": "hunter2"}'}, "no field `password`"),
        ({"SecretString": '{"password": "", "key": "hunter2"}'}, "no field `password`"),
    ],
)
def test_a_secret_that_is_no_login_is_not_repeated(content: dict[str, Any], said: str) -> None:
    account = Account(Target(region="eu-west-1"), credentials=StaticCredentials("key", "secret"))
    answer = {"Name": "a/b", "ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:a/b-x", **content}
    with pytest.raises(ServiceError) as caught:
        read_stubbed(account, lambda stub: stub.add_response("get_secret_value", answer))
    account.close()
    assert said in caught.value.message
    assert caught.value.kind is ErrorKind.INVALID
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def read_stubbed(account: Account, script: Any) -> None:
    service = SecretsManagerService(account)
    with Stubber(account.connection.client("secretsmanager")) as stub:
        script(stub)
        service.read_login("a/b")
    service.close()


async def test_a_secret_that_is_not_there_or_going_says_so(
    service: SecretsManagerService, aws: Any
) -> None:
    with pytest.raises(ServiceError) as caught:
        await service.login("nobody/knows")
    assert caught.value.kind is ErrorKind.NOT_FOUND
    assert "no secret nobody/knows" in caught.value.message
    aws.create_secret(Name="old/one", SecretString="{}")
    aws.delete_secret(SecretId="old/one")
    with pytest.raises(ServiceError) as caught:
        await service.login("old/one")
    assert caught.value.kind is ErrorKind.CONFLICT
    assert "restore-secret" in caught.value.hint


@pytest.mark.parametrize(
    ("code", "message", "permission"),
    [
        ("AccessDeniedException", "not authorized", "secretsmanager:GetSecretValue"),
        (
            "AccessDeniedException",
            "User: x is not authorized to perform: secretsmanager:GetSecretValue on resource: y "
            "because no identity-based policy allows the secretsmanager:GetSecretValue action",
            "secretsmanager:GetSecretValue",
        ),
        ("DecryptionFailure", "Secrets Manager can't decrypt", "kms:Decrypt"),
    ],
)
def test_a_denied_secret_names_the_missing_permission(
    code: str, message: str, permission: str
) -> None:
    account = Account(Target(region="eu-west-1"), credentials=StaticCredentials("key", "secret"))

    def refuse(stub: Stubber) -> None:
        stub.add_client_error("get_secret_value", code, message)

    with pytest.raises(ServiceError) as caught:
        read_stubbed(account, refuse)
    account.close()
    assert caught.value.kind is ErrorKind.DENIED
    assert permission in caught.value.hint


async def test_reading_is_allowed_in_read_only_mode_and_leaves_no_audit_line(
    read_only_account: Account, aws: Any, audit: AuditLog
) -> None:
    aws.create_secret(Name="shop/ada", SecretString=json.dumps(WHOLE))
    before = audit.path.read_text() if audit.path.exists() else ""
    service = SecretsManagerService(read_only_account)
    assert (await service.login("shop/ada")).user == "ada"
    service.close()
    after = audit.path.read_text() if audit.path.exists() else ""
    assert after == before


async def test_a_secret_is_read_in_the_region_of_its_arn(sandbox: SandboxInfo) -> None:
    target = Target(region="us-east-1", endpoint_url=sandbox.endpoint_url)
    account = Account(target, credentials=sandbox.credentials)
    elsewhere: Any = account.connection.client("secretsmanager", region="eu-central-1")
    arn = elsewhere.create_secret(Name="far/away", SecretString=json.dumps(WHOLE))["ARN"]
    service = SecretsManagerService(account)
    assert (await service.login(arn)).user == "ada"
    elsewhere.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
    service.close()
    account.close()
