"""Long texts are edited without delay, and are drawn as Textual's own text area draws them."""

from __future__ import annotations

import asyncio
import random

import pytest
from textual.app import App, ComposeResult
from textual.document._document import Document
from textual.document._wrapped_document import WrappedDocument
from textual.geometry import Offset
from textual.widgets import TextArea

from tests.driver import screen_text
from tests.watchdog import watchdog
from tui.widgets.text import long_text
from tui.widgets.text.kept_document import KeptDocument
from tui.widgets.text.long_text import KeptWrapping, LongTextArea

SQL_LINES = "".join(f"select {n}, 'some text' from t where a = {n};\n" for n in range(25_000))
IN_LIST = "select * from t where id in (" + ",".join(map(str, range(100_000))) + ")"
ITEM = "{\n" + ",\n".join(f'  "a{n}": {{"S": "some text {n}"}}' for n in range(10_000)) + "\n}"
ITEM_OF_ONE_LINE = '{"a": {"S": "' + "some text " * 38_000 + '"}}'


class AreaApp(App[None]):
    def __init__(self, area: TextArea) -> None:
        super().__init__()
        self.area = area

    def compose(self) -> ComposeResult:
        yield self.area

    def on_mount(self) -> None:
        self.area.focus()


@pytest.mark.parametrize(
    ("text", "language", "wrap"),
    [
        (SQL_LINES, "sql", False),
        (IN_LIST, "sql", False),
        (ITEM, "json", True),
        (ITEM_OF_ONE_LINE, "json", True),
    ],
    ids=["lines", "one line", "item", "item of one line"],
)
async def test_no_key_in_a_long_text_holds_up_the_loop(
    text: str, language: str, wrap: bool
) -> None:
    app = AreaApp(LongTextArea(text, language=language, soft_wrap=wrap, show_line_numbers=True))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        with watchdog():
            await pilot.press("x", "enter", "down", "end", "y", "left", "(", "left", "up", "ctrl+z")
            await pilot.press("ctrl+a", "pagedown", "z", "backspace")
            await pilot.pause()
        app.area.move_cursor(app.area.document.end)
        with watchdog():
            await pilot.press("x", "enter", "up", "home", ")")
            await pilot.pause()
        assert len(app.area.text) > len(text)


async def test_what_is_pasted_into_an_empty_area_is_edited_without_delay() -> None:
    app = AreaApp(LongTextArea("", language="sql", soft_wrap=False))
    async with app.run_test(size=(100, 30)) as pilot:
        app.area.insert(SQL_LINES)
        await pilot.pause()
        with watchdog():
            await pilot.press("x", "enter", "y")
            await pilot.pause()
        assert app.area.text.endswith("x\ny")


@pytest.mark.parametrize("wrap", [False, True])
async def test_the_lines_look_as_in_the_area_of_textual(wrap: bool) -> None:
    text = (
        "select 'a', 42 -- é\n" * 80 + "/* one\n" + "comment\n" * 90 + "*/ select\t'漢字' from " * 9
    )
    drawn = []
    for cls in (TextArea, LongTextArea):
        app = AreaApp(cls(text, language="sql", soft_wrap=wrap, show_line_numbers=True))
        app.area.cursor_blink = False
        async with app.run_test(size=(60, 20)) as pilot:
            seen = []
            for row in (0, 60, 120, 160, 30, 171):
                app.area.move_cursor((row, 3))
                await pilot.press("z", "left")
                await pilot.pause()
                seen.append([app.area.render_line(y) for y in range(20)])
            drawn.append((seen, screen_text(app), app.area.virtual_size, app.area.text))
    assert drawn[0] == drawn[1]


async def test_colours_are_asked_for_where_lines_are_drawn_only() -> None:
    app = AreaApp(LongTextArea(ITEM, language="json", soft_wrap=True))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("x", "pagedown", "pagedown")
        screen_text(app)
        lines = [row for row, found in app.area._highlights.items() if found]
        assert 0 < len(lines) <= 20 + 2 * long_text.MARGIN + 1


