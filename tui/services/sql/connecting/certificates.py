"""Making sure of the server by its certificate.

RDS signs the certificates of its instances itself, so no system's own store knows them: a bundle of
RDS's root certificates has to be fetched once by the user.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tui.paths import config_file
from tui.services.errors import ServiceError
from tui.services.sql.connecting.targets import DatabaseTarget

BUNDLE_URL = "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"
"""Source: "Using SSL/TLS to encrypt a connection to a DB instance" of the RDS User Guide."""

VERIFYING = "verify-full"
"""libpq's only sslmode that makes sure of both the certificate and the name in it."""

AUTHORITY_ONLY = "verify-ca"
"""The sslmode that verifies the certificate, and takes it for any host."""

_RDS_HOSTS = (".rds.amazonaws.com", ".rds.amazonaws.com.cn")


def bundle_file() -> Path:
    """Where RDS's bundle is looked for first: beside the settings file."""
    return config_file().with_name("global-bundle.pem")


def root_file(parameters: Mapping[str, str]) -> Path | None:
    """The root certificates that libpq reads for a connection; None for the system's own."""
    chosen = parameters.get("sslrootcert") or os.environ.get("PGSSLROOTCERT")
    if chosen == "system":
        return None
    return Path(chosen) if chosen else Path.home() / ".postgresql" / "root.crt"


def verified(target: DatabaseTarget) -> DatabaseTarget:
    """`target` over a connection that is verified, or ServiceError if there is nothing to verify
    it with: no bundle beside the settings, no `PGSSLROOTCERT`, no `~/.postgresql/root.crt`."""
    parameters = {**target.parameters, "sslmode": VERIFYING}
    if "sslrootcert" not in parameters and not os.environ.get("PGSSLROOTCERT"):
        if bundle_file().is_file():
            parameters["sslrootcert"] = str(bundle_file())
        elif not (Path.home() / ".postgresql" / "root.crt").is_file():
            raise ServiceError(
                "An IAM token is sent only to a server that is verified, and there are no root "
                "certificates to verify it with.",
                hint=f"Download {BUNDLE_URL} to {bundle_file()}, or name the file in "
                "PGSSLROOTCERT; or connect with a password.",
            )
    return replace(target, parameters=parameters)


def verified_if_possible(target: DatabaseTarget) -> DatabaseTarget:
    """`target`, verified if it is an instance of RDS and the bundle is there."""
    parameters = target.parameters
    is_rds = parameters.get("host", "").lower().endswith(_RDS_HOSTS)
    asked = parameters.get("sslmode") == "require" and "sslrootcert" not in parameters
    return verified(target) if is_rds and asked and bundle_file().is_file() else target
