"""What was killed goes on: nothing is lost, sent twice or left behind."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

from tests.services.transfers.killed_run import TUNING, Order, undo_file
from tests.services.transfers.places import MIB, body, keys, names, unfinished
from tui.sandbox import SandboxInfo
from tui.services.s3.deleting.undo_stack import UndoStack
from tui.services.transfers.journal.journal import Journal
from tui.services.transfers.journal.resuming import cut_off
from tui.services.transfers.moving.ranges import RANGES_AT_ONCE

SMALL = 60
LARGE = "020-large.bin"
"""It begins early, so that most kills meet it under way."""
LARGE_BYTES = 22 * MIB
KILLS = 20
APART = 18
"""Moments between two kills, at most."""
SENDS = ("PutObject", "UploadPart ", "CopyObject", "UploadPartCopy ")


class Runs:
    """One transfer, carried out by processes that are killed."""

    def __init__(
        self, maker: subprocess.Popen[str], sandbox: SandboxInfo, direction: str, **order: str
    ) -> None:
        self._maker = maker
        credentials = list(astuple(sandbox.credentials))
        where = str(sandbox.endpoint_url), sandbox.region, credentials
        self._order = Order(direction, *where, **order)  # type: ignore[arg-type]  # only texts

    def run(self, **kill: Any) -> tuple[int, str]:
        """The status and the output of one process."""
        assert self._maker.stdin is not None
        assert self._maker.stdout is not None
        order = {**asdict(self._order), **kill}
        print(json.dumps(order), file=self._maker.stdin, flush=True)
        status, said = json.loads(self._maker.stdout.readline())
        return status, said

    def run_killed(self, kills: int = KILLS, apart: int = APART) -> int:
        """Kill it at random moments until there were enough, then let it end; gives the kills."""
        seed = random.randrange(1_000_000)
        print(f"seed {seed}")
        chosen = random.Random(seed)
        killed = 0
        for number in range(kills):
            at, pause = chosen.randint(1, apart), chosen.choice((0.0, 0.002, 0.02))
            status, said = self.run(kill_at=at, pause=pause, by_sdk=number % 2 == 0)
            assert status in {0, -signal.SIGKILL}, said
            if status == 0:
                return killed
            killed += 1
        status, said = self.run()
        assert status == 0, said
        return killed

    @property
    def log(self) -> list[tuple[str, str]]:
        """What was sent and what was acknowledged, in order."""
        lines = Path(self._order.log).read_text().splitlines()
        return [(kind, what) for kind, _, what in (line.partition(" ") for line in lines)]


@contextmanager
def killing(sandbox: SandboxInfo, direction: str, bucket: str, folder: Path) -> Iterator[Runs]:
    command = [sys.executable, "-m", "tests.services.transfers.killed_run"]
    state = folder.parent / "state"
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as maker:
        try:
            yield Runs(
                maker,
                sandbox,
                direction,
                journal=str(state / "transfers.sqlite"),
                log=str(folder.parent / "log"),
                bucket=bucket,
                folder=str(folder),
            )
        finally:
            maker.kill()
    journal = Journal(state / "transfers.sqlite")
    assert cut_off(journal) == ()
    journal.close()
    assert not list(state.glob("*.lock"))


def fill(folder: Path) -> dict[str, bytes]:
    """Many small files and a large one; their contents by their names."""
    folder.mkdir()
    contents = {f"{number:03}.txt": os.urandom(1000 + number) for number in range(SMALL)}
    contents[LARGE] = os.urandom(LARGE_BYTES)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return contents


def kinds(log: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """What was told of which operation."""
    return {(kind, what.split()[0]) for kind, what in log}


def sent_again(log: list[tuple[str, str]]) -> list[str]:
    """What was sent after it had been acknowledged."""
    got: set[str] = set()
    again = []
    for kind, what in log:
        if kind == "got":
            got.add(what)
        elif what in got and what.startswith(SENDS):
            again.append(what)
    return again


def test_an_upload_that_is_killed_at_twenty_moments_arrives_once(
    sandbox: SandboxInfo, s3: Any, bucket: str, tmp_path: Path
) -> None:
    contents = fill(tmp_path / "data")
    with killing(sandbox, "upload", bucket, tmp_path / "data") as runs:
        killed = runs.run_killed()
        print(f"{killed} kills")
        log = runs.log
    assert killed > KILLS / 2
    stored = {f"in/data/{name}": content for name, content in contents.items()}
    assert keys(s3, bucket) == {key: len(content) for key, content in stored.items()}
    assert all(body(s3, bucket, key) == content for key, content in stored.items())
    assert unfinished(s3, bucket) == []
    assert ("small", "PutObject") in kinds(log)
    assert sent_again(log) == []
    parts = [what for kind, what in log if kind == "got" and what.startswith("UploadPart ")]
    assert len(parts) == -(-LARGE_BYTES // TUNING.single), "parts of more than one upload were sent"


def test_a_download_that_is_killed_at_twenty_moments_arrives_once(
    sandbox: SandboxInfo, s3: Any, bucket: str, tmp_path: Path
) -> None:
    contents = fill(tmp_path / "there")
    for name, content in contents.items():
        s3.put_object(Bucket=bucket, Key=f"in/{name}", Body=content)
    (tmp_path / "here").mkdir()
    with killing(sandbox, "download", bucket, tmp_path / "here") as runs:
        killed = runs.run_killed()
        print(f"{killed} kills")
        log = runs.log
    assert killed > KILLS / 2
    here = tmp_path / "here"
    assert names(here) == [f"in/{name}" for name in sorted(contents)]
    assert all((here / "in" / name).read_bytes() == data for name, data in contents.items())
    assert ("small", "GetObject") in kinds(log)
    assert ("put", "by a process") in log
    placed: set[str] = set()
    for kind, what in log:
        if what.startswith("file "):
            placed.add(what.removeprefix("file "))
        elif kind == "sent" and what.startswith("GetObject"):
            assert what.split()[1].removeprefix("in/") not in placed, "what had arrived was read"
    ranges = [what for kind, what in log if kind == "got" and LARGE in what and "bytes=" in what]
    # Of what was read, the last range is read again, and those that were not written down.
    most = -(-LARGE_BYTES // TUNING.range) + killed * (1 + RANGES_AT_ONCE)
    assert len(ranges) <= most


def test_a_move_that_is_killed_at_some_moments_loses_nothing_and_copies_once(
    sandbox: SandboxInfo, s3: Any, bucket: str, tmp_path: Path
) -> None:
    contents = {f"{number:02}.txt": os.urandom(100 + number) for number in range(12)}
    contents["04-large.bin"] = os.urandom(2 * TUNING.copy_part + 1)
    for name, content in contents.items():
        s3.put_object(Bucket=bucket, Key=f"in/{name}", Body=content)
    with killing(sandbox, "move", bucket, tmp_path / "none") as runs:
        killed = runs.run_killed(6, apart=30)
        print(f"{killed} kills")
        log = runs.log
    assert killed > 2
    assert keys(s3, bucket) == {f"to/{name}": len(content) for name, content in contents.items()}
    assert all(body(s3, bucket, f"to/{name}") == content for name, content in contents.items())
    assert unfinished(s3, bucket) == []
    assert sent_again(log) == []
    parts = [what for kind, what in log if kind == "got" and what.startswith("UploadPartCopy ")]
    assert len(parts) == 3


def test_a_sync_that_is_killed_at_some_moments_deletes_what_was_confirmed_once(
    sandbox: SandboxInfo, s3: Any, versioned: str, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("new.txt", "same.txt"):
        (folder / name).write_text(name)
    extras = [f"in/old/{number:03}" for number in range(55)]
    for key in (*extras, "in/same.txt", "elsewhere"):
        s3.put_object(Bucket=versioned, Key=key, Body=key[3:].encode())
    changed = extras[::20]
    with killing(sandbox, "sync", versioned, folder) as runs:
        assert runs.run(kill_at=2)[0] == -signal.SIGKILL
        for key in changed:
            s3.put_object(Bucket=versioned, Key=key, Body=b"changed after it was confirmed")
        s3.put_object(Bucket=versioned, Key="in/old/later", Body=b"came after the plan")
        killed = runs.run_killed(7, apart=7)
        print(f"{killed} kills")
    assert killed > 3
    left = {*changed, "in/old/later", "in/new.txt", "in/same.txt", "elsewhere"}
    assert set(keys(s3, versioned)) == left
    found = s3.list_object_versions(Bucket=versioned)["DeleteMarkers"]
    markers = sorted((each["Key"], each["VersionId"]) for each in found)
    # One marker for each, however often it was killed, and U knows every one of them.
    assert [key for key, _ in markers] == sorted(set(extras) - set(changed))
    stack = UndoStack(undo_file(tmp_path / "state" / "transfers.sqlite"))
    stack.read()
    kept = [(each.key, each.version_id) for delete in stack.deletes for each in delete.markers]
    assert sorted(kept) == markers
