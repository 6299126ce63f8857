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
            super().update(content, layout=layout and not self._has_room_for(content))

    def _has_room_for(self, new: VisualType) -> bool:
        """Whether it stays one line of the same width, as a count does that grows."""
        width = self.styles.width
        if width is not None and width.is_auto:
            return False
        room = self.content_size.width
        return all(
            isinstance(each, Content) and 0 < each.cell_length <= room and "\n" not in each.plain
            for each in (self.content, new)
        )


def _is_same(old: VisualType, new: VisualType) -> bool:
    if isinstance(old, Content) and isinstance(new, Content):
        return old.is_same(new)
    return isinstance(old, str) and isinstance(new, str) and old == new
