"""The services of an application on the sandbox, and a bucket of the test's own in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.driver import sandbox_services
from tui.sandbox import SandboxInfo
from tui.services.bundle import Services


@pytest.fixture
def services(sandbox: SandboxInfo, tmp_path: Path) -> Services:
    return sandbox_services(sandbox, tmp_path / "state")


@pytest.fixture
def s3(services: Services) -> Any:
    """The SDK's client of the application."""
    return services.account.connection.client("s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    name = f"screen-{uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    return name
