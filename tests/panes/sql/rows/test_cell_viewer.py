"""The value of a cell in its forms, by keys."""

from __future__ import annotations

import io

from PIL import Image

from tests.panes.sql.conftest import OpenPane
from tui.widgets.drawing import Drawing
from tui.widgets.json_view import JsonView


def picture() -> str:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), (200, 30, 30)).save(out, "PNG")
    return out.getvalue().hex()


async def test_a_value_is_shown_in_the_form_that_says_most(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.run(
            """select '{"n": 12345678901234567890.5, "list": ["[red]", null]}'::jsonb as j, """
            f"""'<a><b>1</b></a>'::text as x, '\\x{picture()}'::bytea as p, """
            """'\\x00ff41'::bytea as h"""
        )
        await driver.press("escape", "enter")
        await driver.sees("n: 12345678901234567890.5", "list: [2]", "tree", "As stored")
        await driver.press("down", "down", "enter")
        await driver.sees('0: "[red]"')
        assert driver.app.screen.query(JsonView)
        # `y` gives what is stored, in every form.
        await driver.press("y")
        assert driver.app.clipboard == '{"n": 12345678901234567890.5, "list": ["[red]", null]}'
        await driver.press("t")
        await driver.sees('{"n": 12345678901234567890.5, "list": ["[red]", null]}')
        await driver.press("escape", "right", "enter")
        await driver.sees("<a><b>1</b></a>", "Laid out")
        await driver.press("t")
        await driver.sees("  <b>1</b>", "not those that are stored")
        await driver.press("escape", "right", "enter")
        await driver.sees("PNG · 40 × 20 pixels", "picture")
        assert driver.app.screen.query(Drawing)
        await driver.press("t")
        await driver.sees("00000000  89 50 4e 47", "|.PNG....")
        await driver.press("escape", "right", "enter")
        await driver.sees("00000000  00 ff 41", "|..A|", "3 bytes")


async def test_a_damaged_picture_is_shown_as_hex(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.run("select '\\x89504e470d0a1a0a0000'::bytea as p")
        await driver.press("escape", "enter")
        await driver.sees("damaged or cut short", "00000000  89 50 4e 47")
