"""The audit log on the screen: a table, filtered, in pages, whatever is in the file."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path

import pytest

from tests.driver import NARROW, WIDE, Driver, running, sandbox_services
from tui.sandbox import SandboxInfo
from tui.screens.audit import AuditScreen
from tui.screens.audit.lines import AuditBrowser, details, row
from tui.services import audit
from tui.services.audit import AuditEntry, AuditLine, AuditPage
from tui.services.bundle import Services
from tui.widgets.grid.cells import plain_text


def line(number: int, **fields: object) -> str:
    return json.dumps(
        {
            "time": f"2026-01-01T10:{number // 60 % 60:02}:{number % 60:02}+00:00",
            "account": "123456789012",
            "region": "eu-west-1",
            "endpoint": None,
            "service": "s3",
            "operation": "PutObject",
            "target": {"Bucket": "photos", "Key": f"number-{number}"},
            "outcome": "ok",
            **fields,
        }
    )


def read(text: str) -> AuditLine:
    return audit.read_line(text.encode())


# -- rules ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "shown"),
    [
        ("ok", "✓ ok"),
        ("unknown", "? unknown"),
        ("not done", "– not done"),
        ("NoSuchBucket", "✗ NoSuchBucket"),
    ],
)
def test_an_entry_says_when_what_where_and_how_it_ended(outcome: str, shown: str) -> None:
    cells = [plain_text(cell) for cell in row(read(line(5, outcome=outcome)), wide=True, zone=UTC)]
    assert cells == [
        "2026-01-01 10:00:05",
        "s3 PutObject",
        "s3://photos/number-5",
        "123456789012",
        "eu-west-1",
        shown,
    ]


def test_what_the_list_has_no_room_for_is_said_below() -> None:
    said = details(read(line(5, note="found out", endpoint="http://x"))).plain
    for part in ("Key: number-5", "account 123456789012", "endpoint http://x", "ok: found out"):
        assert part in said


def test_a_broken_line_is_shown_as_it_is() -> None:
    cells = row(read("{broken [/red]"), wide=False)
    assert [plain_text(cell) for cell in cells][1:3] == ["not readable", "{broken [/red]"]


def test_the_filter_keeps_what_contains_a_text_also_of_pages_that_come_later() -> None:
    browser = AuditBrowser()
    browser.add(AuditPage((read(line(1)), read(line(2, outcome="AccessDenied"))), 10))
    browser.narrow("accessdenied")
    assert [each.outcome for each in browser.shown] == ["AccessDenied"]
    assert browser.summary == "1 of 2+ entries with “accessdenied”"
    kept = browser.add(AuditPage((read(line(3)), read(line(4, outcome="AccessDenied"))), None))
    assert len(kept) == 1
    browser.narrow("")
    assert browser.summary == "4 entries"


# -- the screen ----------------------------------------------------------------------------


@asynccontextmanager
async def audit_screen(
    services: Services, size: tuple[int, int] = WIDE
) -> AsyncIterator[tuple[Driver, AuditScreen]]:
    async with running(services, size=size) as driver:
        await driver.press("f12")
        await driver.until(lambda: isinstance(driver.app.screen, AuditScreen), "the audit log")
        screen = driver.app.screen
        assert isinstance(screen, AuditScreen)
        yield driver, screen


@pytest.fixture
def services(sandbox: SandboxInfo, tmp_path: Path) -> Services:
    return sandbox_services(sandbox, tmp_path)


def fill(services: Services, *lines: str) -> None:
    services.audit.path.parent.mkdir(parents=True, exist_ok=True)
    services.audit.path.write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_log_is_a_table_with_a_viewer_and_a_filter(
    services: Services, size: tuple[int, int]
) -> None:
    fill(services, *(line(n) for n in range(30)), "{broken", line(30, outcome="AccessDenied"))
    async with audit_screen(services, size) as (driver, screen):
        await driver.sees("32 entries", "✗ AccessDenied", "not readable", "photos/number-29")
        assert screen.grid.rows[0][-1] == row(screen.browser.shown[0], wide=False)[-1]
        await driver.press("enter")
        await driver.sees('"outcome": "AccessDenied"', "y Copy all")
        await driver.press("escape", "slash")
        await driver.type("number-29")
        await driver.sees("1 of 32 entries")
        await driver.misses("AccessDenied")
        await driver.press("enter", "escape")
        await driver.sees("32 entries")
        await driver.press("escape")
        await driver.until(lambda: driver.app.screen is driver.app.workspace, "the panes")


async def test_a_long_log_is_read_page_by_page_and_to_its_beginning_on_demand(
    services: Services,
) -> None:
    fill(services, *(line(n) for n in range(3000)))
    async with audit_screen(services) as (driver, screen):
        await driver.sees("500+ entries", "number-2999")
        await driver.press("G")
        await driver.sees("3,000 entries", "photos/number-0")
        assert screen.grid.cursor_row == 2999


async def test_a_filter_reads_on_until_it_finds(services: Services) -> None:
    fill(services, line(0, operation="DeleteBucket"), *(line(n) for n in range(1, 3000)))
    async with audit_screen(services) as (driver, _):
        await driver.sees("500+ entries")
        await driver.press("slash")
        await driver.type("deletebucket")
        await driver.sees("1 of 3,000 entries", "s3 DeleteBucket")


async def test_an_audit_log_that_cannot_be_written_is_told_at_once_and_in_the_header(
    services: Services,
) -> None:
    async with running(services) as driver:
        services.audit.path.mkdir(parents=True)
        services.audit.append(AuditEntry("s3", "DeleteObject", {"Key": "k"}, "ok"))
        await driver.sees("AUDIT LOG NOT WRITTEN", "The audit log cannot be written: 1 change")
        services.audit.path.rmdir()
        services.audit.append(AuditEntry("s3", "DeleteObject", {"Key": "k"}, "ok"))
        await driver.misses("AUDIT LOG NOT WRITTEN")
        await driver.press("f12")
        await driver.sees("2 entries")
