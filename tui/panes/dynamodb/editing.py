"""An item being edited, without a screen: what is sent, on which condition, and what is said when
something else is stored than the edit began with."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

from tui.panes.dynamodb.cells import cell_of
from tui.services.dynamodb import (
    AttributeValue,
    Draft,
    DraftProblem,
    Item,
    ItemConflict,
    KeyType,
    TableInfo,
    to_json,
)
from tui.services.dynamodb.merging import AttributeDifference, ChangedBy, differences, only_yours
from tui.services.dynamodb.values import BinaryValue, NumberValue, StringValue
from tui.services.errors import ErrorKind
from tui.widgets.grid.cells import Absent, plain_text
from tui.widgets.text.safe_text import visible

SHOWN_CHARACTERS = 60
"""Of a value in the list of differences; the text beside it has the whole value."""

SHOWN_DIFFERENCES = 100
"""Attributes that the list names; of the others it says how many."""

SHOWN_PROBLEMS = 3
"""Mistakes of a text that are told at once."""

_BLANK = re.compile(r'(?:\{\s*"[NSB]"\s*:\s*)?""')
"""A value that is to be filled in."""

Save = Callable[[Item, Item | None], Awaitable[None]]
"""Stores an item in place of another; None says that its key must be free."""


@dataclass(frozen=True)
class Attempt:
    """What is to be sent."""

    item: Item
    expected: Item | None
    """What must be stored for it; None if the key must be free."""
    title: str = ""
    """The question to ask first; empty if nothing that somebody else stored is lost."""
    lost: str = ""
    """A line for each attribute that is lost."""
    yes: str = ""


@dataclass(frozen=True)
class Conflict:
    """Something else is stored than the edit began with."""

    label: str
    differences: str
    """A line for each attribute that differs."""
    text: str
    """What is stored, as JSON; empty if nothing is."""
    lines: Collection[int]
    """The numbers of the lines of `text` that differ, from 0."""
    save_over: str
    """The word for storing the whole text all the same; empty where that is not offered."""
    can_keep_theirs: bool
    """Whether only one's own changes can be stored, on top of what somebody else changed."""


class ItemEdit:
    """A change of one item, or a new one. The condition of each attempt is that what is stored is
    as it was shown."""

    def __init__(self, table: TableInfo, save: Save, original: Item | None = None) -> None:
        self.table = table
        self.original = original
        """What the edit began with; None for a new item, whose key must be free."""
        self.stored: Item | None = None
        """What was found to be stored instead."""
        self.conflict: Conflict | None = None
        self._save = save

    def whole(self, item: Item) -> Attempt:
        """Store the item, if what is stored is what the edit began with."""
        return Attempt(item, self.original)

    def over(self, item: Item) -> Attempt:
        """Store the item in place of what is stored, as it was shown."""
        if self.stored is None:
            return Attempt(item, None)
        lost = lost_by_saving(differences(self.original, item, self.stored))
        title = "Save over what somebody else stored?" if lost else ""
        return Attempt(item, self.stored, title, lost, "Save over it")

    def only_changes(self, item: Item) -> Attempt:
        """Store only what was changed here, on top of what is stored, as it was shown. Only where
        the conflict offers it."""
        assert self.original is not None, "a new item has no changes"
        assert self.stored is not None, "nothing is stored to be changed"
        lost = overwritten_by_yours(differences(self.original, item, self.stored))
        title = "Replace what both of you changed?" if lost else ""
        merged = only_yours(self.original, item, self.stored)
        return Attempt(merged, self.stored, title, lost, "Replace")

    async def send(self, attempt: Attempt) -> Item:
        """Send it; gives the item that is stored. Raises ItemConflict, and `conflict` says what of,
        or another ServiceError."""
        try:
            await self._save(attempt.item, attempt.expected)
        except ItemConflict as conflict:
            self.stored = conflict.current
            self.conflict = self._conflict(conflict, attempt.item)
            raise
        return attempt.item

    def _conflict(self, conflict: ItemConflict, item: Item) -> Conflict:
        stored, is_new = conflict.current, self.original is None
        if stored is None:
            return Conflict("Deleted meanwhile", "", "", (), "Store it again", False)
        if conflict.kind is ErrorKind.EXISTS and not is_new:
            # A move must not replace the item that has the new key: only another key helps.
            label = "The item that has this key"
            return Conflict(label, "", to_json(stored), (), "", False)
        found = differences(self.original, item, stored)
        differ = "attribute differs" if len(found) == 1 else "attributes differ"
        label = f"Stored now: {len(found):,} {differ} from your text"
        text, lines = marked_text(stored, {each.name for each in found})
        return Conflict(label, describe(found, new=is_new), text, lines, "Save over it", not is_new)


