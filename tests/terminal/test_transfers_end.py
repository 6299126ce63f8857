"""Told to end in the middle of an upload: the journal knows what a later start can go on with."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from tests.faulty import ServiceRequest, door
from tests.local_server import Answer
from tests.terminal.terminal import ROOT, Terminal
from tui.paths import state_dir
from tui.sandbox import SandboxInfo
from tui.services.aws import Account
from tui.services.transfers.journal.journal import Journal
from tui.services.transfers.journal.resuming import cut_off, unfinished

PROGRAM = "import sys; sys.path.insert(0, {root!r}); from tui.__main__ import main; main()"


def terminate(terminal: Terminal) -> None:
    terminal.signal(signal.SIGTERM)


@pytest.mark.parametrize("end", [terminate, Terminal.hang_up])
def test_a_signal_during_a_large_upload_leaves_what_can_be_gone_on_with(
    sandbox: SandboxInfo, account: Account, tmp_path: Path, end: Callable[[Terminal], None]
) -> None:
    s3 = account.connection.client("s3")
    bucket = f"parts-{uuid4().hex[:12]}"
    s3.create_bucket(Bucket=bucket)
    folder = tmp_path / "to-upload"
    folder.mkdir()
    with (folder / "large.bin").open("wb") as stream:
        stream.truncate(64 * 1024 * 1024)
    ended = threading.Event()

    def slow_parts(request: ServiceRequest) -> Answer | None:
        if "partNumber=" in request.path and "partNumber=1&" not in request.path:
            ended.wait(0.5)
        return None

    def uploads() -> list[str]:
        found = s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
        return [upload["UploadId"] for upload in found]

    with (
        door(sandbox, slow_parts) as opened,
        Terminal(
            "--region",
            "us-east-1",
            "--endpoint-url",
            opened.url,
            f"s3://{bucket}/",
            command=(sys.executable, "-c", PROGRAM.format(root=str(ROOT))),
            environment={
                "AWS_ACCESS_KEY_ID": sandbox.credentials.access_key,
                "AWS_SECRET_ACCESS_KEY": sandbox.credentials.secret_key,
                "HOME": str(folder),
            },
            folder=folder,
        ) as terminal,
    ):
        terminal.wait_for("123456789012", "Nothing here yet")
        terminal.press("u")
        terminal.wait_for("large.bin", "64.0 MiB")
        terminal.press("Gu")
        terminal.wait_for("1 file, 64.0 MiB", " new ", "Ctrl+S Upload")
        terminal.press("\x13")
        terminal.wait_until(lambda: bool(uploads()), "a multipart upload")
        end(terminal)
        terminal.process.wait(30)
        ended.set()
    journal = Journal(state_dir() / "transfers.sqlite")
    (job,) = cut_off(journal)
    (file,) = unfinished(journal, job.id, job.direction)
    journal.close()
    assert file.upload is not None
    assert [file.upload.upload_id] == uploads()
    assert s3.list_objects_v2(Bucket=bucket).get("Contents", []) == []
