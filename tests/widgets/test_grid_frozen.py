"""Columns of a grid that stay in view."""

from __future__ import annotations

from rich.cells import cell_len

from tests.widgets.grid.test_grid import GridApp
from tui.widgets.grid.cells import Column
from tui.widgets.grid.grid import Grid


async def test_frozen_columns_stay_while_the_others_go_behind_them() -> None:
    app = GridApp("cell")
    async with app.run_test(size=(40, 5)) as pilot:
        columns = [Column(f"column {number}") for number in range(20)]
        app.grid.show(columns, [[f"cell {number}" for number in range(20)]])
        await pilot.pause()
        assert app.grid.freeze(1)
        app.grid.move_cursor(0, 19)
        assert app.lines[0].startswith(" column 0 │")
        assert app.lines[1].startswith(" cell 0   │")
        assert "cell 19" in app.lines[1]
        assert all(cell_len(line) == 40 for line in app.lines)
        # To the left, a column comes out from behind the frozen one.
        app.grid.move_cursor(0, 9)
        assert "cell 9" in app.lines[1]
        assert app.lines[1].startswith(" cell 0   │")
        await pilot.click(Grid, offset=(3, 1))
        assert app.grid.cursor_column == 0
        assert not app.grid.freeze(4)
        assert app.grid.freeze(0)
        assert "│" not in app.lines[0]
