"""No ssh outlives the application, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.ssh_server import SshServer, SshSetup
from tui.services.sql.tunnels import with_parent

APPLICATION = """
import sys
from tui.services.sql.tunnels import ssh, tunnel_of
# ssh may miss a signal that comes as it begins to wait; it looks again when it asks its host.
ssh.ALIVE_SECONDS = 1
tunnel = tunnel_of("bastion", {"host": "127.0.0.1", "port": "1"})
tunnel.opened()
print(tunnel._process._process.pid, flush=True)
sys.stdin.read()
"""


def gone(number: int) -> bool:
    """Whether a process ends; who inherits one that has ended may take it away much later."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(number)
        for _ in range(1000):
            if process.status() == psutil.STATUS_ZOMBIE:
                return True
            time.sleep(0.01)
        return False
    return True


@pytest.mark.parametrize("end", ["killed", "interrupted", "quit"])
def test_ssh_ends_with_the_application(setup: SshSetup, ssh: SshServer, end: str) -> None:
    application = subprocess.Popen(
        [sys.executable, "-c", APPLICATION],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with application:
        assert application.stdout is not None
        number = int(application.stdout.readline())
        assert psutil.pid_exists(number)
        if end == "killed":
            application.kill()
        elif end == "interrupted":
            os.killpg(application.pid, signal.SIGINT)
        else:
            assert application.stdin is not None
            application.stdin.close()
        assert gone(number)


def test_where_the_kernel_does_not_tell_a_watcher_ends_it(tmp_path: Path) -> None:
    watcher = (
        f"import sys; sys.path.insert(0, {str(Path(with_parent.__file__).parent)!r})\n"
        "import with_parent; with_parent.LOOK_EVERY = 0.01\n"
        "with_parent.beside(int(sys.argv[1]), ['sleep', '60'])"
    )
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import os, subprocess, sys\n"
            "watching = subprocess.Popen([sys.executable, '-c', sys.argv[1], str(os.getpid())])\n"
            "print(watching.pid, flush=True)\n"
            "watching.wait()",
            watcher,
        ],
        stdout=subprocess.PIPE,
    )
    with parent:
        assert parent.stdout is not None
        watching = psutil.Process(int(parent.stdout.readline()))
        while not (children := watching.children()):
            time.sleep(0.01)
        parent.kill()
        assert gone(children[0].pid)
        assert gone(watching.pid)
