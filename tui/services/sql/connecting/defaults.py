"""What libpq takes where a target is silent: what its service says, then `PG*`, then its own
defaults."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping

from tui.services.sql.connecting.service_file import read_services

_VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "sslmode": "PGSSLMODE",
    "passfile": "PGPASSFILE",
}

ServiceParameters = Mapping[str, Mapping[str, str]]
"""What each service says."""


def service_parameters(environment: Mapping[str, str] | None = None) -> ServiceParameters:
    """Read the service files. Blocks."""
    return {each.name: each.parameters for each in read_services(environment).services}


def of_service(
    parameters: Mapping[str, str],
    environment: Mapping[str, str] | None = None,
    services: ServiceParameters | None = None,
) -> Mapping[str, str]:
    """What the service says that these keywords, or `PGSERVICE`, name; nothing without one. Blocks;
    `services` is what the service files say, if they were read before."""
    found = os.environ if environment is None else environment
    name = parameters.get("service") or found.get("PGSERVICE")
    if not name:
        return {}
    return (service_parameters(environment) if services is None else services).get(name, {})


def of_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """What `PG*` say, under libpq's keywords."""
    found = os.environ if environment is None else environment
    return {keyword: found[name] for keyword, name in _VARIABLES.items() if found.get(name)}


def own_name() -> str:
    """The user of this machine, whom libpq takes where nobody is named; empty if it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
