"""The sandbox for every test that needs one, and an environment that leads nowhere real."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.services.account import Account, Target
from tui.services.audit import AuditLog
from tui.services.sandbox import Sandbox, SandboxInfo, scrub_environment

# Before the first SDK session of this process: no test can reach a real account.
scrub_environment()


@pytest.fixture(autouse=True)
def private_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory of the test's own: settings, state and downloads never meet the user's."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name, folder in {
        "XDG_CONFIG_HOME": ".config",
        "XDG_STATE_HOME": ".local/state",
        "XDG_DATA_HOME": ".local/share",
        "XDG_CACHE_HOME": ".cache",
        "XDG_DOWNLOAD_DIR": "Downloads",
    }.items():
        monkeypatch.setenv(name, str(home / folder))
    return home


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    """One sandbox for the session (for each worker of xdist)."""
    sandbox = Sandbox()
    sandbox.start_sync()
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="session")
def sandbox(running_sandbox: Sandbox) -> SandboxInfo:
    """Where the sandbox listens. It is shared: use unique names, leave the seed alone."""
    assert running_sandbox.info is not None
    return running_sandbox.info


@pytest.fixture
def fresh_sandbox(running_sandbox: Sandbox, sandbox: SandboxInfo) -> Iterator[SandboxInfo]:
    """The sandbox exactly as seeded, to do anything with; seeded again afterwards."""
    running_sandbox.reset_sync()
    yield sandbox
    running_sandbox.reset_sync()


def sandbox_account(sandbox: SandboxInfo, audit: AuditLog, *, read_only: bool = False) -> Account:
    """An account on the sandbox."""
    return Account(
        Target(region=sandbox.region, endpoint_url=sandbox.endpoint_url),
        read_only=read_only,
        credentials=sandbox.credentials,
        audit=audit,
    )


@pytest.fixture
def audit(tmp_path: Path) -> AuditLog:
    """The audit log of the `account` fixtures."""
    return AuditLog(tmp_path / "audit.jsonl")


@pytest.fixture
def account(sandbox: SandboxInfo, audit: AuditLog) -> Iterator[Account]:
    """An account on the sandbox."""
    account = sandbox_account(sandbox, audit)
    yield account
    account.close()


@pytest.fixture
def read_only_account(sandbox: SandboxInfo, audit: AuditLog) -> Iterator[Account]:
    """An account on the sandbox whose guard refuses every change."""
    account = sandbox_account(sandbox, audit, read_only=True)
    yield account
    account.close()
