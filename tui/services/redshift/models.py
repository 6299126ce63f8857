"""What the Redshift service answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DEFAULT_DATABASE = "dev"
"""The database that Redshift makes if none was asked for."""

DEFAULT_PORT = 5439


@dataclass(frozen=True)
class Warehouse:
    """A provisioned cluster or a serverless workgroup. None is "AWS did not say"."""

    name: str
    """The identifier of the cluster, or the name of the workgroup."""
    is_serverless: bool
    status: str
    """AWS's own word: "available", "paused", "AVAILABLE", …"""
    host: str | None
    """None until it has an endpoint, and while it is paused."""
    port: int | None
    database: str | None
    """The first database."""
    user: str | None
    """The administrator; None for a workgroup whose namespace may not be read."""
    public: bool | None
    secret_arn: str | None = None
    """The secret that holds the administrator's password, if Redshift manages it."""


@dataclass(frozen=True)
class RedshiftLogin:
    """A user and a password that live for some minutes."""

    user: str
    """With its prefix: "IAM:ada", "IAMR:analyst"."""
    password: str = field(repr=False)


# -- answers of the SDK -> models ------------------------------------------------------------------


def to_cluster(answer: Mapping[str, Any]) -> Warehouse:
    """One element of redshift:DescribeClusters."""
    endpoint = answer.get("Endpoint") or {}
    return Warehouse(
        name=str(answer["ClusterIdentifier"]),
        is_serverless=False,
        status=str(answer.get("ClusterStatus") or ""),
        host=endpoint.get("Address") or None,
        port=endpoint.get("Port"),
        database=answer.get("DBName") or None,
        user=answer.get("MasterUsername") or None,
        public=answer.get("PubliclyAccessible"),
        secret_arn=answer.get("MasterPasswordSecretArn") or None,
    )


def to_workgroup(
    answer: Mapping[str, Any], namespaces: Mapping[str, Mapping[str, Any]]
) -> Warehouse:
    """One element of redshift-serverless:ListWorkgroups; its database and its administrator are
    those of its namespace, as far as that is known."""
    endpoint = answer.get("endpoint") or {}
    namespace = namespaces.get(str(answer.get("namespaceName")), {})
    return Warehouse(
        name=str(answer["workgroupName"]),
        is_serverless=True,
        status=str(answer.get("status") or ""),
        host=endpoint.get("address") or None,
        port=endpoint.get("port"),
        database=namespace.get("dbName") or None,
        user=namespace.get("adminUsername") or None,
        public=answer.get("publiclyAccessible"),
        secret_arn=namespace.get("adminPasswordSecretArn") or None,
    )
