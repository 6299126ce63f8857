"""S3 servers on loopback that benchmarks run against: those that are found on PATH."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tui.sandbox import Sandbox
from tui.services.audit import AuditLog
from tui.services.aws import Account, StaticCredentials, Target

_MINIO_USER, _MINIO_PASSWORD = "miniouser", "miniopassword"


@dataclass(frozen=True)
class Server:
    """An S3 server on loopback."""

    name: str
    url: str
    credentials: StaticCredentials

    @property
    def environment(self) -> dict[str, str]:
        """For the command-line peers."""
        return {
            **os.environ,
            "AWS_ACCESS_KEY_ID": self.credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": self.credentials.secret_key,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.url,
            "S3_ENDPOINT_URL": self.url,
            "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
            "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
        }

    def account(self, state: Path) -> Account:
        target = Target(region="us-east-1", endpoint_url=self.url)
        return Account(target, credentials=self.credentials, audit=AuditLog(state / "audit.jsonl"))


def local_servers(folder: Path) -> dict[str, AbstractContextManager[Server]]:
    """rclone's server, or else the sandbox's; and MinIO, if there is a `minio` on PATH, or in the
    variable MINIO."""
    found: dict[str, AbstractContextManager[Server]] = {"": serving(folder)}
    if program := os.environ.get("MINIO") or shutil.which("minio"):
        found["minio"] = minio(program, folder)
    return found


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """rclone's server if it is there, or else the sandbox's."""
    rclone = shutil.which("rclone")
    if rclone is None:
        sandbox = Sandbox()
        info = sandbox.start_sync()
        try:
            yield Server("the sandbox", info.endpoint_url, info.credentials)
        finally:
            sandbox.close()
        return
    root = folder / "served"
    root.mkdir()
    address = _free_address()
    command = [rclone, "serve", "s3", "--addr", address, "--auth-key", "bench,benchsecret"]
    with _running([*command, "--vfs-cache-mode", "off", str(root)], address, {}):
        yield Server("rclone", f"http://{address}", StaticCredentials("bench", "benchsecret"))


@contextmanager
def minio(program: str, folder: Path) -> Iterator[Server]:
    """MinIO, with its data in the folder."""
    address = _free_address()
    command = [program, "server", str(folder / "minio"), "--address", address]
    secrets = {"MINIO_ROOT_USER": _MINIO_USER, "MINIO_ROOT_PASSWORD": _MINIO_PASSWORD}
    with _running(command, address, secrets):
        # It answers before it can store.
        time.sleep(1)
        credentials = StaticCredentials(_MINIO_USER, _MINIO_PASSWORD)
        yield Server("minio", f"http://{address}", credentials)


def far_away(keys: int, late: float, folders: int = 0) -> AbstractContextManager[Server]:
    """A server of our own that lists so many keys, in so many folders, and answers `late` seconds
    late."""
    return _far("far_server.py", keys, late, folders)


def far_store(late: float) -> AbstractContextManager[Server]:
    """A server of our own that keeps objects in memory and answers `late` seconds late."""
    return _far("far_store.py", late)


@contextmanager
def _far(name: str, *arguments: float) -> Iterator[Server]:
    program = Path(__file__).with_name(name)
    process = subprocess.Popen(
        [sys.executable, str(program), *map(str, arguments)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        url = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        yield Server("far", url, StaticCredentials("user", "password"))
    finally:
        process.terminate()
        process.wait()


def _free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@contextmanager
def _running(command: list[str], address: str, more: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **more},
    )
    try:
        _wait_for(address)
        yield
    finally:
        process.terminate()
        process.wait()


def _wait_for(address: str) -> None:
    host, port = address.split(":")
    for _ in range(400):
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server did not start")
