"""A process that makes others, each of which transfers until it is done or until it kills itself at
a chosen moment: `python -m tests.services.transfers.killed_run`.

It reads orders and writes answers, one JSON line each. It has loaded everything once; the others
are its forks, so that a kill costs a fraction of a second.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from tests.services.transfers.places import MIB, plan_download, plan_sync, plan_upload
from tui.services.audit import AuditLog
from tui.services.aws import Account, Target
from tui.services.aws.credentials import StaticCredentials
from tui.services.placing import place
from tui.services.s3 import ObjectCopy, S3Service
from tui.services.s3.data.http_connections import HttpAnswer, HttpConnections
from tui.services.s3.data.native import NativeClient
from tui.services.s3.deleting.undo_stack import UndoStack
from tui.services.transfers import JobState, TransferService, Tuning, job
from tui.services.transfers.journal import deletions, recorded_files, recorder
from tui.services.transfers.journal.journal import Journal
from tui.services.transfers.local.small_files import SmallFile, SmallFiles
from tui.services.transfers.moving import download

TUNING = Tuning(5 * MIB, range=5 * MIB, single_copy=5 * MIB, copy_part=5 * MIB)
MOVES = ("GetObject", "PutObject", "CreateMultipartUpload", "CopyObject", "DeleteObjects")
"""What is sent only of a transfer that is in the journal."""

OPERATIONS = {b"GET": "GetObject", b"PUT": "PutObject"}


@dataclass(frozen=True)
class Order:
    """One run of a transfer: begun, or gone on with if the journal has one."""

    direction: str
    endpoint: str
    region: str
    credentials: list[str]
    journal: str
    log: str
    """A file to which is added what was sent, and what was acknowledged."""
    bucket: str
    folder: str
    kill_at: int = 0
    """At which moment: a request or an answer of S3, a write of the journal, a file that gets its
    name. 0 is never."""
    pause: float = 0.0
    """Seconds between that moment and the kill; what is under way goes on meanwhile."""
    by_sdk: bool = False
    """Whether small files go through the SDK, too, as where the other way does not work."""


class Moments:
    """Counts moments, writes down what is sent and acknowledged, and kills at the nth."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._log = os.open(order.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._count = 0
        self._lock = threading.Lock()

    def watch(self, client: Any) -> None:
        """Look at what a client sends."""
        events = client.meta.events
        events.register("before-parameter-build.s3", self._remember, unique_id="remember")
        events.register("before-call.s3", self._before, unique_id="before")
        events.register("after-call.s3", self._after, unique_id="after")

    def watch_small(self) -> None:
        """Look at what goes beside the SDK: over connections of our own, and parts through AWS's
        native client."""
        send, put_part = HttpConnections.send, NativeClient.put_part

        async def sending(
            connections: HttpConnections,
            request: bytes,
            answer: asyncio.Future[HttpAnswer],
            *more: Any,
        ) -> HttpAnswer:
            method, path, _ = request.split(b" ", 2)
            what = f"{OPERATIONS[method]} {path.decode().split('/', 2)[2]}"
            self._note("small", what)
            self._note("sent", what)
            self._pass()
            got = await send(connections, request, answer, *more)
            if got.status < 300:
                self._note("got", what)
            self._pass()
            return got

        async def sending_part(
            client: NativeClient,
            bucket: str,
            key: str,
            part: tuple[str, int],
            *more: Any,
            **options: Any,
        ) -> Any:
            what = f"UploadPart {key} {part[0]} {part[1]}"
            self._note("native", what)
            self._note("sent", what)
            self._pass()
            answer = await put_part(client, bucket, key, part, *more, **options)
            if answer is not None:
                self._note("got", what)
            self._pass()
            return answer

        setattr(HttpConnections, "send", sending)  # noqa: B010
        setattr(NativeClient, "put_part", sending_part)  # noqa: B010

    def watch_disk(self) -> None:
        """Look at what is written."""
        write, put = Journal.write, SmallFiles.put

        def writing(journal: Journal, notes: Any) -> None:
            write(journal, notes)
            self._pass()

        def placing(temporary: Path, target: Path, **options: Any) -> None:
            place(temporary, target, **options)
            self._note("got", f"file {target.name}")
            self._pass()

        async def putting(files: SmallFiles, file: SmallFile) -> Path:
            if not self._order.by_sdk:
                # Here there are too few files for it to be ready before they are over.
                files._start()
                while (starting := files._process) is not None and not starting.is_quick:
                    if starting.has_ended:
                        break
                    await asyncio.sleep(0.001)
            process = files._process
            by_process = process is not None and process.is_quick
            path = await put(files, file)
            self._note("put", "by a process" if by_process else "on threads")
            self._note("got", f"file {path.name}")
            self._pass()
            return path

        # This process ends with its run: nobody puts them back.
        setattr(Journal, "write", writing)  # noqa: B010
        setattr(download, "place", placing)  # noqa: B010
        setattr(SmallFiles, "put", putting)  # noqa: B010

    def _remember(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        told = [str(params.get(name, "")) for name in ("Key", "UploadId", "PartNumber", "Range")]
        context["told"] = " ".join(filter(None, told))

    def _before(self, model: Any, context: dict[str, Any], **_: Any) -> None:
        # A listing that goes without the SDK's machinery builds no parameters.
        self._note("sent", f"{model.name} {context.setdefault('told', '')}")
        self._pass()

    def _after(
        self, model: Any, context: dict[str, Any], http_response: Any = None, **_: Any
    ) -> None:
        if http_response is not None and http_response.status_code < 300:
            self._note("got", f"{model.name} {context['told']}")
        self._pass()

    def _note(self, kind: str, what: str) -> None:
        os.write(self._log, f"{kind} {what}\n".encode())

    def _pass(self) -> None:
        with self._lock:
            self._count += 1
            if self._count != self._order.kill_at:
                return
        threading.Thread(target=self._kill, daemon=True).start()

    def _kill(self) -> None:
        time.sleep(self._order.pause)
        os.kill(os.getpid(), signal.SIGKILL)


def has_begun(log: Path) -> bool:
    """Whether an earlier run has sent something."""
    sent = (f"sent {move} " for move in MOVES)
    return log.exists() and any(line in log.read_text() for line in sent)


def is_left(journal: Path) -> bool:
    """Whether the journal has something that is not over, whoever has it."""
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as there:
        return bool(there.execute("SELECT 1 FROM jobs WHERE NOT is_over").fetchall())


def undo_file(journal: Path) -> Path:
    """Where what can be taken back is kept."""
    return journal.parent.with_name("undo.json")


audit_of = cache(AuditLog)


@cache
def account_of(audit: AuditLog, region: str, endpoint: str, *credentials: str) -> Account:
    """The account, with what takes long to make."""
    account = Account(
        Target(region=region, endpoint_url=endpoint),
        read_only=False,
        audit=audit,
        credentials=StaticCredentials(*credentials),
    )
    for service in ("s3", "sts"):
        account.connection.client(service)
    return account


def copies(client: Any, bucket: str) -> list[ObjectCopy]:
    """Everything under `in/`, to be moved to `to/`."""
    listed = client.list_objects_v2(Bucket=bucket, Prefix="in/")["Contents"]
    return [
        ObjectCopy(
            *(bucket, row["Key"], row["ETag"].strip('"'), bucket),
            row["Key"].replace("in/", "to/", 1),
            size=row["Size"],
        )
        for row in listed
    ]


async def carry_out(order: Order, account: Account, audit: AuditLog) -> list[str]:
    """Begin the transfer, or go on with it; what is said of each file, if it ends."""
    moments = Moments(order)
    moments.watch_small()
    service = TransferService(
        S3Service(account, audit),
        journal=Path(order.journal),
        tuning=replace(TUNING, quick=-1) if order.by_sdk else TUNING,
        first_delay=0.01,
        undo=UndoStack(undo_file(Path(order.journal))),
    )
    try:
        found = await service.cut_off.find()
        async with asyncio.timeout(20):
            while not found and has_begun(Path(order.log)):
                if not is_left(Path(order.journal)):
                    # All was over when it was killed: what began anew would do more than was asked.
                    return []
                # What the killed run was starting just then has its lock for a moment.
                await asyncio.sleep(0.005)
                found = await service.cut_off.find()
        folder, bucket = Path(order.folder), order.bucket
        if found:
            moments.watch((await account.connect()).client("s3"))
            moments.watch_disk()
            numbers = [await service.cut_off.go_on(each) for each in found]
        elif order.direction == "upload":
            plan = await plan_upload(service, [folder], bucket, "in/")
            moments.watch(account.connection.client("s3"))
            moments.watch_disk()
            numbers = [await service.start_upload(plan)]
        elif order.direction == "sync":
            synced = await plan_sync(service, folder, bucket, prefix="in/", deletes=True)
            moments.watch(account.connection.client("s3"))
            moments.watch_disk()
            numbers = [await service.start_sync(synced)]
        elif order.direction == "move":
            client = account.connection.client("s3")
            moved = copies(client, bucket)
            moments.watch(client)
            moments.watch_disk()
            place, at = f"s3://{bucket}/to/", service.connection
            both = (bucket, bucket)
            numbers = [
                await service.start_copies(moved, buckets=both, moves=True, place=place, at=at)
            ]
        else:
            loaded = await plan_download(service, bucket, [], ["in/"], folder)
            moments.watch(account.connection.client("s3"))
            moments.watch_disk()
            numbers = [await service.start_download(loaded)]
        said = []
        for number in numbers:
            ended = await service.queue.wait(number)
            assert ended.state is JobState.DONE, ended
            said += [result.message for result in await service.queue.results(number)]
        return said
    finally:
        await service.stop()
        service.close()
        account.close()


def fork(do: Callable[[], object]) -> tuple[int, str]:
    """Do it in a process of its own; gives its status, below 0 for a signal, and what it said."""
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            status = 1
            try:
                print(do())
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                os._exit(status)
        _, status = os.waitpid(child, 0)
        said.seek(0)
        return os.waitstatus_to_exitcode(status), said.read().decode()


def run(order: Order, account: Account, audit: AuditLog) -> list[str]:
    return asyncio.run(carry_out(order, account, audit))


def main() -> None:
    # The same bounds as in use, for fewer files: so many are under way, and not written down yet.
    # Only here: other tests of the process that imports this have those in use.
    job.FILES_AT_ONCE, recorder.BATCH, deletions.AT_ONCE = 16, 5, 10
    setattr(recorded_files, "NEAR", 30)  # noqa: B010
    for line in sys.stdin:
        order = Order(**json.loads(line))
        audit = audit_of(Path(order.log).with_name("audit.jsonl"))
        account = account_of(audit, order.region, order.endpoint, *order.credentials)
        answer = fork(partial(run, order, account, audit))
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
