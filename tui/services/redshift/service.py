"""Redshift as AWS describes it, and temporary logins. What is asked of its databases goes through
the SQL service: Redshift speaks PostgreSQL's protocol."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from typing import Any

from tui.services.aws import MARKER, Account, Paging, call, pages
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError
from tui.services.redshift.models import RedshiftLogin, Warehouse, to_cluster, to_workgroup

_TOKEN: Paging[Any] = Paging({"nextToken": "nextToken"})
"""How the listings of the serverless service go on."""


class RedshiftService:
    """The clusters and workgroups of one account and region. Every method may raise
    ServiceError."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._pool = BlockingPool("redshift", size=2)

    async def list_clusters(self) -> AsyncGenerator[tuple[Warehouse, ...], None]:
        """Every provisioned cluster of the region, page by page."""
        at = self._account.connection

        def read() -> Iterator[tuple[Warehouse, ...]]:
            client = at.client("redshift")
            for page in pages("list the Redshift clusters", client.describe_clusters, MARKER):
                yield tuple(map(to_cluster, page.get("Clusters", ())))

        async for page in self._pool.iterate(read()):
            yield page

    async def list_workgroups(self) -> AsyncGenerator[tuple[Warehouse, ...], None]:
        """Every serverless workgroup of the region, page by page. The database and the
        administrator are unknown where the namespaces may not be listed."""
        at = self._account.connection

        def read() -> Iterator[tuple[Warehouse, ...]]:
            client = at.client("redshift-serverless")
            known: dict[str, dict[str, Any]] | None = None
            for page in pages("list the Redshift workgroups", client.list_workgroups, _TOKEN):
                found = page.get("workgroups", ())
                if found and known is None:
                    known = _namespaces(client)
                yield tuple(to_workgroup(each, known or {}) for each in found)

        async for page in self._pool.iterate(read()):
            yield page

    def log_in(
        self, name: str, database: str, user: str, *, is_serverless: bool, region: str
    ) -> RedshiftLogin:
        """A login of some minutes, as a user of the database, or, without one, as whom AWS knows
        these credentials. Blocking.

        No user is created by name. For the credentials themselves Redshift makes one if there is
        none, so that read-only mode refuses it.
        https://docs.aws.amazon.com/redshift/latest/mgmt/generating-iam-credentials-cli-api.html
        """
        at = self._account.connection
        action = f"get a temporary login to {name}"
        if is_serverless:
            if user:
                raise ServiceError(
                    f"{name} is serverless: AWS gives a temporary login for your own credentials "
                    f"only, not as {user}.",
                    hint="Leave the user out, or connect with a password.",
                    kind=ErrorKind.INVALID,
                )
            client = at.client("redshift-serverless", region=region)
            answer = call(action, client.get_credentials, workgroupName=name, dbName=database)
            return RedshiftLogin(answer["dbUser"], answer["dbPassword"])
        client = at.client("redshift", region=region)
        if user:
            answer = call(
                action,
                client.get_cluster_credentials,
                ClusterIdentifier=name,
                DbUser=user,
                DbName=database,
                AutoCreate=False,
            )
        else:
            answer = call(
                action,
                client.get_cluster_credentials_with_iam,
                ClusterIdentifier=name,
                DbName=database,
            )
        return RedshiftLogin(answer["DbUser"], answer["DbPassword"])

    def close(self) -> None:
        """Give up queued calls; never waits."""
        self._pool.close()


def _namespaces(client: Any) -> dict[str, dict[str, Any]]:
    try:
        listed = [
            each
            for page in pages("list the namespaces", client.list_namespaces, _TOKEN)
            for each in page.get("namespaces", ())
        ]
    except ServiceError:
        return {}
    return {each["namespaceName"]: each for each in listed}
