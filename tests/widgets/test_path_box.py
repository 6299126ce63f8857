"""The location line lays the screen out anew only when that moves something."""

from __future__ import annotations

from textual.app import App, ComposeResult

from tui.widgets.path_box import PathBox


class BoxApp(App[None]):
    def compose(self) -> ComposeResult:
        yield PathBox()


async def test_a_count_that_grows_moves_the_location_once() -> None:
    async with BoxApp().run_test(size=(80, 3)) as pilot:
        box = pilot.app.query_one(PathBox)
        widths, ends = [], set()
        for count in ("9,000", "10,000", "100,000", "990,000"):
            box.show("s3://bucket/", f"{count} items… Esc stops")
            await pilot.pause()
            widths.append(box.query_one("#state").size.width)
            shown = "".join(each.text for each in pilot.app.screen._compositor.render_strips()[0])
            assert f"{count} items… Esc stops" in shown
            ends.add(len(shown.rstrip()))
        assert widths[1:] == [widths[1]] * 3
        # It stands where it stood: at the right edge.
        assert len(ends) == 1
        box.show("s3://bucket/", "990,000 items")
        await pilot.pause()
        assert box.query_one("#state").size.width == len("990,000 items")


async def test_a_state_that_is_cut_keeps_its_beginning() -> None:
    async with BoxApp().run_test(size=(40, 3)) as pilot:
        box = pilot.app.query_one(PathBox)
        for length in (22, 23, 30):
            box.show("s3://bucket/", "abc" + "x" * (length - 3))
            await pilot.pause()
            shown = "".join(each.text for each in pilot.app.screen._compositor.render_strips()[0])
            assert "abcxxxxxxxxx" in shown


async def test_a_state_has_the_room_that_a_short_location_leaves() -> None:
    async with BoxApp().run_test(size=(80, 3)) as pilot:
        box = pilot.app.query_one(PathBox)
        state = "6,000+ items, by name (of what is loaded: G loads all)"
        for location, whole in (("s3://audit/many/", True), (f"s3://{'long' * 8}/", False)):
            box.show(location, state)
            await pilot.pause()
            shown = "".join(each.text for each in pilot.app.screen._compositor.render_strips()[0])
            assert (f"{state} " in shown) is whole
            assert location[:20] in shown
