"""Redshift, as far as connecting goes: which host is one of its, and what its server lacks.

It speaks PostgreSQL's protocol and says that it is PostgreSQL 8.0.2:
https://docs.aws.amazon.com/redshift/latest/dg/c_redshift-and-postgres-sql.html
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.connecting.targets import DatabaseTarget

REDSHIFT_BUNDLE = "https://s3.amazonaws.com/redshift-downloads/amazon-trust-ca-bundle.crt"
"""The roots of Amazon's public authority, for a system that has none:
https://docs.aws.amazon.com/redshift/latest/mgmt/connecting-ssl-support.html"""

_HOST = re.compile(
    r"(?P<name>[a-z0-9-]+)\.[a-z0-9-]+\.(?P<region>[a-z0-9-]+)\.redshift(?P<less>-serverless)?"
    r"\.amazonaws\.com(?:\.cn)?",
    re.IGNORECASE,
)
_SYSTEM_ROOTS = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Debian, Fedora, SUSE, and Alpine or macOS."""


@dataclass(frozen=True)
class RedshiftPlace:
    """What the name of a Redshift endpoint says."""

    name: str
    """The identifier of the cluster, or the name of the workgroup."""
    region: str
    is_serverless: bool


class TemporaryLogin(Protocol):
    """A user and a password that live for some minutes."""

    @property
    def user(self) -> str: ...
    @property
    def password(self) -> str: ...


AskLogin = Callable[[RedshiftPlace, str, str], TemporaryLogin]
"""Gives the login to a place, a database, and a user (empty for whoever AWS knows us as). Blocks;
raises ServiceError."""


def redshift_place(target: DatabaseTarget) -> RedshiftPlace | None:
    """Which cluster or workgroup a target leads to by the name of its host; None for anything
    else, also for a name of one's own for an endpoint."""
    found = _HOST.fullmatch(target.parameters.get("host", ""))
    if found is None:
        return None
    return RedshiftPlace(found["name"].lower(), found["region"].lower(), bool(found["less"]))


def public_roots() -> str:
    """A file with the system's root certificates, which verify Redshift: its certificates are
    signed by Amazon's public authority, not by that of RDS. Empty if the system has none.

    libpq's own "system" looks where the library was built, which a wheel was not here.
    """
    paths = ssl.get_default_verify_paths()
    known = (paths.cafile, paths.openssl_cafile, *_SYSTEM_ROOTS)
    return next((each for each in known if each and Path(each).is_file()), "")


def refuse_on_redshift(is_redshift: bool, what: str, instead: str = "") -> None:
    """CONFLICT for what needs more of PostgreSQL than Redshift has."""
    if is_redshift:
        raise ServiceError(
            f"This is Redshift, which has no {what}.", hint=instead, kind=ErrorKind.CONFLICT
        )


def is_redshift_server(version: str, padb: str | None) -> bool:
    """Whether a server is Redshift, by what it says of itself as a connection begins."""
    return padb is not None or version == "8.0.2"
