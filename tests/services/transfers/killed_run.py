"""A process that transfers until it is done, or until it kills itself at its nth answer of S3.

`python -m tests.services.transfers.killed_run ORDER`, where ORDER is JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from tests.services.transfers.places import MIB, plan_download, plan_upload
from tui.services.aws import Account, Target
from tui.services.aws.credentials import StaticCredentials
from tui.services.s3 import S3Service
from tui.services.transfers import JobState, TransferService, Tuning

COUNTED = ("PutObject", "UploadPart", "GetObject", "CompleteMultipartUpload")
TUNING = Tuning(5 * MIB, native=-1, range=5 * MIB)


class Answers:
    """Counts answers of S3, writes down those to parts and ranges, and kills at the nth."""

    def __init__(self, log: Path, kill_at: int) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._kill_at = kill_at
        self._count = 0
        self._lock = threading.Lock()

    def watch(self, client: Any) -> None:
        for operation in COUNTED:
            client.meta.events.register(
                f"after-call.s3.{operation}", self._after, unique_id=operation
            )
        client.meta.events.register(
            "before-parameter-build.s3.UploadPart", self._remember, unique_id="part"
        )

    def _remember(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["part"] = f"{params['UploadId']} {params['PartNumber']}\n"

    def _after(self, context: dict[str, Any], http_response: Any, **_: Any) -> None:
        with self._lock:
            if "part" in context and http_response.status_code == 200:
                os.write(self._log, context["part"].encode())
            self._count += 1
            if self._count == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)


async def run(order: dict[str, Any]) -> None:
    account = Account(
        Target(region=order["region"], endpoint_url=order["endpoint"]),
        read_only=False,
        credentials=StaticCredentials(*order["credentials"]),
    )
    answers = Answers(Path(order["log"]), order["kill_at"])
    service = TransferService(
        S3Service(account), journal=Path(order["journal"]), tuning=TUNING, first_delay=0.01
    )
    answers.watch(account.connection.client("s3"))
    held = await account.connect()
    answers.watch(held.client("s3"))
    try:
        found = await service.cut_off.find()
        folder, bucket = Path(order["folder"]), order["bucket"]
        if found:
            numbers = [await service.cut_off.go_on(job) for job in found]
        elif order["direction"] == "upload":
            numbers = [
                await service.start_upload(await plan_upload(service, [folder], bucket, "in/"))
            ]
        else:
            plan = await plan_download(service, bucket, [], ["in/"], folder)
            numbers = [await service.start_download(plan)]
        for number in numbers:
            ended = await service.queue.wait(number)
            assert ended.state is JobState.DONE, ended
            for result in await service.queue.results(number):
                print(result.destination, result.message)
    finally:
        await service.stop()
        service.close()
        account.close()


if __name__ == "__main__":
    asyncio.run(run(json.loads(sys.argv[1])))
