"""The environment of a sandboxed process: nothing in it leads to real credentials."""

from __future__ import annotations

import os
from collections.abc import Mapping

_PREFIXES = ("AWS_", "PG", "BOTO_")

_SEALED = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    # Without it the SDK would ask the machine's metadata address for the credentials of its role.
    "AWS_EC2_METADATA_DISABLED": "true",
    "PGPASSFILE": os.devnull,
    "PGSERVICEFILE": os.devnull,
}


def sealed_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """A copy without every `AWS_*` and `PG*` setting, and with the shared files out of reach."""
    kept = {key: value for key, value in environment.items() if not key.startswith(_PREFIXES)}
    return kept | _SEALED


def scrub_environment() -> None:
    """Seal this process's own environment, so that nothing in it can find real credentials.

    Call it before the first SDK session is made: the SDK reads the environment then.
    """
    sealed = sealed_environment(os.environ)
    for key in set(os.environ) - set(sealed):
        del os.environ[key]
    os.environ.update(sealed)
