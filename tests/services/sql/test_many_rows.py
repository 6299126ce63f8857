"""What makes a page of many rows cheap: no garbage collection, no counting of characters."""

from __future__ import annotations

import gc

import pytest

from tests.services.sql.conftest import run_last
from tui.services.sql import LARGE_PAGE, Session
from tui.services.sql.session.row_lengths import PAGE_CHARACTERS
from tui.services.sql.session.uncollected import uncollected


def test_garbage_is_collected_again_afterwards_whatever_happens() -> None:
    with uncollected(), uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), uncollected():
        1 // 0  # noqa: B018
    assert gc.isenabled()
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


async def test_a_large_page_of_wide_rows_is_still_held_to_its_characters(session: Session) -> None:
    result = await run_last(
        session, "select repeat('ü', 2000) as w, null as n, n from generate_series(1, 20000) n"
    )
    page = await session.fetch_more(result, LARGE_PAGE)
    characters = sum(len(value) for row in page.rows for value in row if value is not None)
    assert PAGE_CHARACTERS / 3 < characters < PAGE_CHARACTERS * 1.5
    narrow = await run_last(session, "select n, null from generate_series(1, 20000) n")
    assert len((await session.fetch_more(narrow, LARGE_PAGE)).rows) == LARGE_PAGE
