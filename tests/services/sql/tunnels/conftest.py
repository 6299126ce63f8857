"""An ssh server, and an `ssh` that knows nothing of the user's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ssh_server import SshServer, SshSetup, ssh_server, ssh_setup


@pytest.fixture(scope="package")
def ssh_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("ssh") is None:
        pytest.skip("there is no ssh")
    return tmp_path_factory.mktemp("ssh")


@pytest.fixture(scope="package")
def shared_server(ssh_keys: Path) -> Iterator[SshServer]:
    with ssh_server(ssh_keys) as server:
        yield server


@pytest.fixture
def ssh(shared_server: SshServer) -> Iterator[SshServer]:
    """The server, as willing as it was at first."""
    shared_server.led_to.clear()
    shared_server.logins = 0
    yield shared_server
    shared_server.forwards, shared_server.asks_for_code = True, False


@pytest.fixture
def setup(
    ssh: SshServer, ssh_keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> SshSetup:
    """The `ssh` on PATH."""
    made = ssh_setup(tmp_path, ssh_keys, ssh)
    monkeypatch.setenv("PATH", f"{made.bin}:/usr/bin:/bin")
    return made
