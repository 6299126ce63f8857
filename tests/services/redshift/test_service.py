"""Redshift's clusters on the emulator; its serverless service, which that has not, is scripted."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

import pytest

from tests.faulty import ServiceRequest, behind
from tests.local_server import Answer
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.redshift import RedshiftService, Warehouse


@pytest.fixture
def redshift(account: Account) -> Iterator[RedshiftService]:
    service = RedshiftService(account)
    yield service
    service.close()


@pytest.fixture
def cluster(account: Account) -> Iterator[str]:
    client = account.connection.client("redshift")
    name = f"wh-{uuid.uuid4().hex[:10]}"
    client.create_cluster(
        ClusterIdentifier=name,
        NodeType="ra3.xlplus",
        MasterUsername="ada",
        MasterUserPassword="Correct-horse-9",
        DBName="shop",
        ClusterType="single-node",
    )
    yield name
    client.delete_cluster(ClusterIdentifier=name, SkipFinalClusterSnapshot=True)


async def test_clusters_are_listed_with_what_is_needed_to_connect(
    redshift: RedshiftService, cluster: str
) -> None:
    found = [each async for page in redshift.list_clusters() for each in page]
    (mine,) = [each for each in found if each.name == cluster]
    assert (mine.database, mine.user, mine.is_serverless) == ("shop", "ada", False)
    assert mine.status in {"creating", "available"}
    assert mine.port == 5439
    assert (mine.host or "").endswith(".redshift.amazonaws.com")


def test_a_temporary_login_is_for_a_user_that_is_named(
    redshift: RedshiftService, cluster: str
) -> None:
    login = redshift.log_in(cluster, "shop", "ada", is_serverless=False, region="us-east-1")
    assert login.user == "IAM:ada"
    assert login.password
    assert login.password not in repr(login)
    with pytest.raises(ServiceError) as unknown:
        redshift.log_in("no-such", "shop", "ada", is_serverless=False, region="us-east-1")
    assert "no-such" in str(unknown.value)


async def test_what_is_denied_says_the_permission(sandbox: SandboxInfo, audit: AuditLog) -> None:
    def deny(request: ServiceRequest) -> Answer | None:
        if request.service != "redshift":
            return None
        error = "<Error><Code>AccessDenied</Code><Message>not authorized</Message></Error>"
        return Answer(403, f"<ErrorResponse>{error}</ErrorResponse>")

    with behind(sandbox, deny, audit) as account:
        service = RedshiftService(account)
        with pytest.raises(ServiceError) as denied:
            _ = [page async for page in service.list_clusters()]
        service.close()
    assert denied.value.kind is ErrorKind.DENIED
    assert "redshift:DescribeClusters" in denied.value.hint


class Serverless:
    """Answers as redshift-serverless is documented to."""

    def __init__(self, *, namespaces: bool = True) -> None:
        self.namespaces = namespaces
        self.asked: list[tuple[str, dict[str, str]]] = []

    def __call__(self, request: ServiceRequest) -> Answer | None:
        if request.service not in {"redshift-serverless", "redshift"}:
            return None
        given = json.loads(request.body) if request.service == "redshift-serverless" else {}
        self.asked.append((request.action, given))
        if request.action == "ListWorkgroups" and "nextToken" not in given:
            return _json({"workgroups": [_workgroup("reports")], "nextToken": "more"})
        if request.action == "ListWorkgroups":
            return _json({"workgroups": [_workgroup("other", namespaceName="hidden")]})
        if request.action == "ListNamespaces" and self.namespaces:
            namespace = {"namespaceName": "main", "dbName": "sales", "adminUsername": "admin"}
            return _json({"namespaces": [namespace]})
        if request.action == "ListNamespaces":
            return Answer(
                400, json.dumps({"__type": "AccessDeniedException", "message": "not authorized"})
            )
        if request.action == "GetCredentials":
            return _json({"dbUser": "IAMR:analyst", "dbPassword": "short-lived"})
        said = "<DbUser>IAMR:analyst</DbUser><DbPassword>short-lived</DbPassword>"
        result = f"<{request.action}Result>{said}</{request.action}Result>"
        return Answer(200, f"<{request.action}Response>{result}</{request.action}Response>")


def _json(answer: object) -> Answer:
    return Answer(200, json.dumps(answer), {"Content-Type": "application/x-amz-json-1.1"})


def _workgroup(name: str, **changed: object) -> dict[str, object]:
    return {
        "workgroupName": name,
        "namespaceName": "main",
        "status": "AVAILABLE",
        "publiclyAccessible": False,
        "endpoint": {"address": f"{name}.1.us-east-1.redshift-serverless.example", "port": 5439},
        **changed,
    }


@pytest.mark.parametrize("namespaces", [True, False])
async def test_workgroups_have_the_database_of_their_namespace_where_that_may_be_read(
    sandbox: SandboxInfo, audit: AuditLog, namespaces: bool
) -> None:
    with behind(sandbox, Serverless(namespaces=namespaces), audit) as account:
        service = RedshiftService(account)
        found = [each async for page in service.list_workgroups() for each in page]
        service.close()
    host = "reports.1.us-east-1.redshift-serverless.example"
    database, user = ("sales", "admin") if namespaces else (None, None)
    assert found[0] == Warehouse(
        "reports", True, "AVAILABLE", host, 5439, database, user, public=False
    )
    assert (found[1].name, found[1].database) == ("other", None)


def test_whoever_aws_knows_us_as_logs_in_without_a_user(
    sandbox: SandboxInfo, audit: AuditLog
) -> None:
    answers = Serverless()
    with behind(sandbox, answers, audit) as account:
        service = RedshiftService(account)
        for is_serverless in (True, False):
            login = service.log_in(
                "reports", "sales", "", is_serverless=is_serverless, region="us-east-1"
            )
            assert (login.user, login.password) == ("IAMR:analyst", "short-lived")
        with pytest.raises(ServiceError, match="your own credentials only"):
            service.log_in("reports", "sales", "ada", is_serverless=True, region="us-east-1")
        service.close()
    assert [action for action, _ in answers.asked] == [
        "GetCredentials",
        "GetClusterCredentialsWithIAM",
    ]
    assert answers.asked[0][1] == {"workgroupName": "reports", "dbName": "sales"}
