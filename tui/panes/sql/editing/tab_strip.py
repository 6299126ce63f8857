"""The line above the editor that names its tabs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui.panes.sql.editing.tabs import Tab
from tui.widgets.text.safe_text import content, visible

WIDEST = 30
"""Terminal cells of a title."""


@dataclass(frozen=True)
class TabLabel:
    """One tab as it is drawn."""

    text: str
    is_active: bool


def labels_of(tabs: Sequence[Tab], active: int) -> tuple[TabLabel, ...]:
    """What the line says: number, title, and `*` where the file holds another text. The one that
    is shown stands in brackets, for those who see no colours."""
    labels = []
    for at, tab in enumerate(tabs):
        name = f"{at + 1} {_cut(visible(tab.title))}{'*' if tab.is_changed else ''}"
        labels.append(TabLabel(f"[{name}]" if at == active else f" {name} ", at == active))
    return tuple(labels)


def _cut(title: str) -> str:
    if cell_len(title) <= WIDEST:
        return title
    while cell_len(title) >= WIDEST:
        title = title[:-1]
    return f"{title}…"


def first_shown(labels: Sequence[TabLabel], width: int) -> int:
    """The tab from which on they are drawn, so that the active one is in view."""
    active = next((at for at, each in enumerate(labels) if each.is_active), 0)
    first = 0
    # Two cells say that there are more on either side.
    while first < active and _width(labels[first : active + 1]) > width - 2:
        first += 1
    return first


def _width(labels: Sequence[TabLabel]) -> int:
    return sum(cell_len(each.text) for each in labels)


class TabStrip(Widget):
    """Hidden while there is one tab without a file: then it would say nothing."""

    DEFAULT_CSS = """
    TabStrip { display: none; height: 1; background: $panel; color: $text-muted;
        & > .tab-strip--active { color: $text; text-style: bold; background: $surface; }
    }
    """
    COMPONENT_CLASSES = {"tab-strip--active"}
    can_focus = False

    class Clicked(Message):
        """A tab was clicked."""

        def __init__(self, at: int) -> None:
            self.at = at
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self.labels: tuple[TabLabel, ...] = ()

    def show(self, tabs: Sequence[Tab], active: int) -> None:
        """Name these tabs; nothing is drawn if it is the same line."""
        labels = labels_of(tabs, active)
        # One tab may have the same label with a file as it had without.
        self.display = len(tabs) > 1 or tabs[0].file is not None
        if labels != self.labels:
            self.labels = labels
            self.refresh()

    def render(self) -> Content:
        first, width = first_shown(self.labels, self.size.width), self.size.width
        line, used = content("‹" if first else ""), 1 if first else 0
        for each in self.labels[first:]:
            room = width - used - (0 if each is self.labels[-1] else 1)
            if cell_len(each.text) > room and not each.is_active:
                line += content("›")
                break
            drawn = content(each.text)
            if each.is_active:
                drawn = drawn.stylize(self.get_visual_style("tab-strip--active"))
            line += drawn
            used += cell_len(each.text)
        return line

    def on_click(self, event: events.Click) -> None:
        event.stop()
        first = first_shown(self.labels, self.size.width)
        right = 1 if first else 0
        for at, each in enumerate(self.labels[first:], first):
            right += cell_len(each.text)
            if event.x < right:
                self.post_message(self.Clicked(at))
                return
