"""What is copied is copied exactly, and what is dangerous to paste is said."""

from __future__ import annotations

import pytest
from textual.app import App

from tui.widgets.application.clipboard import copy_text


@pytest.mark.parametrize(
    ("text", "dangerous"),
    [("a\x15touch X\r", True), ("\x9b", True), ("two\n\tlines é", False), ("a\u202eb", False)],
)
async def test_control_characters_in_a_copied_text_are_said(text: str, dangerous: bool) -> None:
    app = App[object]()
    async with app.run_test(notifications=True) as pilot:
        await copy_text(app, text)
        await pilot.pause()
        (toast,) = app._notifications
        assert app.clipboard == text
        assert ("control characters" in toast.message) is dangerous
