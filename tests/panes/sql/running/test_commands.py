"""Who commits, how long a statement may take: by key, on one pane."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.panes.sql.conftest import OpenPane
from tests.panes.sql.runners import run, session_of
from tests.postgres import RunElsewhere
from tui.config import Settings, SqlSettings
from tui.panes.sql.results import log_lines
from tui.panes.sql.runner import QueryRunner
from tui.panes.sql.running.limits_form import PROBLEM, problems, seconds_of
from tui.panes.sql.wording import brief_state
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.bundle import Services
from tui.services.sql import SqlError, TimeLimits, TransactionState, from_url


async def test_the_mode_and_the_transaction_are_always_said(runner: QueryRunner) -> None:
    session = session_of(runner)
    session.manual_commit = True
    assert runner.location[1] == "manual commit: F5 begins a transaction · no TLS (local)"
    await run(runner, "select 1; select 2")
    said = r"IN TRANSACTION: 2 statements, \d+ s · F7 commit, Ctrl\+B roll back · manual commit"
    assert re.fullmatch(said, runner.location[1])
    assert re.fullmatch(r"IN TRANSACTION: 2, \d+ s · F7/Ctrl\+B", brief_state(session))
    with pytest.raises(SqlError):
        await run(runner, "select 1 / 0")
    assert brief_state(session) == "TRANSACTION FAILED: Ctrl+B"
    await run(runner, "rollback; select 1; select 2")
    assert runner.at_stake() == ["A transaction of 2 statements is open; quitting rolls it back."]
    await run(runner, "rollback")
    session.limits = TimeLimits(30, 5)
    assert runner.location[1].endswith(
        "a transaction · statements 30 s, locks 5 s · no TLS (local)"
    )
    assert brief_state(session) == "manual commit · limits"


async def test_what_the_server_said_of_a_statement_stands_below_it(runner: QueryRunner) -> None:
    say = "do $$begin raise notice '{}'; end$$"
    await run(runner, f"{say.format('first')}; select 1; {say.format('last')}")
    lines = log_lines(runner.log).plain.splitlines()
    assert [line.split()[0] for line in lines] == ["✓", "NOTICE:", "✓", "✓", "NOTICE:"]
    assert "first" in lines[1]
    assert "last" in lines[4]


@pytest.mark.parametrize(
    ("text", "seconds"), [("", None), (" ", None), ("30", 30.0), ("0.5", 0.5), ("0", 0.0)]
)
def test_seconds_are_read_as_typed(text: str, seconds: float | None) -> None:
    assert problems(text) == []
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["-1", "x", "nan", "inf", "1e9", "5 s"])
def test_what_is_no_time_is_refused(text: str) -> None:
    assert problems(text) == [PROBLEM]


def test_a_profile_can_be_marked_for_manual_commit() -> None:
    assert SqlSettings(manual_commit=frozenset({"prod"})).commits_by_hand("prod")
    assert not SqlSettings(manual_commit=frozenset({"prod"})).commits_by_hand("dev")
    assert SqlSettings(manual_commit=True).commits_by_hand("dev")
    assert not SqlSettings().commits_by_hand("dev")


async def test_alt_m_and_the_limits_by_key(
    open_pane: OpenPane, server: RunElsewhere, table: str
) -> None:
    server(f"create table {table} (n int)")
    async with open_pane() as driver:
        await driver.press("alt+m")
        await driver.sees("manual commit: F5")
        await driver.run(f"insert into {table} values (1)")
        await driver.sees("IN TRANSACTION: 1 statement", "F7 Commit")
        assert server(f"select count(*) from {table}") == [(0,)]
        await driver.press("f7")
        await driver.until(
            lambda: driver.runner.state is TransactionState.IDLE and not driver.runner.running,
            "the end of the transaction",
        )
        await driver.write(f"delete from {table}")
        await driver.press("f5")
        await driver.sees("You commit by hand", "Run it")
        await driver.misses("Run it and commit", "Run it in a transaction")
        await driver.press("escape", "alt+m", "escape", "T")
        await driver.sees("Limits of this connection")
        await driver.press("2", "ctrl+s")
        await driver.sees("each statement commits · statements 2 s")
    assert server(f"select count(*) from {table}") == [(1,)]


async def test_a_connection_begins_with_what_the_settings_say(
    account: Account, audit: AuditLog, pane_database: str, tmp_path: Path
) -> None:
    chosen = SqlSettings(manual_commit=True, statement_timeout=7, lock_timeout=None)
    services = Services(account, Settings(sql=chosen), audit, state_dir=tmp_path)
    session = await services.sql.connect(*from_url(pane_database))
    assert session.manual_commit
    assert session.limits == TimeLimits(7, None)
    services.close()


async def test_an_open_transaction_is_said_on_a_narrow_screen(open_pane: OpenPane) -> None:
    async with open_pane(size=(80, 24)) as driver:
        await driver.press("alt+m")
        await driver.run("select 1")
        await driver.sees("IN TRANSACTION: 1, ", "s · F7/Ctrl+B")
