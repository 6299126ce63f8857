"""The editor of a document: sent once, and left only knowingly."""

from __future__ import annotations

import asyncio

from textual.widgets import TextArea

from tests.driver import screen_text
from tests.widgets.dialog_app import DialogApp
from tui.widgets.dialogs.json_editor import JsonEditor


async def test_a_text_is_sent_once_and_is_not_left_unsaid() -> None:
    app, goes_on = DialogApp(), asyncio.Event()
    sent: list[str] = []

    async def submit(text: str) -> bool:
        sent.append(text)
        await goes_on.wait()
        return True

    editor = JsonEditor("Policy", "{}", check=lambda _: (), submit=submit)
    async with app.run_test() as pilot:
        await app.show(pilot, editor)
        assert editor.busy() == []
        editor.query_one(TextArea).text = "[]"
        assert editor.busy() == ["What you typed into “Policy” was not sent."]
        await pilot.press("ctrl+s", "ctrl+s")
        await pilot.pause()
        assert sent == ["[]"]
        assert editor.busy() == ["“Policy” was sent, and the answer is not there yet."]
        await pilot.press("escape")
        assert "the answer is not there yet" in screen_text(app)
        assert app.answers == []
        await pilot.press("escape")
        await pilot.pause()
        assert app.answers == [None]
        assert editor.outstanding is not None
        goes_on.set()
        assert await editor.outstanding
