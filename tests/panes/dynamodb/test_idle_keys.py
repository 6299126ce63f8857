"""Keys that do nothing among tables or items say what does."""

from __future__ import annotations

from tests.driver import WIDE
from tests.panes.dynamodb.conftest import make_table
from tests.panes.idle import answers
from tests.panes.pane_app import PaneApp
from tui.panes.dynamodb.pane import DynamoPane
from tui.services.bundle import Services
from tui.services.dynamodb import DynamoService


async def test_among_tables_and_items(services: Services, dynamodb: DynamoService) -> None:
    table = await make_table(dynamodb, '{"id": 1}')
    app = PaneApp(DynamoPane(services))
    async with app.run_test(size=WIDE) as pilot:
        while app.pane.current_table is None:
            await pilot.pause()
        said = await answers(pilot)
        assert said["delete"] == "Delete works on items; here are tables: F8 removes whole tables."
        assert said["get"] == "Get by key works on items; here are tables: Enter opens one."
        assert said["up"] == "This is the top: the list of tables."
        app.pane.open(f"dynamodb:{table.name}")
        while app.pane.current_item is None:
            await pilot.pause()
        said = await answers(pilot)
        assert {"upload", "download", "link"} <= set(said)
        assert "edit" not in said
    services.close()
