"""What goes for every row is asked about before it is run."""

from __future__ import annotations

from tests.panes.sql.conftest import OpenPane
from tests.postgres import RunElsewhere
from tui.services.sql import TransactionState


async def test_a_delete_of_every_row_is_asked_about_and_can_be_run_in_a_transaction(
    open_pane: OpenPane, server: RunElsewhere, table: str
) -> None:
    server(f"create table {table} as select n from generate_series(1, 3) n")

    def rows() -> int:
        return int(server(f"select count(*) from {table}")[0][0])

    async with open_pane() as driver:
        await driver.write(f"delete from {table}")
        await driver.press("f5")
        await driver.sees("Run this on", "DELETE without WHERE: every row is removed", "Do not run")
        # The answer that stands first changes nothing.
        await driver.press("enter")
        await driver.misses("Run this on")
        assert rows() == 3
        await driver.press("f5")
        await driver.sees("Run it in a transaction")
        await driver.press("t")
        await driver.sees("DELETE 3", "IN TRANSACTION")
        assert rows() == 3
        assert driver.runner.state is TransactionState.OPEN
        await driver.press("f5")
        await driver.sees("A transaction is open", "Run it")
        await driver.misses("Run it in a transaction", "Run it and commit")
        await driver.press("escape", "ctrl+b")
        await driver.until(lambda: driver.runner.state is TransactionState.IDLE, "the rollback")
        # The server is done sooner than the pane, which takes no other statement until then.
        await driver.until(lambda: not driver.runner.running, "the end of the rollback")
        assert rows() == 3
        await driver.press("f5")
        await driver.press("r")
        await driver.until(lambda: rows() == 0, "the rows are gone")


async def test_without_the_transaction_that_was_asked_for_nothing_runs(
    open_pane: OpenPane, server: RunElsewhere, table: str
) -> None:
    server(f"create table {table} as select n from generate_series(1, 3) n")
    server(f"alter table {table} add primary key (n)")
    async with open_pane() as driver:
        await driver.run(f"select n from {table}")
        await driver.press("escape", "x")
        await driver.sees("1 change staged")
        await driver.write(f"delete from {table}")
        await driver.press("f5")
        await driver.sees("Run it in a transaction")
        await driver.press("t")
        await driver.sees("Drop the staged changes?")
        await driver.press("escape")
        await driver.misses("Drop the staged changes?")
        await driver.until(lambda: not driver.runner.running, "the end of what runs")
        assert driver.runner.state is TransactionState.IDLE
        assert server(f"select count(*) from {table}") == [(3,)]
        assert driver.runner.staged


async def test_a_script_is_asked_about_once_and_what_is_usual_never(
    open_pane: OpenPane, table: str
) -> None:
    async with open_pane() as driver:
        await driver.write(
            f"create table {table} (n int); update {table} set n = 1; drop table {table}"
        )
        await driver.press("f6")
        await driver.sees("UPDATE without WHERE", "DROP TABLE", "Run it and commit")
        await driver.misses("Run it in a transaction")
        await driver.press("r")
        await driver.sees("✓ 3/3")
        await driver.run(f"create table {table} (n int)")
        await driver.run(f"delete from {table} where n = 1")
        await driver.sees("DELETE 0")


async def test_read_only_mode_refuses_without_asking(open_pane: OpenPane, table: str) -> None:
    async with open_pane(read_only=True) as driver:
        await driver.run(f"delete from {table}")
        await driver.sees("Read-only mode")
        await driver.misses("Run this on")
