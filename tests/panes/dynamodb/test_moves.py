"""Moving the cursor over items leaves nothing behind; a click on a title sorts."""

from __future__ import annotations

from tests.driver import running
from tests.moves import Cost, moving
from tests.panes.dynamodb.conftest import make_table, pane_of
from tui.services.bundle import Services
from tui.services.dynamodb import DynamoService
from tui.widgets.grid import Grid


async def test_moving_over_items_mounts_and_repaints_nothing(
    services: Services, dynamodb: DynamoService
) -> None:
    table = await make_table(
        dynamodb, *(f'{{"id": {number}, "name": "n"}}' for number in range(12))
    )
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("12 items")
        await driver.press("down")
        moves = ["down"] * 8 + ["right"] + ["up"] * 7 + ["left"]
        assert await moving(driver.pilot, moves) == Cost(0, 0)
        assert pane_of(driver).grid.cursor_row > 0


async def test_a_click_on_the_title_sorts_by_that_attribute(
    services: Services, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, '{"id": 1, "name": "b"}', '{"id": 2, "name": "a"}')
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("2 items")
        pane = pane_of(driver)
        title = next(n for n, each in enumerate(pane.grid.columns) if each.title.startswith("name"))
        pane.grid.post_message(Grid.HeaderClicked(pane.grid, title))
        await driver.sees("name ▲")
