"""Where to connect, with which secret and certificate, and why a connection was not made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import pytest

from tui.sandbox import SandboxInfo
from tui.services.aws import Account, Target
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import (
    Auth,
    DatabaseTarget,
    PasswordNeededError,
    Secrets,
    SqlService,
    from_endpoint,
    from_environment,
    from_url,
)
from tui.services.sql import service as service_module
from tui.services.sql.connecting.bundle import BUNDLE_URL, bundle_file


def with_login(url: str, login: str, **changes: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.hostname}:{parts.port}", **changes))


async def test_a_missing_and_a_wrong_password_ask_for_one(
    service: SqlService, database: str
) -> None:
    user = urlsplit(database).username or ""
    target, secrets = from_url(with_login(database, user))
    with pytest.raises(PasswordNeededError):
        await service.connect(target, secrets)
    with pytest.raises(PasswordNeededError) as caught:
        await service.connect(target, Secrets().with_password("no[/]pe"))
    assert "no[/]pe" not in str(caught.value)
    right = Secrets().with_password(urlsplit(database).password or "")
    session = await service.connect(target, right)
    assert session.info.user == user
    session.close()


async def test_connecting_to_nothing_says_why(service: SqlService, database: str) -> None:
    with pytest.raises(ServiceError) as caught:
        await service.connect(*from_url("postgresql://u:p@127.0.0.1:1/db"))
    assert caught.value.kind is ErrorKind.NETWORK
    assert "Nothing listens" in caught.value.message
    with pytest.raises(ServiceError) as caught:
        await service.connect(*from_url(urlunsplit(urlsplit(database)._replace(path="/absent"))))
    assert caught.value.kind is ErrorKind.NOT_FOUND


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:hunter2@pass@host:x/db",
        "postgresql://u:hunter2/x@h/db?nonsense=1",
        "postgresql://u:hunter2/x@h/db",
        "postgresql://u:12/hunter2@h/db",
        "hunter2",
        "",
    ],
)
def test_a_mistyped_url_never_shows_its_password(url: str) -> None:
    with pytest.raises(ServiceError) as caught:
        from_url(url)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_target_has_no_password_anywhere() -> None:
    target, secrets = from_url(f"postgresql://me:{quote('hun/ter2', safe='')}@db.example:6543/shop")
    assert target.label == "postgres://db.example:6543/shop"
    assert "ter2" not in repr(target) + repr(secrets) + str(target.parameters)
    assert secrets.reveal() == {"password": "hun/ter2"}


def test_the_environment_gives_a_target_only_if_it_names_one() -> None:
    assert from_environment({"PGUSER": "me"}) is None
    target = from_environment({"PGHOST": "h", "PGDATABASE": "d", "PGPASSWORD": "s3cret"})
    assert target is not None
    assert target.label == "postgres://h/d"
    assert "s3cret" not in repr(target)


async def test_an_iam_login_sends_a_signed_token_over_tls_only(
    service: SqlService, database: str
) -> None:
    parts = urlsplit(database)
    target = from_endpoint(parts.hostname or "", parts.port or 0, "postgres", "me", auth=Auth.IAM)
    assert target.parameters["sslmode"] == "require"
    token = service._fresh(target, Secrets()).reveal()["password"]
    assert "Action=connect" in token
    assert "DBUser=me" in token
    # The sandbox speaks no TLS: the token must not go out in clear.
    with pytest.raises(ServiceError) as caught:
        await service.connect(target)
    assert "secure connection" in caught.value.message


@pytest.mark.parametrize(
    "unfit", [{"host": ""}, {"host": "a,b"}, {"host": "::1"}, {"port": "1,2"}, {"user": ""}]
)
async def test_an_iam_token_is_made_for_one_host_port_and_user(
    service: SqlService, unfit: dict[str, str]
) -> None:
    target = from_endpoint("db.example", 5432, "d", "me", auth=Auth.IAM)
    with pytest.raises(ServiceError, match="one host, port and user"):
        await service.connect(replace(target, parameters={**target.parameters, **unfit}))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The parameters of every connection that would be opened; none is."""
    seen: list[dict[str, str]] = []

    def refuse(target: DatabaseTarget, *args: object, **kwargs: object) -> None:
        seen.append(dict(target.parameters))
        raise ServiceError("not in a test")

    monkeypatch.setattr(service_module, "open_connection", refuse)
    return seen


