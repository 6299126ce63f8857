"""The grid draws what it is given, asks for more in time, and keeps marks and cursor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from rich.cells import cell_len
from textual._compositor import Compositor, ReflowResult
from textual.app import App, ComposeResult
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from tests.driver import screen_text
from tests.hostile import HOSTILE_TEXT
from tests.idle_loop import every_frame_drawn
from tui.widgets.grid.cells import Absent, Cell, CellValue, Column, Tone
from tui.widgets.grid.grid import Grid
from tui.widgets.grid.grid_cells import ColumnWidths, cell_pieces

COLUMNS = (Column("name"), Column("size", align="right"))


@pytest.fixture(autouse=True)
def drawn_at_once() -> Iterator[None]:
    """What is counted below is what a terminal would be sent."""
    with every_frame_drawn():
        yield


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

    def counting(grid: Grid, index: int, left: int, width: int, sign: str) -> Strip:
        drawn.append(index)
        return draw(grid, index, left, width, sign)

    draw = Grid._draw
    monkeypatch.setattr(Grid, "_draw", counting)
    async with app.run_test(size=(40, 10)) as pilot:
        app.grid.show(COLUMNS, numbered(100_000))
        await pilot.press("G")
        await pilot.pause()
        assert len(drawn) < 200
        assert any("row 99999" in line for line in app.lines)


class Counts:
    """How often something was drawn or laid out since the last look."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.drawn: list[int] = []
        self.lines = 0
        self.layouts = 0
        draw_row, render_line, reflow = Grid._draw, Grid.render_line, Compositor.reflow

        def draw(grid: Grid, index: int, left: int, width: int, sign: str) -> Strip:
            self.drawn.append(index)
            return draw_row(grid, index, left, width, sign)

        def line(grid: Grid, y: int) -> Strip:
            self.lines += 1
            return render_line(grid, y)

        def lay_out(compositor: Compositor, parent: Widget, size: Size) -> ReflowResult:
            self.layouts += 1
            return reflow(compositor, parent, size)

        monkeypatch.setattr(Grid, "_draw", draw)
        monkeypatch.setattr(Grid, "render_line", line)
        monkeypatch.setattr(Compositor, "reflow", lay_out)

    def forget(self) -> None:
        self.drawn.clear()
        self.lines = self.layouts = 0


@pytest.mark.parametrize("cursor_type", ["row", "cell"])
async def test_a_move_of_the_cursor_draws_two_rows(
    monkeypatch: pytest.MonkeyPatch, cursor_type: str
) -> None:
    counts = Counts(monkeypatch)
    app = GridApp(cursor_type)
    async with app.run_test(size=(40, 20)) as pilot:
        app.grid.show(COLUMNS, numbered(100))
        await pilot.press("j", "j")
        await pilot.pause()
        counts.forget()
        await pilot.press("j")
        await pilot.pause()
        assert counts.drawn == [3]  # the other one was drawn before, without the cursor
        assert counts.lines == 2
        counts.forget()
        await pilot.press("space", "right")
        app.grid.toggle_mark()
        await pilot.pause()
        assert set(counts.drawn) <= {3, 4}
        assert app.lines[4].startswith("●")
        assert counts.layouts == 0


async def test_a_page_below_the_view_draws_no_row_and_lays_nothing_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts = Counts(monkeypatch)
    app = GridApp()
    async with app.run_test(size=(40, 20)) as pilot:
        app.grid.show(COLUMNS, numbered(500, 1000), more=True)
        await pilot.pause()
        counts.forget()
        for page in range(3):
            app.grid.append(numbered(500, 1500 + 500 * page), more=True)
            await pilot.pause()
        assert counts.drawn == []
        assert counts.lines == 0
        assert counts.layouts == 0
        await pilot.press("G")
        app.grid.move_cursor(1999)
        await pilot.pause()
        assert any("row 2999" in line for line in app.lines)


async def test_rows_that_come_into_view_are_drawn_as_they_are_appended() -> None:
    app = GridApp()
    async with app.run_test(size=(40, 20)) as pilot:
        app.grid.show(COLUMNS, numbered(3), more=True)
        await pilot.pause()
        app.grid.append([("a much wider name", "3")], more=False)
        await pilot.pause()
        assert "a much wider name" in screen_text(app)
        app.grid.append(numbered(2, 4), more=False)
        await pilot.pause()
        assert "row 5" in screen_text(app)
        app.grid.update_row(1, ("other", "1"))
        await pilot.pause()
        assert "other" in screen_text(app)


def test_widths_of_plain_text_are_those_that_are_drawn() -> None:
    values = [*HOSTILE_TEXT, "plain", "NULL", " NULL ", "''", "?", "·", "'a", "N", "x" * 60, "漢字"]
    for value in values:
        widths = ColumnWidths([Column("", max_width=48)])
        widths.measure([(value,)])
        pieces = cell_pieces(value, 96)
        assert widths._content == [max(min(cell_len("".join(t for t, _ in pieces)), 48), 1)]


async def test_a_resize_keeps_the_cursor_in_view_but_moves_nobody_who_scrolled_away() -> None:
    app = GridApp()
    async with app.run_test(size=(40, 12)) as pilot:
        app.grid.show(COLUMNS, numbered(200))
        app.grid.move_cursor(10)
        await pilot.resize_terminal(40, 8)
        await pilot.pause()
        assert "row 10" in "\n".join(app.lines)
        app.grid.scroll_to(y=100, animate=False)
        await pilot.pause()
        await pilot.resize_terminal(40, 6)
        await pilot.pause()
        assert app.grid.scroll_offset.y == 100


async def test_a_bar_beside_the_rows_leaves_no_bar_below_them_where_a_column_gives_way() -> None:
    app = GridApp()
    columns = (Column("Name", grow=True, min_width=16), Column("Size"))
    async with app.run_test(size=(60, 12)) as pilot:
        for count in (200, 3):
            app.grid.show(columns, numbered(count))
            await pilot.pause()
            assert app.grid.show_vertical_scrollbar is (count == 200)
            assert not app.grid.show_horizontal_scrollbar
        app.grid.append(numbered(200), more=False)
        await pilot.pause()
        assert app.grid.show_vertical_scrollbar
        assert not app.grid.show_horizontal_scrollbar
