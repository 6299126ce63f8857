"""A text that costs nothing while it stays the same."""

from __future__ import annotations

from textual.content import Content
from textual.visual import VisualType
from textual.widgets import Static


class SteadyText(Static):
    """A `Static` that is laid out anew only for another content.

    Views draw themselves whenever their model changed, and most of their texts have not; Textual
    would lay out the whole screen for each of them.
    """

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        if not _is_same(self.content, content):
            super().update(content, layout=layout)


def _is_same(old: VisualType, new: VisualType) -> bool:
    if isinstance(old, Content) and isinstance(new, Content):
        return old.is_same(new)
    return isinstance(old, str) and isinstance(new, str) and old == new
