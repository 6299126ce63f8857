"""A click on the title of a column sorts by it: one way, the other way, as listed."""

from __future__ import annotations

from tests.buckets import Put
from tests.panes.s3.conftest import Browse
from tui.panes.s3.entries import raw_name
from tui.widgets.grid.grid import Grid


async def test_a_click_on_the_title_sorts(browse: Browse, bucket: str, put: Put) -> None:
    put({"a": b"", "b": b"12345", "c": b"1"})
    async with browse(f"s3://{bucket}/") as person:
        await person.sees("5 B")
        left = person.text.splitlines()[1].index("Size")
        assert "Name" in person.text.splitlines()[1]
        await person.pilot.click(Grid, offset=(left, 0))
        await person.sees("largest first")
        assert [raw_name(each) for each in person.browser.listing.shown] == ["b", "c", "a"]
        await person.pilot.click(Grid, offset=(person.pane.grid.size.width - 2, 0))
        await person.sees("by class")
