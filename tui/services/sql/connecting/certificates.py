"""Making sure of the server by its certificate."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tui.services.errors import ErrorKind
from tui.services.sql.connecting.bundle import BUNDLE_URL, bundle_file
from tui.services.sql.connecting.problems import ConnectError, Refusal
from tui.services.sql.connecting.redshift import REDSHIFT_BUNDLE, public_roots, redshift_place
from tui.services.sql.connecting.targets import DatabaseTarget

VERIFYING = "verify-full"
"""libpq's only sslmode that makes sure of both the certificate and the name in it."""

AUTHORITY_ONLY = "verify-ca"
"""The sslmode that verifies the certificate, and takes it for any host."""

RDS_HOSTS = (".rds.amazonaws.com", ".rds.amazonaws.com.cn")
"""How the names that RDS gives end."""


def named_roots(parameters: Mapping[str, str]) -> str:
    """The root certificates that libpq is told to read: a file, "system" for the system's own,
    empty if nobody says."""
    return parameters.get("sslrootcert") or os.environ.get("PGSSLROOTCERT") or ""


def roots_of(target: DatabaseTarget) -> str:
    """The root certificates that a connection is verified with: a file, "system", or empty for
    none."""
    named = named_roots(target.parameters)
    if named:
        return named
    kept = (_own_roots(), bundle_file()) if is_rds(target) else (_own_roots(),)
    found = next((str(each) for each in kept if each.is_file()), "")
    return found or (public_roots() if redshift_place(target) else "")


def trusting(roots: str) -> ssl.SSLContext:
    """What verifies a server with these ("system", or a file) as libpq does. Blocks: RDS's bundle
    takes a while. OSError if they cannot be read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if roots == "system":
        context.load_default_certs()
    else:
        context.load_verify_locations(roots)
    return context


def verified(target: DatabaseTarget) -> DatabaseTarget:
    """`target` over a connection that is verified, or ConnectError (NO_ROOT_CERTIFICATE) if there
    is nothing to verify it with: no bundle beside the settings, no `PGSSLROOTCERT`, no
    `~/.postgresql/root.crt`."""
    parameters = {**target.parameters, "sslmode": VERIFYING}
    if redshift_place(target) is not None:
        return replace(target, parameters=_with_public_roots(parameters))
    if _has_no_roots(parameters):
        if not bundle_file().is_file():
            raise ConnectError(
                "An IAM token is sent only to a server that is verified, and there are no root "
                "certificates to verify it with.",
                Refusal.NO_ROOT_CERTIFICATE,
                hint=f"Download {BUNDLE_URL} to {bundle_file()}, or name the file in "
                "PGSSLROOTCERT; or connect with a password.",
                kind=ErrorKind.OTHER,
            )
        parameters["sslrootcert"] = str(bundle_file())
    return replace(target, parameters=parameters)


def verified_if_possible(target: DatabaseTarget) -> DatabaseTarget:
    """`target`, verified if it is an instance of RDS and the bundle is there, or if it is Redshift
    and the system has root certificates."""
    parameters = target.parameters
    mode = parameters.get("sslmode", "")
    if redshift_place(target) is not None:
        if mode not in {"require", VERIFYING, AUTHORITY_ONLY} or not roots_of(target):
            return target
        strict = {"sslmode": VERIFYING} if mode == "require" else {}
        return replace(target, parameters=_with_public_roots({**parameters, **strict}))
    if not is_rds(target) or "sslrootcert" in parameters or not bundle_file().is_file():
        return target
    if mode == "require":
        return verified(target)
    if mode in {VERIFYING, AUTHORITY_ONLY} and _has_no_roots(parameters):
        return replace(target, parameters={**parameters, "sslrootcert": str(bundle_file())})
    return target


def _with_public_roots(parameters: Mapping[str, str]) -> Mapping[str, str]:
    """What verifies a server whose certificate Amazon's public authority has signed."""
    if not _has_no_roots(parameters):
        return parameters
    roots = public_roots()
    if not roots:
        raise ConnectError(
            "Temporary credentials are sent only to a server that is verified, and this system has "
            "no root certificates to verify Redshift with.",
            Refusal.NO_ROOT_CERTIFICATE,
            hint=f"Install them (ca-certificates), or download {REDSHIFT_BUNDLE} and name the file "
            "in PGSSLROOTCERT; or connect with a password.",
            kind=ErrorKind.OTHER,
        )
    return {**parameters, "sslrootcert": roots}


def is_rds(target: DatabaseTarget) -> bool:
    """Whether the name of the host is one of RDS, whose certificates its bundle verifies. Not that
    of a proxy of RDS: those are signed by Amazon's public authority."""
    host = target.parameters.get("host", "").lower()
    return host.endswith(RDS_HOSTS) and ".proxy-" not in host


def _has_no_roots(parameters: Mapping[str, str]) -> bool:
    """Whether libpq, left to itself, would find no root certificates."""
    return not named_roots(parameters) and not _own_roots().is_file()


def _own_roots() -> Path:
    """Where libpq looks if nothing is named."""
    return Path.home() / ".postgresql" / "root.crt"


__all__ = [
    "AUTHORITY_ONLY",
    "BUNDLE_URL",
    "RDS_HOSTS",
    "VERIFYING",
    "bundle_file",
    "is_rds",
    "roots_of",
    "trusting",
    "verified",
    "verified_if_possible",
]
