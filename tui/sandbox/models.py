"""What a running sandbox tells about itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tui.services.aws.credentials import StaticCredentials

REGION = "us-east-1"
"""The region in which the seed lives."""

ACCESS_KEY = "SANDBOX-NOT-A-REAL-KEY"
SECRET_KEY = "sandbox-not-a-real-secret"  # noqa: S105 - opens nothing outside the sandbox
"""Credentials that nobody can mistake for real ones; the emulated AWS takes any."""

CREDENTIALS = StaticCredentials(ACCESS_KEY, SECRET_KEY)

ACCOUNT = "123456789012"
"""The account id that the emulated AWS answers."""


@dataclass(frozen=True)
class SandboxInfo:
    """Where a running sandbox listens. Everything is on loopback and ends with the sandbox."""

    endpoint_url: str
    """The emulated AWS: "http://127.0.0.1:<port>", for every service."""
    postgres: str = field(repr=False)
    """A libpq URL of the seeded database of the RDS instance `tutorial-db`, with its password."""
    data_dir: Path
    """The temporary directory with the databases and the logs; removed when the sandbox ends."""
    pid: int
    """The process that runs it; every other process of the sandbox is a child of that one."""
    region: str = REGION
    credentials: StaticCredentials = CREDENTIALS
