"""What was killed goes on: nothing is lost, sent twice or left behind."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import astuple
from pathlib import Path
from typing import Any

from tests.services.transfers.places import MIB, body, keys, names, unfinished
from tui.sandbox import SandboxInfo

SMALL = 40


class Runs:
    """One transfer, carried out by processes that are killed."""

    def __init__(self, sandbox: SandboxInfo, direction: str, bucket: str, folder: Path) -> None:
        self.state = folder.parent / "state"
        self.log = folder.parent / "parts.log"
        self._order = {
            "direction": direction,
            "endpoint": sandbox.endpoint_url,
            "region": sandbox.region,
            "credentials": list(astuple(sandbox.credentials)),
            "journal": str(self.state / "transfers.sqlite"),
            "log": str(self.log),
            "bucket": bucket,
            "folder": str(folder),
        }

    def run(self, kill_at: int = 0) -> tuple[int, str]:
        """The status and the output of a process that is killed at that answer; 0 is never."""
        order = json.dumps({**self._order, "kill_at": kill_at})
        command = [sys.executable, "-m", "tests.services.transfers.killed_run", order]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        return ended.returncode, ended.stdout + ended.stderr


def fill(folder: Path) -> dict[str, bytes]:
    """Many small files and a large one; their contents by their names."""
    folder.mkdir()
    contents = {f"{number:03}.txt": os.urandom(1000 + number) for number in range(SMALL)}
    contents["large.bin"] = os.urandom(27 * MIB)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return contents


def kills() -> list[int]:
    """When to kill: early, amid the small files, amid the parts."""
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    chosen = random.Random(seed)
    return [chosen.randint(1, 12), chosen.randint(5, 25), chosen.randint(1, 4)]


def test_an_upload_that_is_killed_again_and_again_arrives_once(
    sandbox: SandboxInfo, s3: Any, bucket: str, tmp_path: Path
) -> None:
    contents = fill(tmp_path / "data")
    runs = Runs(sandbox, "upload", bucket, tmp_path / "data")
    for kill_at in kills():
        status, said = runs.run(kill_at)
        assert status in {0, -signal.SIGKILL}, said
    status, said = runs.run()
    assert status == 0, said

    stored = {f"in/data/{name}": content for name, content in contents.items()}
    assert keys(s3, bucket) == {key: len(content) for key, content in stored.items()}
    assert all(body(s3, bucket, key) == content for key, content in stored.items())
    assert unfinished(s3, bucket) == []
    sent = Counter(runs.log.read_text().split("\n"))
    assert [part for part, times in sent.items() if part and times > 1] == []
    assert len(sent) - 1 == 6, "parts of more than one upload were sent"
    assert not list(runs.state.glob("*.lock"))


def test_a_download_that_is_killed_again_and_again_arrives_whole(
    sandbox: SandboxInfo, s3: Any, bucket: str, tmp_path: Path
) -> None:
    contents = fill(tmp_path / "there")
    for name, content in contents.items():
        s3.put_object(Bucket=bucket, Key=f"in/{name}", Body=content)
    (tmp_path / "here").mkdir()
    runs = Runs(sandbox, "download", bucket, tmp_path / "here")
    for kill_at in kills():
        status, said = runs.run(kill_at)
        assert status in {0, -signal.SIGKILL}, said
    status, said = runs.run()
    assert status == 0, said

    here = tmp_path / "here"
    assert names(here) == [f"in/{name}" for name in sorted(contents)]
    assert all((here / "in" / name).read_bytes() == data for name, data in contents.items())