async def test_a_text_that_becomes_too_long_goes_on_without_colours_and_wrapping(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(long_text, "HIGHLIGHTED", 100)
    monkeypatch.setattr(long_text, "LONG_LINE", 50)
    app = AreaApp(LongTextArea('{"a": 1}', language="json", soft_wrap=True))
    async with app.run_test(size=(60, 20)) as pilot:
        app.area.insert('{"b": 2}\n' * 11)
        await pilot.press("x")
        wrapped_before = app.area.soft_wrap
        screen_text(app)
        assert not app.area._highlights
        app.area.insert("y" * 44)
        await pilot.press("x")
        assert (wrapped_before, app.area.soft_wrap) == (True, False)
        for _ in range(6):
            app.area.undo()
        assert app.area.text == '{"a": 1}'
        app.area.text = '{"c": 3}'
        await pilot.pause()
        screen_text(app)
        assert app.area._highlights


@pytest.mark.parametrize("seed", range(20))
def test_a_document_that_keeps_what_it_knows_says_the_same_as_one_that_does_not(seed: int) -> None:
    chance = random.Random(seed)
    width = chance.choice([0, 0, 7])
    newline = chance.choice(["\n", "\r\n"])
    pieces = ["a", "\t", "漢", newline, "some words", f"1{newline}2{newline}", ""]
    text = "".join(chance.choices(pieces, k=30))
    plain, kept = Document(text), KeptDocument(text)
    wrapped, kept_wrapped = WrappedDocument(plain, width), KeptWrapping(kept, width)
    for _ in range(60):
        places = [
            plain.get_location_from_index(chance.randint(0, len(plain.text))) for _ in range(2)
        ]
        start, end = sorted((row, min(at, len(plain.get_line(row)))) for row, at in places)
        added = "".join(chance.choices(pieces, k=chance.randint(0, 3)))
        result = plain.replace_range(start, end, added)
        assert kept.replace_range(start, end, added) == result
        wrapped.wrap_range(start, end, result.end_location)
        kept_wrapped.wrap_range(start, end, result.end_location)
        assert kept.lines == plain.lines
        assert kept.text == plain.text
        assert kept.get_size(4) == plain.get_size(4)
        assert kept_wrapped.height == wrapped.height
        assert kept_wrapped._offset_to_line_info == wrapped._offset_to_line_info
        assert kept_wrapped._line_index_to_offsets == wrapped._line_index_to_offsets
        for index in range(0, len(plain.text) + 1, 5):
            place = plain.get_location_from_index(index)
            assert kept.get_location_from_index(index) == place
            assert kept.get_index_from_location(place) == index
        for row in range(plain.line_count):
            for column in (0, 1, len(plain.get_line(row))):
                if column > len(plain.get_line(row)):
                    continue
                offset = wrapped.location_to_offset((row, column))
                assert kept_wrapped.location_to_offset((row, column)) == offset
                assert kept_wrapped.offset_to_location(offset) == wrapped.offset_to_location(offset)
        assert kept_wrapped.offset_to_location(Offset(99, 99)) == wrapped.offset_to_location(
            Offset(99, 99)
        )
    with pytest.raises(ValueError, match="no character"):
        kept.get_location_from_index(len(kept.text) + 9)


async def test_escapes_are_seen_and_kept_and_never_sent_to_the_terminal() -> None:
    text = "a\x1b[31mred\x07\tx\n\x9b2J"
    app = AreaApp(LongTextArea(text))
    async with app.run_test(size=(40, 6)) as pilot:
        assert "a␛[31mred␇" in screen_text(app)
        assert not {"\x1b", "\x07", "\x9b"} & set(screen_text(app))
        app.area.move_cursor((0, 10))
        await pilot.press("X")
        assert app.area.text == text.replace("\x07", "\x07X")


@pytest.mark.parametrize("key", ["ctrl+x", "ctrl+shift+k"])
@pytest.mark.parametrize(("text", "left"), [("a\nb", "a\n"), ("a", ""), ("", "")])
async def test_the_last_line_is_cut_and_comes_back(key: str, text: str, left: str) -> None:
    app = AreaApp(LongTextArea(text, language="sql"))
    async with app.run_test(size=(40, 10)) as pilot:
        app.area.move_cursor(app.area.document.end)
        await pilot.press(key)
        assert app.area.text == left
        await pilot.press("ctrl+z")
        assert app.area.text == text


async def test_all_lines_are_exchanged_in_one_step_that_holds_nothing_up() -> None:
    area = LongTextArea(SQL_LINES * 4, soft_wrap=False, show_line_numbers=True)
    app = AreaApp(area)
    new = SQL_LINES.replace("some", "sóme\tother") + "end"
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("x")
        before = area.text
        area.move_cursor((90_000, 5))
        with watchdog():
            assert await area.replace_lines(new)
            await pilot.pause()
        assert area.text == new
        assert area.cursor_location == (25_000, 3)
        await pilot.press("y")
        assert area.text == f"{new}y"
        with watchdog():
            await pilot.press("ctrl+z", "ctrl+z")
        assert area.text == before
        assert area.cursor_location == (90_000, 5)
        with watchdog():
            await pilot.press("ctrl+y", "ctrl+y")
        assert area.text == f"{new}y"
        # What is known of the lines is that of a document that was made of the text.
        assert area.document.get_size(4) == KeptDocument(area.text).get_size(4)
        await pilot.press("ctrl+z", "ctrl+z", "ctrl+z")
        assert area.text == SQL_LINES * 4


async def test_lines_are_not_exchanged_in_a_text_that_was_changed_meanwhile() -> None:
    area = LongTextArea("a\nb", soft_wrap=False)
    async with AreaApp(area).run_test():
        exchanging = asyncio.ensure_future(area.replace_lines("c"))
        await asyncio.sleep(0)
        area.insert("x")
        assert not await exchanging
        assert area.text == "xa\nb"
