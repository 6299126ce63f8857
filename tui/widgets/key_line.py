"""The keys that work now, in one line, as many as there is room for."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Footer
from textual.widgets._footer import FooterKey  # public nowhere else

BEFORE_ALL = ("help",)
"""Actions whose keys stay, whatever else has to go."""

AROUND_KEY = 2
"""Columns of a key besides its name and its word."""


class KeyLine(Footer):
    """Keys in the order of their hosts: the focused one first, the application last.

    Nothing is ever cut: a key for which there is no room is left out, and F1 has them all.
    """

    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)
        self._fitted_to = 0
        """The width for which the keys were chosen."""

    def compose(self) -> ComposeResult:
        self._fitted_to = self.size.width
        yield from fitting(list(super().compose()), self._fitted_to)

    async def on_resize(self, event: events.Resize) -> None:
        if event.size.width != self._fitted_to:
            await self.recompose()


def fitting(keys: Iterable[Widget], width: int) -> list[Widget]:
    """The keys that fit into `width` columns; all of them while the width is not known (0)."""
    found = list(keys)
    if not width:
        return found
    # After the last one no space is needed.
    left = width + 1 - sum(_width(key) for key in found if _stays(key))
    kept = []
    for key in found:
        if _stays(key):
            kept.append(key)
        elif _width(key) <= left:
            left -= _width(key)
            kept.append(key)
    return kept


def _stays(key: Widget) -> bool:
    return isinstance(key, FooterKey) and key.action.rpartition(".")[2] in BEFORE_ALL


def _width(key: Widget) -> int:
    if not isinstance(key, FooterKey):
        return 0
    return cell_len(key.key_display) + cell_len(key.description) + AROUND_KEY
