"""Moving the cursor over the rows of a result leaves nothing behind."""

from __future__ import annotations

from tests.moves import Cost, moving
from tests.panes.sql.conftest import OpenPane


async def test_moving_over_rows_mounts_and_repaints_nothing(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.run("SELECT n, n * 2 AS double FROM generate_series(1, 60) AS n")
        await driver.press("escape", "down")
        moves = ["down"] * 20 + ["right"] + ["up"] * 19 + ["left"]
        assert await moving(driver.pilot, moves) == Cost(0, 0)
        assert driver.pane.results.grid.cursor_row > 0
