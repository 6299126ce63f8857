"""Our transfer in a process of its own: `python -m tests.benchmarks.moving up|down URL BUCKET
FOLDER STATE`, with the credentials in the environment. It says how long it took from the plan to
the end, and how much processor time that used.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import signal
import sys
import time
from pathlib import Path

from tests.benchmarks.servers import Server
from tests.services.transfers.places import plan_download, plan_upload
from tui.services.audit import AuditLog
from tui.services.aws import StaticCredentials
from tui.services.s3 import S3Service
from tui.services.transfers import JobState, TransferService


async def move(way: str, server: Server, bucket: str, folder: Path, state: Path) -> None:
    """Plan, look for conflicts, transfer, with a journal."""
    account = server.account(state)
    service = TransferService(
        S3Service(account, AuditLog(state / "audit.jsonl")), journal=state / "journal.sqlite"
    )
    if way == "up":
        plan = await plan_upload(service, [folder], bucket, "", keep_folder_names=False)
        job = await service.start_upload(plan)
    else:
        job = await service.start_download(await plan_download(service, bucket, [], [""], folder))
    ended = await service.queue.wait(job)
    assert ended.state is JobState.DONE, ended.failures[:3]
    await service.stop()
    service.close()


def _processor_time() -> float:
    """Seconds of this process and of those that it has started, which have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def main() -> None:
    way, url, bucket, folder, state = sys.argv[1:]
    credentials = StaticCredentials(
        os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
    )
    server = Server("", url, credentials)
    # What takes long to import is a part of the start, as it is in every other program.
    importlib.import_module("awscrt.s3")
    server.account(Path(state)).connection.client("s3")
    # Until whoever measures this has prepared the memory.
    os.kill(os.getpid(), signal.SIGSTOP)
    cpu, began = _processor_time(), time.perf_counter()
    asyncio.run(move(way, server, bucket, Path(folder), Path(state)))
    seconds, used = time.perf_counter() - began, _processor_time() - cpu
    print(json.dumps({"seconds": seconds, "cpu": used}))


if __name__ == "__main__":
    main()
