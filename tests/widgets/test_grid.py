"""The grid draws what it is given, asks for more in time, and keeps marks and cursor."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from rich.cells import cell_len
from rich.style import Style
from textual.app import App, ComposeResult
from textual.strip import Strip

from tests.hostile import HOSTILE_TEXT
from tui.widgets.cells import Absent, Cell, CellValue, Column, Tone
from tui.widgets.grid import Grid
from tui.widgets.grid_columns import ColumnWidths
from tui.widgets.grid_lines import draw_line

COLUMNS = (Column("name"), Column("size", align="right"))


class GridApp(App[None]):
    def __init__(self, cursor_type: str = "row") -> None:
        super().__init__()
        self.cursor_type = cursor_type
        self.wanted = 0
        self.end_wanted = 0
        self.opened = 0

    def compose(self) -> ComposeResult:
        yield Grid(cursor_type="cell" if self.cursor_type == "cell" else "row")

    def on_mount(self) -> None:
        self.query_one(Grid).focus()

    def on_grid_more_wanted(self) -> None:
        self.wanted += 1

    def on_grid_end_wanted(self) -> None:
        self.end_wanted += 1

    def on_grid_opened(self) -> None:
        self.opened += 1

    @property
    def grid(self) -> Grid:
        return self.query_one(Grid)

    @property
    def lines(self) -> list[str]:
        return [self.grid.render_line(y).text for y in range(self.grid.size.height)]


def numbered(count: int, start: int = 0) -> list[Sequence[CellValue]]:
    return [(f"row {number}", str(number)) for number in range(start, start + count)]


async def test_header_and_rows_are_drawn_and_numbers_stand_right() -> None:
    app = GridApp()
    async with app.run_test(size=(40, 10)):
        app.grid.show(COLUMNS, [("a", "1"), ("bb", "1000")])
        assert app.lines[0].split() == ["name", "size"]
        assert app.lines[1].rstrip() == " a        1"
        assert app.lines[2].rstrip() == " bb    1000"


@pytest.mark.parametrize("value", HOSTILE_TEXT)
async def test_hostile_cells_fit_their_line_and_reach_the_screen_harmless(value: str) -> None:
    app = GridApp()
    async with app.run_test(size=(60, 6)) as pilot:
        app.grid.show((Column(value), Column("next")), [(value, "here"), ("plain", "there")])
        await pilot.pause()
        for line in app.lines:
            assert line.isprintable()
            assert cell_len(line) == 60
        assert "here" in app.lines[1]
        assert app.grid.rows[0][0] == value


async def test_the_kinds_of_absence_and_the_empty_string_look_different() -> None:
    app = GridApp()
    values: list[CellValue] = ["", "NULL", Cell("NULL", Tone.DIM), *Absent]
    async with app.run_test(size=(60, 12)):
        app.grid.show((Column("value", min_width=6),), [(value,) for value in values])
        app.grid.move_cursor(len(values))
        looks = {
            tuple((segment.text, segment.style) for segment in app.grid.render_line(y + 1))
            for y in range(len(values) - 1)
        }
        assert len(looks) == len(values) - 1


async def test_long_text_is_cut_on_screen_only() -> None:
    app = GridApp()
    async with app.run_test(size=(40, 5)):
        app.grid.show((Column("v", max_width=10), Column("w")), [("x" * 100, "y")])
        assert "xxxxxxxxx…  y" in app.lines[1]
        assert app.grid.cell_at(0, 0) == "x" * 100


async def test_more_is_asked_for_once_when_the_cursor_nears_the_end() -> None:
    app = GridApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.grid.show(COLUMNS, numbered(200), more=True)
        await pilot.pause()
        assert app.wanted == 0
        app.grid.move_cursor(160)
        app.grid.move_cursor(170)
        await pilot.pause()
        assert app.wanted == 1
        app.grid.append(numbered(200, 200), more=True)
        await pilot.pause()
        assert app.wanted == 1
        app.grid.move_cursor(399)
        await pilot.pause()
        assert app.wanted == 2
        app.grid.append(numbered(1, 400), more=False)
        await pilot.press("G")
        assert app.wanted == 2
        assert app.grid.cursor_row == 400


async def test_the_end_is_left_to_the_host_while_rows_are_not_loaded() -> None:
    app = GridApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.grid.show(COLUMNS, numbered(200), more=True)
        await pilot.press("G")
        assert (app.end_wanted, app.wanted, app.grid.cursor_row) == (1, 0, 0)
        app.grid.append(numbered(1, 200), more=False)
        await pilot.press("end")
        assert (app.end_wanted, app.wanted, app.grid.cursor_row) == (1, 0, 200)


async def test_a_short_first_page_asks_for_the_next_at_once() -> None:
    app = GridApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.grid.show(COLUMNS, numbered(3), more=True)
        await pilot.pause()
        assert app.wanted == 1


async def test_keys_move_the_cursor_and_keep_it_in_view() -> None:
    app = GridApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.grid.show(COLUMNS, numbered(100))
        await pilot.press("j", "down", "j")
        assert app.grid.cursor_row == 3
        await pilot.press("k", "up")
        assert app.grid.cursor_row == 1
        await pilot.press("G")
        await pilot.pause()
        assert app.grid.cursor_row == 99
        assert any("row 99" in line for line in app.lines)
        await pilot.press("pageup")
        assert app.grid.cursor_row == 91
        await pilot.press("g")
        await pilot.pause()
        assert "row 0" in app.lines[1]


async def test_marks_survive_a_page_and_are_the_targets() -> None:
    app = GridApp()
    async with app.run_test(size=(40, 10)):
        app.grid.show(COLUMNS, numbered(5), more=True)
        assert app.grid.targets == [0]
        app.grid.toggle_mark()
        app.grid.toggle_mark()
        app.grid.append(numbered(5, 5), more=False)
        assert app.grid.targets == [0, 1]
        assert app.lines[1].startswith("●")
        app.grid.mark_only()
        assert app.grid.targets == [2]


async def test_a_page_may_bring_new_columns_and_older_rows_miss_them() -> None:
    app = GridApp()
    async with app.run_test(size=(60, 10)):
        app.grid.show((Column("id"),), [("1",)])
        app.grid.append([("2", "new")], more=False, columns=(Column("id"), Column("extra")))
        assert app.grid.cell_at(0, 1) is Absent.MISSING
        assert "extra" in app.lines[0]
        assert "·" in app.lines[1]
        assert "new" in app.lines[2]


async def test_a_wide_row_scrolls_with_the_cell_cursor() -> None:
    app = GridApp("cell")
    async with app.run_test(size=(30, 6)) as pilot:
        columns = [Column(f"column{number}") for number in range(10)]
        app.grid.show(columns, [[f"value{number}" for number in range(10)]])
        await pilot.press(*["right"] * 9)
        await pilot.pause()
        assert app.grid.cursor_column == 9
        assert "value9" in app.lines[1]
        await pilot.press(*["left"] * 9)
        await pilot.pause()
        assert "value0" in app.lines[1]


async def test_an_empty_grid_takes_every_key() -> None:
    app = GridApp("cell")
    async with app.run_test(size=(40, 6)) as pilot:
        app.grid.show(COLUMNS, [])
        await pilot.press("j", "k", "G", "g", "pageup", "pagedown", "left", "right")
        app.grid.toggle_mark()
        assert app.grid.current is None
        assert app.grid.targets == []


async def test_a_click_moves_the_cursor_and_a_double_click_opens() -> None:
    app = GridApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.grid.show(COLUMNS, numbered(20))
        await pilot.click(Grid, offset=(3, 4))
        assert app.grid.cursor_row == 3
        await pilot.click(Grid, offset=(3, 5), times=2)
        assert app.grid.cursor_row == 4
        assert app.opened == 1


async def test_what_the_edge_of_the_screen_cuts_ends_in_an_ellipsis() -> None:
    app = GridApp()
    async with app.run_test(size=(20, 6)) as pilot:
        app.grid.show(
            (Column("Name", min_width=10), Column("Bytes stored", align="right"), Column("Last")),
            [("a", "123456789012", "x"), ("b", "1", "y")],
        )
        await pilot.pause()
        assert app.lines[:3] == [
            " Name        Bytes …",
            " a           123456…",
            " b                 1",
        ]
        await pilot.press("right", "right", "right")
        await pilot.pause()
        assert app.lines[0].endswith("Bytes stored  Last ")
        assert app.lines[1].endswith("123456789012  x    ")


async def test_a_hundred_thousand_rows_draw_only_what_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = GridApp()
    drawn: list[int] = []

    def counting(grid: Grid, index: int, widths: ColumnWidths) -> tuple[Strip, Style]:
        drawn.append(index)
        return draw_line(grid, index, widths)

    monkeypatch.setattr("tui.widgets.grid.draw_line", counting)
    async with app.run_test(size=(40, 10)) as pilot:
        app.grid.show(COLUMNS, numbered(100_000))
        await pilot.press("G")
        await pilot.pause()
        assert len(drawn) < 200
        assert any("row 99999" in line for line in app.lines)


async def test_a_move_of_the_cursor_repaints_two_rows() -> None:
    app = GridApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.grid.show(COLUMNS, numbered(6))
        await pilot.pause()
        drawn: list[int] = []
        draw = app.grid.render_line

        def counted(y: int) -> Strip:
            drawn.append(y)
            return draw(y)

        app.grid.render_line = counted  # type: ignore[method-assign]  # what is counted
        await pilot.press("down")
        await pilot.pause()
        assert sorted(drawn) == [1, 2]
        drawn.clear()
        await pilot.press("down")
        await pilot.pause()
        assert sorted(drawn) == [2, 3]
