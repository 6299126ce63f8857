"""All pages that are left are loaded one after the other, until the end, an error or Esc."""

from __future__ import annotations

import pytest

from tui.panes import loading_all as module
from tui.panes.loading_all import LoadingAll
from tui.services.errors import ServiceError


class Pages:
    """A hundred rows a page."""

    def __init__(self, pages: int) -> None:
        self.pages = pages
        self.rows = 100
        self.said: list[str] = []
        self.loading_all = LoadingAll(self.said.append, "item")

    async def next_page(self) -> bool:
        self.rows += 100
        return self.rows < self.pages * 100

    def count(self) -> int:
        return self.rows


async def test_every_page_is_loaded_and_the_progress_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "TELL_EVERY", 0.0)
    pages = Pages(4)
    assert await pages.loading_all.run(pages.next_page, pages.count)
    assert pages.rows == 400
    assert pages.said == [f"{rows} items… Esc stops" for rows in (100, 200, 300)]
    assert not pages.loading_all.active


async def test_pages_that_come_at_once_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(module, "monotonic", lambda: now)
    pages = Pages(100)

    async def next_page() -> bool:
        nonlocal now
        now += module.TELL_EVERY / 8
        return await pages.next_page()

    assert await pages.loading_all.run(next_page, pages.count)
    assert 12 <= len(pages.said) <= 13
    assert pages.said[:2] == ["100 items… Esc stops", "900 items… Esc stops"]


async def test_a_stop_keeps_the_page_under_way_and_loads_no_other() -> None:
    pages = Pages(9)

    async def next_page() -> bool:
        assert pages.loading_all.active
        if pages.rows == 200:
            pages.loading_all.stop()
            pages.loading_all.stop()
        return await pages.next_page()

    assert not await pages.loading_all.run(next_page, pages.count)
    assert pages.rows == 300
    assert pages.said[-1] == "200 items… stopping"
    assert pages.said.count(pages.said[-1]) == 1
    assert not pages.loading_all.active


async def test_a_stop_during_the_last_page_is_no_stop() -> None:
    pages = Pages(2)

    async def next_page() -> bool:
        pages.loading_all.stop()
        return await pages.next_page()

    assert await pages.loading_all.run(next_page, pages.count)


async def test_an_error_ends_it_and_reaches_the_caller() -> None:
    pages = Pages(9)

    async def next_page() -> bool:
        raise ServiceError("Slow down.")

    with pytest.raises(ServiceError, match="Slow down"):
        await pages.loading_all.run(next_page, pages.count)
    assert not pages.loading_all.active
    pages.loading_all.stop()
    assert pages.said == ["100 items… Esc stops"]