@pytest.fixture
def at_aws(sandbox: SandboxInfo) -> Iterator[SqlService]:
    """A service on an account without an endpoint of its own; it signs, and asks AWS nothing."""
    account = Account(Target(region="us-east-1"), credentials=sandbox.credentials)
    service = SqlService(account)
    yield service
    service.close()
    account.close()


RDS_HOST = "db.abc.us-east-1.rds.amazonaws.com"


async def test_at_aws_a_token_goes_to_no_server_that_cannot_be_verified(
    at_aws: SqlService, asked: list[dict[str, str]]
) -> None:
    for sslmode in ("prefer", "require"):
        target = from_endpoint(RDS_HOST, 5432, "d", "me", auth=Auth.IAM, sslmode=sslmode)
        with pytest.raises(ServiceError) as caught:
            await at_aws.connect(target)
        assert "verified" in caught.value.message
        assert BUNDLE_URL in caught.value.hint
        assert str(bundle_file()) in caught.value.hint
    assert asked == []


@pytest.mark.parametrize("place", ["beside the settings", "PGSSLROOTCERT", "root.crt"])
async def test_at_aws_a_token_goes_to_a_verified_server(
    at_aws: SqlService,
    asked: list[dict[str, str]],
    private_home: Path,
    place: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = private_home / ".postgresql" / "root.crt"
    if place == "beside the settings":
        file = bundle_file()
    elif place == "PGSSLROOTCERT":
        file = private_home / "certificates.pem"
        monkeypatch.setenv("PGSSLROOTCERT", str(file))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    target = from_endpoint(RDS_HOST, 5432, "d", "me", auth=Auth.IAM, sslmode="require")
    with pytest.raises(ServiceError, match="not in a test"):
        await at_aws.connect(target)
    assert asked[0]["sslmode"] == "verify-full"
    # libpq itself looks into the other two.
    expected = str(file) if place == "beside the settings" else None
    assert asked[0].get("sslrootcert") == expected


async def test_a_password_goes_to_a_verified_instance_once_the_bundle_is_there(
    at_aws: SqlService, asked: list[dict[str, str]]
) -> None:
    target = from_endpoint(RDS_HOST, 5432, "d", "me", sslmode="require")
    elsewhere = from_endpoint("db.example.com", 5432, "d", "me", sslmode="require")
    for _ in range(2):
        for each in (target, elsewhere):
            with pytest.raises(ServiceError, match="not in a test"):
                await at_aws.connect(each, Secrets().with_password("x"))
        bundle_file().parent.mkdir(parents=True, exist_ok=True)
        bundle_file().touch()
    modes = [each["sslmode"] for each in asked]
    assert modes == ["require", "require", "verify-full", "require"]


async def test_verifying_an_instance_takes_the_bundle_and_a_proxy_of_rds_does_not(
    at_aws: SqlService, asked: list[dict[str, str]]
) -> None:
    bundle_file().parent.mkdir(parents=True, exist_ok=True)
    bundle_file().touch()
    proxy = "shop.proxy-abc.us-east-1.rds.amazonaws.com"
    for host, mode in ((RDS_HOST, "verify-full"), (RDS_HOST, "verify-ca"), (proxy, "verify-full")):
        target = from_endpoint(host, 5432, "d", "me", sslmode=mode)
        with pytest.raises(ServiceError, match="not in a test"):
            await at_aws.connect(target, Secrets().with_password("x"))
    roots = [each.get("sslrootcert") for each in asked]
    assert roots == [str(bundle_file()), str(bundle_file()), None]
    assert [each["sslmode"] for each in asked] == ["verify-full", "verify-ca", "verify-full"]