# -- texts -----------------------------------------------------------------------------------


def template(table: TableInfo) -> tuple[str, tuple[int, int]]:
    """A new item with its key attributes to be filled in, and where the cursor goes."""
    blank = Item({key.name: _EMPTY[key.type] for key in table.key})
    text = to_json(blank)
    return text, (1, text.splitlines()[1].rindex('""') + 1)


_EMPTY: dict[KeyType, AttributeValue] = {
    KeyType.STRING: StringValue(""),
    KeyType.NUMBER: NumberValue(""),
    KeyType.BINARY: BinaryValue(b""),
}


def draft_text(draft: Draft) -> str:
    """What a typed text is, or what is wrong with it and where."""
    if not draft.problems and draft.notation is not None and draft.size is not None:
        return f"✓ {draft.notation.value} · {draft.size:,} bytes of 409,600"
    lines = [str(problem) for problem in draft.problems[:SHOWN_PROBLEMS]]
    more = len(draft.problems) - len(lines)
    return "\n".join([*lines, f"and {more} more"] if more else lines)


def place_of(problem: DraftProblem, line: str) -> tuple[int, int]:
    """The line and the column, from 0, where the cursor goes for a mistake in this line: within
    the quotes, if a value is to be filled in."""
    column = problem.column - 1
    blank = _BLANK.match(line, column)
    return problem.line - 1, column if blank is None else blank.end() - 1


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


def describe(found: Sequence[AttributeDifference], *, new: bool) -> str:
    """A line for each attribute that differs: who changed it, and both values."""
    return _lines(found, _replacement if new else _who_changed)


def lost_by_saving(found: Sequence[AttributeDifference]) -> str:
    """A line for each attribute of which saving undoes what somebody else stored; empty if there
    is none."""
    return _lines([each for each in found if each.by is not ChangedBy.YOU], _replacement)


def overwritten_by_yours(found: Sequence[AttributeDifference]) -> str:
    """A line for each attribute that you and somebody else changed; empty if there is none."""
    return _lines([each for each in found if each.by is ChangedBy.BOTH], _replacement)


def _value_text(value: AttributeValue | None) -> str:
    """A value in a few words; a missing attribute is "missing"."""
    cell = cell_of(value)
    if cell is Absent.MISSING:
        return "missing"
    text = plain_text(cell) or '""'
    return visible(text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…")


def _lines(found: Sequence[AttributeDifference], line: Callable[[AttributeDifference], str]) -> str:
    lines = [f"{visible(each.name)}: {line(each)}" for each in found[:SHOWN_DIFFERENCES]]
    if len(found) > SHOWN_DIFFERENCES:
        lines.append(f"and {len(found) - SHOWN_DIFFERENCES:,} more attributes")
    return "\n".join(lines)


def _replacement(each: AttributeDifference) -> str:
    return f"{_value_text(each.stored)} → {_value_text(each.yours)}"


def _who_changed(each: AttributeDifference) -> str:
    yours, stored = _value_text(each.yours), _value_text(each.stored)
    if each.by is ChangedBy.OTHERS:
        return f"changed by somebody else, {yours} → {stored}"
    return f"changed by {each.by.value}; stored {stored}, yours {yours}"
