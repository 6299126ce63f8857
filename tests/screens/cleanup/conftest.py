"""The whole application on the sandbox, with things to clean up in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.driver import sandbox_services
from tests.services.cleanup.sdk import Sdk
from tui.sandbox import SandboxInfo
from tui.services.bundle import Services


@pytest.fixture
def services(sandbox: SandboxInfo, tmp_path: Path) -> Services:
    return sandbox_services(sandbox, tmp_path)


@pytest.fixture
def sdk(sandbox: SandboxInfo, tmp_path: Path) -> Iterator[Sdk]:
    """Makes and looks with an account of its own, which the application does not close."""
    services = sandbox_services(sandbox, tmp_path / "sdk")
    yield Sdk(services.account)
    services.close()
