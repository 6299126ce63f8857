"""Refusals of real servers, looked at and explained, without an application."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from tests.certificates import Authority
from tests.faulty import ServiceRequest, behind, refusal
from tests.listeners import HOST, answering, closed_port, unanswering
from tests.local_server import Answer
from tests.own_postgres import own_postgres
from tests.panes.sql.runners import services_of
from tests.services.rds.networks import OwnNetwork, own_network
from tests.tls_front import tls_front
from tui.panes.sql.connecting.refused import wording
from tui.panes.sql.connecting.refused.conclusion import Cause, Fix
from tui.panes.sql.connecting.refused.facts import Aspect, Verdict
from tui.panes.sql.connecting.refused.looking import Diagnosis
from tui.sandbox import SandboxInfo
from tui.sandbox.postgres import PostgresServer
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.bundle import Services
from tui.services.sql import (
    Auth,
    ConnectError,
    DatabaseTarget,
    Refusal,
    Secrets,
    from_endpoint,
)
from tui.services.sql.connecting.holders import holders

PASSWORD = "right-Password-1"
SHORT = 0.3


@pytest.fixture
def services(account: Account, audit: AuditLog, tmp_path: Path) -> Iterator[Services]:
    services = services_of(account, audit, tmp_path)
    yield services
    services.close()


RULES = f"host all rejected {HOST}/32 reject\n"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """Five connections at a time, beside those of superusers."""
    with own_postgres({"max_connections": "8"}, rules=RULES) as server:
        with server.superuser() as cursor:
            for user in ("anna", "rejected"):
                cursor.execute(f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'")
            cursor.execute(f"CREATE ROLE boss SUPERUSER LOGIN PASSWORD '{PASSWORD}'")
        yield server


def target_of(port: int, *, host: str = HOST, user: str = "anna", **more: str) -> DatabaseTarget:
    target = from_endpoint(host, port, "postgres", user)
    parameters = {**target.parameters, "connect_timeout": "2", **more}
    return DatabaseTarget(target.label, parameters, target.auth)


async def explained(
    services: Services, target: DatabaseTarget, password: str = PASSWORD
) -> Diagnosis:
    """Connect, be refused, and look why."""
    with pytest.raises(ConnectError) as refused:
        await services.sql.connect(target, Secrets().with_password(password))
    diagnosis = Diagnosis(services, target, refused.value, patience=SHORT)
    await diagnosis.run()
    assert not any(each.verdict is Verdict.UNDER_WAY for each in diagnosis.looked)
    return diagnosis


def cause_of(diagnosis: Diagnosis) -> Cause:
    assert diagnosis.conclusion is not None
    return diagnosis.conclusion.cause


def line(diagnosis: Diagnosis, aspect: Aspect) -> tuple[Verdict, str]:
    found = diagnosis.facts.looked[aspect]
    return found.verdict, found.said


async def test_a_wrong_password(services: Services, server: PostgresServer) -> None:
    found = await explained(services, target_of(server.port or 0), "wrong")
    assert cause_of(found) is Cause.WRONG_PASSWORD
    assert found.conclusion is not None
    assert found.conclusion.fixes[0] is Fix.PASSWORD
    assert "wrong" not in str(found.facts)


async def test_no_such_database(services: Services, server: PostgresServer) -> None:
    target = target_of(server.port or 0, dbname="nowhere")
    found = await explained(services, target)
    assert cause_of(found) is Cause.NO_SUCH_DATABASE
    assert found.conclusion is not None
    assert "nowhere" in found.conclusion.sentence


async def test_a_rule_of_the_server_that_rejects(
    services: Services, server: PostgresServer
) -> None:
    found = await explained(services, target_of(server.port or 0, user="rejected"))
    assert cause_of(found) is Cause.AS_SAID
    assert "pg_hba" in found.facts.error.cause


async def test_a_user_who_is_let_in_at_most_encrypted(
    services: Services, server: PostgresServer, tmp_path: Path
) -> None:
    with tls_front(server.port or 0, Authority(), tmp_path) as front:
        target = target_of(front.port, user="rejected", sslmode="disable")
        found = await explained(services, target)
    assert cause_of(found) is Cause.TLS_REQUIRED
    assert found.conclusion is not None
    assert found.conclusion.fixes == (Fix.TLS,)


async def test_a_server_without_tls_that_is_asked_for_it(
    services: Services, server: PostgresServer
) -> None:
    found = await explained(services, target_of(server.port or 0, sslmode="require"))
    assert cause_of(found) is Cause.TLS_REFUSED
    assert line(found, Aspect.SERVER) == (Verdict.GOOD, "a PostgreSQL without encryption")


async def test_too_many_connections_and_who_holds_them(
    services: Services, server: PostgresServer
) -> None:
    with ExitStack() as held:
        for _ in range(5):
            connection = psycopg2.connect(
                host=HOST, port=server.port, user="anna", password=PASSWORD, dbname="postgres"
            )
            held.callback(connection.close)
        found = await explained(services, target_of(server.port or 0))
        assert cause_of(found) is Cause.TOO_MANY_CONNECTIONS
        assert found.conclusion is not None
        assert Fix.HOLDERS not in found.conclusion.fixes

        # Those of superusers are kept free; such a session sees the others.
        boss = await services.sql.connect(
            target_of(server.port or 0, user="boss"), Secrets().with_password(PASSWORD)
        )
        found = await explained(services, target_of(server.port or 0))
        assert found.conclusion is not None
        assert found.conclusion.fixes == (Fix.HOLDERS, Fix.RETRY)
        seen = wording.held(await boss.look_up(holders))
        boss.close()
    first, _, head, most, *_ = seen.splitlines()
    assert first.endswith(" of 8 (max_connections) are in use.")
    assert head.split()[:2] == ["Connections", "User"]
    assert most.split()[:3] == ["5", "anna", "postgres"]
    assert "idle" in most


async def test_who_may_not_see_the_others_still_sees_that_they_are_there(
    services: Services, server: PostgresServer
) -> None:
    anna = await services.sql.connect(
        target_of(server.port or 0), Secrets().with_password(PASSWORD)
    )
    boss = psycopg2.connect(
        host=HOST, port=server.port, user="boss", password=PASSWORD, dbname="postgres"
    )
    found = await anna.look_up(holders)
    boss.close()
    anna.close()
    others = [each for each in found.held if each.user == "boss"]
    assert [(each.count, each.state) for each in others] == [(1, "")]


async def test_a_server_that_is_being_stopped_and_one_that_is(
    services: Services, server: PostgresServer
) -> None:
    ending = server._installation.new_server()
    ending.start()
    pid = int((ending.data / "postmaster.pid").read_text().splitlines()[0])
    with ending.superuser():
        # It waits for this very connection to end.
        os.kill(pid, signal.SIGTERM)
        found = await explained(services, target_of(ending.port or 0))
        assert cause_of(found) is Cause.NOT_READY
    ending.stop()
    found = await explained(services, target_of(ending.port or 0))
    assert cause_of(found) is Cause.PORT_CLOSED


async def test_a_closed_port_and_a_name_that_nobody_knows(services: Services) -> None:
    found = await explained(services, target_of(closed_port()))
    assert cause_of(found) is Cause.PORT_CLOSED
    assert line(found, Aspect.PORT)[0] is Verdict.PROBLEM
    found = await explained(services, target_of(5432, host="nowhere.invalid"))
    assert cause_of(found) in {Cause.NO_SUCH_HOST, Cause.NAME_SERVICE}
    assert line(found, Aspect.PORT) == (Verdict.NOT_LOOKED, "there is no address to try")


async def test_what_speaks_http_is_no_postgresql(services: Services) -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n", waits=False) as port:
        found = await explained(services, target_of(port))
    assert cause_of(found) is Cause.NOT_POSTGRES
    assert found.conclusion is not None
    assert "HTTP/1.1 400" in found.conclusion.sentence


async def test_what_hangs_up_is_no_postgresql(services: Services) -> None:
    with answering(b"", waits=False) as port:
        found = await explained(services, target_of(port))
    assert cause_of(found) is Cause.NOT_POSTGRES


@contextmanager
def verified(server: PostgresServer, folder: Path) -> Iterator[tuple[DatabaseTarget, Authority]]:
    """A target whose server is verified against the wrong authority, and the right one."""
    authority = Authority("Right Root")
    stranger = folder / "stranger.pem"
    stranger.write_bytes(Authority("Stranger").pem)
    with tls_front(server.port or 0, authority, folder) as front:
        secured = {"sslmode": "verify-full", "sslrootcert": str(stranger)}
        yield target_of(front.port, **secured), authority


async def test_certificates_of_another_authority_and_for_another_name(
    services: Services, server: PostgresServer, tmp_path: Path
) -> None:
    with verified(server, tmp_path) as (target, authority):
        found = await explained(services, target)
        assert cause_of(found) is Cause.CERTIFICATE
        assert "Right Root" in line(found, Aspect.CERTIFICATE)[1]
        (tmp_path / "right.pem").write_bytes(authority.pem)
        parameters = {**target.parameters, "sslrootcert": str(tmp_path / "right.pem")}
        other = {**parameters, "host": "db.example", "hostaddr": HOST}
        named = DatabaseTarget("x", other, Auth.PASSWORD)
        found = await explained(services, named)
        assert cause_of(found) is Cause.OTHER_NAME
        session = await services.sql.connect(
            DatabaseTarget("x", parameters, Auth.PASSWORD), Secrets().with_password(PASSWORD)
        )
        assert session.info.verified
        session.close()


# -- behind it an RDS instance --------------------------------------------------------------------

NOBODY_ANSWERS = ConnectError("It does not answer.", Refusal.NO_ANSWER, cause="timeout expired")


@pytest.fixture
def network(account: Account) -> OwnNetwork:
    return own_network(account)


async def instance_in(services: Services, network: OwnNetwork, *, public: bool) -> str:
    """An instance of the emulator that is available; its name."""
    rds = services.account.connection.client("rds")
    name = network.subnet_group
    await asyncio.to_thread(
        lambda: rds.create_db_instance(
            DBInstanceIdentifier=name,
            Engine="postgres",
            DBInstanceClass="db.t4g.micro",
            MasterUsername="anna",
            MasterUserPassword=PASSWORD,
            AllocatedStorage=20,
            PubliclyAccessible=public,
            DBSubnetGroupName=network.subnet_group,
            VpcSecurityGroupIds=[network.security_group],
        )
    )
    async for _ in services.rds.wait_for(name):
        pass
    return name


async def silent(services: Services, name: str) -> Diagnosis:
    """Look at an instance that does not answer: the emulator's do, so another port stands for
    it."""
    with unanswering() as port:
        target = DatabaseTarget(name, {"host": HOST, "port": str(port)}, instance=name)
        diagnosis = Diagnosis(services, target, NOBODY_ANSWERS, patience=SHORT)
        await diagnosis.run()
    return diagnosis


async def test_an_instance_is_looked_at_from_its_rules_to_its_routes(
    services: Services, network: OwnNetwork
) -> None:
    name = await instance_in(services, network, public=True)
    port = (await services.rds.describe(name)).port or 0
    found = await silent(services, name)
    assert cause_of(found) is Cause.NO_RULE
    assert line(found, Aspect.RULES) == (Verdict.PROBLEM, f"nobody may come to port {port}")

    # In the sandbox the own address is not known, so nobody knows whether this rule is for it.
    network.let_in("203.0.113.7/32", port=port)
    found = await silent(services, name)
    verdict, said = line(found, Aspect.RULES)
    assert verdict is Verdict.UNKNOWN
    assert "203.0.113.7/32" in said

    network.let_in("0.0.0.0/0", port=port)
    found = await silent(services, name)
    assert cause_of(found) is Cause.NO_ROUTE
    assert line(found, Aspect.ROUTES)[0] is Verdict.PROBLEM
    network.add_gateway()
    found = await silent(services, name)
    assert cause_of(found) is Cause.NO_ANSWER
    assert [each.verdict for each in found.looked] == [
        Verdict.GOOD,  # the name
        Verdict.PROBLEM,  # the port
        *[Verdict.GOOD] * 4,  # the instance, public access, the rules, the routes
    ]


async def test_an_instance_that_is_not_public_and_one_that_is_stopped(
    services: Services, network: OwnNetwork
) -> None:
    name = await instance_in(services, network, public=False)
    found = await silent(services, name)
    assert cause_of(found) is Cause.NOT_PUBLIC
    there = await services.rds.describe(name)
    rds = services.account.connection.client("rds")
    await asyncio.to_thread(lambda: rds.stop_db_instance(DBInstanceIdentifier=name))
    # It is found by its endpoint: nobody has said that it is an instance.
    target = target_of(there.port or 0)
    assert not target.instance
    error = ConnectError("x", Refusal.PORT_CLOSED)
    diagnosis = Diagnosis(services, target, error, patience=SHORT)
    await diagnosis.run()
    assert cause_of(diagnosis) is Cause.STOPPED
    assert diagnosis.conclusion is not None
    said = diagnosis.conclusion.sentence
    assert name in said


async def test_a_token_for_an_instance_without_iam_login(
    services: Services, sandbox: SandboxInfo
) -> None:
    port = urlsplit(sandbox.postgres).port or 0
    target = DatabaseTarget("x", {"host": HOST, "port": str(port), "user": "me"}, Auth.IAM)
    error = ConnectError("No.", Refusal.IAM_NOT_GRANTED, cause="PAM authentication failed")
    diagnosis = Diagnosis(services, target, error, patience=SHORT)
    await diagnosis.run()
    assert cause_of(diagnosis) is Cause.IAM_OFF
    assert line(diagnosis, Aspect.IAM)[1] == "off"


async def test_what_is_denied_is_unknown_with_its_permission_and_hides_nothing_else(
    sandbox: SandboxInfo, audit: AuditLog, tmp_path: Path
) -> None:
    def refuse(request: ServiceRequest) -> Answer | None:
        if request.action == "DescribeSecurityGroups":
            return refusal(request, 403, "UnauthorizedOperation")
        return None

    with behind(sandbox, refuse, audit) as denied:
        found = await silent(services_of(denied, audit, tmp_path), "tutorial-db")
    verdict, said = line(found, Aspect.RULES)
    assert verdict is Verdict.UNKNOWN
    assert "ec2:DescribeSecurityGroups" in said
    assert line(found, Aspect.INSTANCE) == (Verdict.GOOD, "tutorial-db, available")
    assert cause_of(found) is Cause.NO_ANSWER


async def test_looking_ends_at_its_limit_and_at_once_when_it_is_cancelled(
    services: Services,
) -> None:
    with unanswering() as port:
        target = DatabaseTarget("x", {"host": HOST, "port": str(port)})
        diagnosis = Diagnosis(services, target, NOBODY_ANSWERS, patience=600, limit=0.2)
        await diagnosis.run()
        assert cause_of(diagnosis) is Cause.NO_ANSWER
        assert line(diagnosis, Aspect.PORT)[0] is Verdict.UNKNOWN
        diagnosis = Diagnosis(services, target, NOBODY_ANSWERS, patience=600, limit=600)
        looking = asyncio.create_task(diagnosis.run())
        while Aspect.PORT not in diagnosis.facts.looked:
            await asyncio.sleep(0)
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
        assert diagnosis.conclusion is None
