"""What is stored now beside the text that was to replace it: what differs, and who changed it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static, TextArea

from tui.panes.dynamodb.cells import cell_of
from tui.services.dynamodb import AttributeValue, Item, to_json
from tui.services.dynamodb.merging import ChangedBy, Difference
from tui.widgets.cells import Absent, plain_text
from tui.widgets.safe_text import content, visible

SHOWN_CHARACTERS = 60
"""Of a value in the list of differences; the text below has the whole value."""

SHOWN_DIFFERENCES = 100
"""Attributes that the list names; of the others it says how many."""


class StoredArea(TextArea):
    """The stored item as text. Lines of attributes that differ are bold and underlined."""

    marked: Collection[int] = ()
    """Numbers of these lines, from 0."""

    def get_line(self, line_index: int) -> Text:
        line = super().get_line(line_index)
        if line_index in self.marked:
            line.stylize(Style(bold=True, underline=True))
        return line


class ConflictSide(Vertical):
    """The right half of the editor while what is stored is not what the edit began with."""

    DEFAULT_CSS = """
    ConflictSide {
        display: none;
        width: 1fr;
        border-left: solid $warning;
        padding: 0 0 0 1;
        & #stored-label { height: 1; color: $text-warning; text-style: bold; }
        & #differences { height: auto; max-height: 45%; }
        & #stored { height: 1fr; border: none; padding: 0; }
    }
    """

    def compose(self) -> ComposeResult:
        yield Static("", id="stored-label", markup=False)
        with VerticalScroll(id="differences"):
            yield Static("", id="difference-list", markup=False)
        yield StoredArea("", language="json", read_only=True, tab_behavior="focus", id="stored")

    def show_deleted(self) -> None:
        """There is no item with this key any more."""
        self._show("Deleted meanwhile", "", "", ())

    def show_other(self, other: Item) -> None:
        """Another item has the key that the text gives."""
        self._show("The item that has this key", "", to_json(other), ())

    def show_changed(self, stored: Item, found: Sequence[Difference], *, new: bool) -> None:
        """The item was changed meanwhile; or, for a `new` one, its key is taken."""
        differ = "attribute differs" if len(found) == 1 else "attributes differ"
        text, lines = marked_text(stored, {each.name for each in found})
        label = f"Stored now: {len(found):,} {differ} from your text"
        self._show(label, describe(found, new=new), text, lines)

    def _show(self, label: str, listed: str, text: str, lines: Collection[int]) -> None:
        self.display = True
        self.query_one("#stored-label", Static).update(content(label))
        self.query_one("#difference-list", Static).update(content(listed, multiline=True))
        area = self.query_one(StoredArea)
        area.marked = lines
        area.text = text


def marked_text(item: Item, names: Collection[str]) -> tuple[str, frozenset[int]]:
    """The item as JSON, and the numbers of the lines on which these attributes stand."""
    lines: set[int] = set()
    number = 1
    for name, value in item.items():
        # An item of one attribute is that attribute between a line with `{` and one with `}`.
        height = len(to_json({name: value}).splitlines()) - 2
        if name in names:
            lines.update(range(number, number + height))
        number += height
    return to_json(item), frozenset(lines)


def describe(found: Sequence[Difference], *, new: bool) -> str:
    """A line for each attribute that differs: who changed it, and both values."""
    return _lines(found, _replacement if new else _who_changed)


def lost_by_saving(found: Sequence[Difference]) -> str:
    """A line for each attribute of which saving undoes what somebody else stored; empty if there
    is none."""
    return _lines([each for each in found if each.by is not ChangedBy.YOU], _replacement)


def overwritten_by_yours(found: Sequence[Difference]) -> str:
    """A line for each attribute that you and somebody else changed; empty if there is none."""
    return _lines([each for each in found if each.by is ChangedBy.BOTH], _replacement)


def value_text(value: AttributeValue | None) -> str:
    """A value in a few words; a missing attribute is "missing"."""
    cell = cell_of(value)
    if cell is Absent.MISSING:
        return "missing"
    text = plain_text(cell) or '""'
    return visible(text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…")


def _lines(found: Sequence[Difference], line: Callable[[Difference], str]) -> str:
    lines = [f"{visible(each.name)}: {line(each)}" for each in found[:SHOWN_DIFFERENCES]]
    if len(found) > SHOWN_DIFFERENCES:
        lines.append(f"and {len(found) - SHOWN_DIFFERENCES:,} more attributes")
    return "\n".join(lines)


def _replacement(each: Difference) -> str:
    return f"{value_text(each.stored)} → {value_text(each.yours)}"


def _who_changed(each: Difference) -> str:
    yours, stored = value_text(each.yours), value_text(each.stored)
    if each.by is ChangedBy.OTHERS:
        return f"changed by somebody else, {yours} → {stored}"
    return f"changed by {each.by.value}; stored {stored}, yours {yours}"
