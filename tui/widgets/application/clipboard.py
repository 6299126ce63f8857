"""Copying to the clipboard: the terminal's own escape, and the system's where that is deaf."""

from __future__ import annotations

import asyncio
import re

from textual.app import App

from tui.widgets.text.safe_text import visible

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters except tab and line feed, which every longer text has."""

SHOWN = 60
"""Characters of the copied text that the toast repeats."""


async def copy_text(app: App[object], text: str) -> None:
    """Copy `text`, exactly and whole, and say so. Never fails: OSC 52 has no answer to wait for."""
    try:
        app.copy_to_clipboard(text)
    except UnicodeEncodeError:
        # The name of a local file may hold bytes of another encoding.
        app.notify("This is not text in UTF-8; it was not copied.", severity="error", markup=False)
        return
    await asyncio.to_thread(_system_copy, text)
    shown = visible(text[: SHOWN + 1])
    if len(text) > SHOWN:
        shown = shown[:SHOWN] + "…"
    said = f"Copied {len(text):,} characters: {shown}"
    if _CONTROL.search(text):
        said += "\nIt holds control characters: a terminal that it is pasted into obeys them."
    app.notify(said, markup=False, timeout=4)


async def copy_secret(app: App[object], text: str, what: str) -> None:
    """Copy `text` and say that `what` was copied, without showing any of it."""
    app.copy_to_clipboard(text)
    await asyncio.to_thread(_system_copy, text)
    app.notify(f"Copied {what}. Other programs can read the clipboard.", markup=False, timeout=4)


def _system_copy(text: str) -> None:
    import pyperclip

    try:
        pyperclip.copy(text)
    except (pyperclip.PyperclipException, OSError, UnicodeEncodeError):
        # No clipboard program here (a server, a container): the escape above is all there is.
        return
