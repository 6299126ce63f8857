"""Text that is selected with the mouse in a long value."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.selection import Selection

from tui.widgets.text.value_view import ValueView

VALUE = "first line\nsecond [red]\x1b line that is wrapped because it is long\nthird"


class OneValue(App[None]):
    def compose(self) -> ComposeResult:
        yield ValueView(VALUE)


async def test_a_drag_selects_what_is_drawn_and_marks_it() -> None:
    app = OneValue()
    async with app.run_test(size=(30, 8)) as pilot:
        view = app.query_one(ValueView)
        while view.rows is None or view.virtual_size.height < 4:
            await pilot.pause()
        await pilot.mouse_down(ValueView, offset=(6, 0))
        await pilot.hover(ValueView, offset=(6, 3))
        await pilot.mouse_up(ValueView, offset=(6, 3))
        selected = app.screen.get_selected_text()
        assert selected is not None
        assert selected.startswith("line\nsecond [red]␛ line that")
        assert "\n" not in selected[len("line\nsecond") : selected.rindex("\n")]


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [
        ((6, 0), (3, 1), "line\nsec"),
        ((0, 0), (5, 0), "first"),
        (None, (5, 0), "first"),
        ((2, 3), None, "ird"),
    ],
)
async def test_a_selection_is_cut_at_both_ends(
    start: tuple[int, int] | None, end: tuple[int, int] | None, wanted: str
) -> None:
    app = OneValue()
    async with app.run_test(size=(30, 8)) as pilot:
        view = app.query_one(ValueView)
        while view.rows is None or len(view.rows) < 4:
            await pilot.pause()
        last = len(view.rows) - 1
        place = None if start is None else Offset(start[0], last if start[1] == 3 else start[1])
        found = view.get_selection(Selection(place, None if end is None else Offset(*end)))
        assert found is not None
        assert found[0] == wanted
