"""Esc while statements run one behind the other."""

from __future__ import annotations

import pytest

from tests.panes.sql.runners import fail
from tui.panes.sql.runner import QueryRunner
from tui.services.errors import ErrorKind
from tui.services.sql import Series, Session
from tui.services.sql.session import series as series_module


async def test_a_cancel_between_two_calls_of_a_run_ends_it_there(
    runner: QueryRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series_module, "MOST_WAITING", 1)
    run_series = Session.run_series

    async def run_and_cancel(session: Session, series: Series) -> None:
        await run_series(session, series)
        assert not session.running
        await runner.cancel()

    monkeypatch.setattr(Session, "run_series", run_and_cancel)
    error = await fail(runner, "select 1; select 2; select 3")
    assert error.kind is ErrorKind.CANCELLED
    assert [each.rows for each in runner.log.results] == [(("1",),)]
    assert not runner.running
