"""The sandbox's temporary directory, and the ones that a killed sandbox left behind."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tui.sandbox.children import SandboxEndingError

PREFIX = "tristore-sandbox-"
_LOCK = "lock"
_UNLOCKED_SECONDS = 3600
"""A directory that has no lock yet is being made; after this time it never will."""

_PUBLIC_ROOTS = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - directories inside are private
_UNPRIVILEGED = ("nobody", "postgres", "daemon")


def unprivileged_user() -> tuple[int, int] | None:
    """(uid, gid) to run PostgreSQL as, which refuses to be root; None if we are not root.

    Raises OSError if there is no such user.
    """
    if os.geteuid() != 0:
        return None
    for name in _UNPRIVILEGED:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
    raise OSError("PostgreSQL does not run as root, and there is no user called nobody")


class SandboxDirectory:
    """A private directory that is locked for as long as its sandbox lives.

    The lock tells a directory in use from one that was left behind, whatever became of the
    process and its number.
    """

    def __init__(self, owner: tuple[int, int] | None) -> None:
        self.owner = owner
        self._writing = threading.Lock()
        self._removed = False
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_root(owner)))
        unlocked = self.path / "lock.new"
        self._lock = os.open(unlocked, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        os.write(self._lock, f"{os.getpid()}\n".encode())
        # Only a directory whose lock has its final name may be taken for a stale one.
        unlocked.rename(self.path / _LOCK)
        if owner is not None:
            # PostgreSQL's user has to pass through; what is inside is private one by one.
            self.path.chmod(0o711)
        self.logs = self._private("log", None)
        self.databases = self._private("databases", owner)

    def _private(self, name: str, owner: tuple[int, int] | None) -> Path:
        path = self.path / name
        path.mkdir(mode=0o700)
        if owner is not None:
            os.chown(path, *owner)
        return path

    def hand_over(self, path: Path) -> None:
        """Give one file or directory of ours to the user that runs PostgreSQL."""
        if self.owner is not None:
            os.chown(path, *self.owner, follow_symlinks=False)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold off the removal while files are made. Raises SandboxEndingError after it."""
        with self._writing:
            if self._removed:
                raise SandboxEndingError("The sandbox is ending.")
            yield

    def remove(self) -> None:
        """Delete everything; what cannot be deleted now is left to the next sandbox."""
        with self._writing:
            self._removed = True
            shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def remove_stale() -> None:
    """Remove the directories, and end the servers, of our user's sandboxes that were killed."""
    for root in {Path(tempfile.gettempdir()), *_PUBLIC_ROOTS}:
        for path in root.glob(PREFIX + "*"):
            with contextlib.suppress(OSError):
                _remove_if_stale(path)


def _root(owner: tuple[int, int] | None) -> Path:
    """Where to put the directory: a place that PostgreSQL's user can reach."""
    usual = Path(tempfile.gettempdir()).resolve()
    if owner is None:
        return usual
    for root in (usual, *_PUBLIC_ROOTS):
        if all(path.stat().st_mode & stat.S_IXOTH for path in (root, *root.parents)):
            return root
    return usual


def _remove_if_stale(path: Path) -> None:
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        return
    if not (path / _LOCK).exists():
        if time.time() - status.st_mtime > _UNLOCKED_SECONDS:
            shutil.rmtree(path, ignore_errors=True)
        return
    lock = os.open(path / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # in use
    else:
        for pid_file in path.glob("databases/*/postmaster.pid"):
            _end_server(pid_file)
        shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(lock)


def _end_server(pid_file: Path) -> None:
    """End the server of a data directory, if the process is really that server."""
    try:
        pid = int(pid_file.read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return  # killed while it wrote the file, or its disk was full: it names no process
    for how in (signal.SIGQUIT, signal.SIGKILL):
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            if str(pid_file.parent) not in _command_line(pid):
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
            time.sleep(0.1)


def _command_line(pid: int) -> str:
    answer = subprocess.run(
        ["ps", "-o", "args=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout
