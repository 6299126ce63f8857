"""The audit log: private, complete, and read from its end, whatever is in it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.full_disk import FullDisk
from tui.services import audit
from tui.services.audit import AuditEntry, AuditLine, AuditLog, read_line, read_page
from tui.services.errors import ServiceError


def everything(path: Path, size: int) -> tuple[list[AuditLine], int]:
    """All lines by pages, and how many pages there were."""
    found: list[AuditLine] = []
    before: int | None = None
    pages = 0
    while True:
        page = read_page(path, before, size)
        found += page.lines
        pages += 1
        before = page.before
        if before is None:
            return found, pages


def test_no_file_is_an_empty_log(tmp_path: Path) -> None:
    assert read_page(tmp_path / "none").lines == ()


def test_a_line_is_read_as_it_was_written(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit.jsonl")
    log.append(
        AuditEntry("s3", "PutObject", {"Bucket": "b", "Key": "\n[/]"}, "ok", "42", "eu-west-1")
    )
    (line,) = read_page(log.path).lines
    assert (line.service, line.operation, line.outcome) == ("s3", "PutObject", "ok")
    assert line.target == {"Bucket": "b", "Key": "\n[/]"}
    assert (line.account, line.region, line.endpoint, line.note) == ("42", "eu-west-1", "", "")
    assert not line.is_broken


@pytest.mark.parametrize("block", [7, 64, 64 * 1024])
@pytest.mark.parametrize("size", [1, 3, 100])
@pytest.mark.parametrize("ends", ["\n", ""])
def test_pages_give_every_line_once_and_the_newest_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, size: int, ends: str
) -> None:
    monkeypatch.setattr(audit, "BLOCK", block)
    path = tmp_path / "audit.jsonl"
    written = [f"line {number}, é" for number in range(20)]
    path.write_text("\n".join(written) + ends)
    found, pages = everything(path, size)
    assert [line.raw for line in found] == list(reversed(written))
    assert pages >= 20 // size


BROKEN = [
    b"",
    b"{",
    b"null",
    b"[1]",
    b'{"time": 1, "target": {}}',
    b'{"time": "2024-01-01T00:00:00", "target": {}}',
    b'{"time": "2024-01-01T00:00:00+00:00"}',
    b'{"time": "2024-01-01T00:00:00+00:00", "target": []}',
    b"\xff\xfe",
    b"[" * 100_000,
]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_line_hides_no_other(tmp_path: Path, broken: bytes) -> None:
    good = {"time": "2024-01-01T00:00:00+00:00", "target": {"Key": 1}, "operation": "X"}
    path = tmp_path / "audit.jsonl"
    path.write_bytes(json.dumps(good).encode() + b"\n" + broken + b"\n" + json.dumps(good).encode())
    lines = read_page(path).lines
    assert [line.is_broken for line in lines] == [False, True, False]
    assert lines[0].target == {"Key": "1"}


def test_a_file_without_line_breaks_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_bytes(b"x" * (3 * audit.LONGEST_LINE))
    page = read_page(path)
    assert len(page.lines) == 1
    assert len(page.lines[0].raw) <= audit.LONGEST_LINE + audit.BLOCK


def test_a_log_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="cannot be read"):
        read_page(tmp_path)


ENTRY = AuditEntry("s3", "DeleteObject", {"Key": "\n[/]\x1b"}, "ok")


def test_the_audit_log_is_private_and_one_line_an_entry(tmp_path: Path) -> None:
    audit = AuditLog(tmp_path / "state" / "audit.jsonl")
    audit.append(ENTRY)
    audit.append(ENTRY)
    assert len(audit.path.read_text().splitlines()) == 2
    assert stat.S_IMODE(audit.path.stat().st_mode) == 0o600


def test_an_audit_log_that_cannot_be_written_does_not_undo_the_call(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    audit = AuditLog(tmp_path / "file" / "audit.jsonl")
    audit.append(ENTRY)
    assert audit.problem == "1 change is not in it: Not a directory."


def test_of_several_lines_a_full_disk_takes_none_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch)
    audit = AuditLog(tmp_path / "audit.jsonl")
    for name in ("Put", "Copy", "Delete"):
        disk.room = 300 if name == "Delete" else 0
        audit.append(AuditEntry("s3", name, {}, "ok"))
    disk.room = 1000
    audit.write_waiting()
    lines = map(read_line, audit.path.read_bytes().splitlines())
    assert [line.operation for line in lines if not line.is_broken] == ["Put", "Copy", "Delete"]


def test_what_could_not_be_recorded_is_written_as_soon_as_it_can_be(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.write_text("in the way")
    audit = AuditLog(folder / "audit.jsonl")
    audit.append(ENTRY)
    audit.append(ENTRY)
    assert audit.problem.startswith("2 changes are not in it")
    folder.unlink()
    audit.append(ENTRY)
    assert audit.problem == ""
    assert len(audit.path.read_text().splitlines()) == 3
