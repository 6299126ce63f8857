"""What differs between the beginnings of two objects, as lines with marks. Bounded in lines, bytes
and work; what was not compared is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from tui.services.common_beginning import common_beginning
from tui.services.formats.hex_dump import hex_dump
from tui.services.quantities import counted, size_text
from tui.services.s3.objects import Beginning
from tui.services.s3.preview.edit_path import MOST_STEPS, Match, matches
from tui.services.s3.preview.preview import Preview, preview

COMPARED = 1024 * 1024
"""Bytes of each object that are read to be compared."""

MOST_LINES = 50_000
"""Lines of each text that are compared."""

AROUND = 3
"""Equal lines that are shown on both sides of what differs."""

_ROW = 16
"""Bytes of a line of a hex dump."""

_ROWS_BEFORE, _ROWS_AFTER = 2, 8


class DiffMark(Enum):
    """What a line is."""

    SAME = " "
    REMOVED = "-"
    ADDED = "+"
    PLACE = "@"
    """Says where the lines under it stand."""


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a difference."""

    mark: DiffMark
    text: str
    """Without its end; a carriage return before it is part of the text."""
    old: int = 0
    """Its number in the older text, from 1; 0 if it does not stand there."""
    new: int = 0


@dataclass(frozen=True)
class Difference:
    """How one object differs from an older one."""

    said: str
    """In a sentence."""
    notes: tuple[str, ...] = ()
    """What was not compared or had to be assumed, as sentences."""
    lines: tuple[DiffLine, ...] = ()
    """Empty if what was compared is the same."""


@dataclass(frozen=True)
class _Text:
    lines: list[str]
    whole: bool
    """Whether the text ends with the last of them."""
    ends: bool
    """Whether the last line has its line end."""


def difference(older: Beginning, newer: Beginning, most_steps: int = MOST_STEPS) -> Difference:
    """Compare what was read of two objects, packed ones by what they hold. May take a second or
    two: belongs on a thread."""
    notes = [
        f"Only the first {size_text(len(each.data))} of the {name} one "
        f"({size_text(each.size)}) are compared."
        for each, name in ((older, "older"), (newer, "newer"))
        if each.truncated
    ]
    whole = not older.truncated and not newer.truncated
    if older.data == newer.data and older.size == newer.size:
        said = "Identical." if whole else "No difference in what is compared."
        return Difference(said, tuple(notes))
    old, new = preview(older), preview(newer)
    if old.binary or new.binary:
        return _of_bytes(older, newer, notes)
    notes += _readings(old, new)
    return _of_texts(_lines(old), _lines(new), notes, most_steps)


def _readings(old: Preview, new: Preview) -> Iterator[str]:
    if old.notes == new.notes:
        yield from new.notes
    else:
        yield from (f"Older: {each}" for each in old.notes)
        yield from (f"Newer: {each}" for each in new.notes)


# -- bytes -----------------------------------------------------------------------------------


def _of_bytes(older: Beginning, newer: Beginning, notes: list[str]) -> Difference:
    old, new = older.data, newer.data
    at = common_beginning(old, new)
    shorter = older if len(old) <= len(new) else newer
    if at == len(shorter.data) and shorter.truncated:
        return Difference("No difference in what is compared.", tuple(notes))
    if at == len(shorter.data):
        other = "newer" if shorter is older else "older"
        said = f"Binary: the {other} one goes on at byte {at:,}, where the other one ends."
    else:
        said = f"Binary: the first difference is at byte {at:,} (0x{at:x})."
    begin = max(at // _ROW - _ROWS_BEFORE, 0) * _ROW
    end = (at // _ROW + _ROWS_AFTER) * _ROW
    lines = [
        DiffLine(DiffMark.PLACE, f"bytes {begin:,} and on, in hex; later differences may follow")
    ]
    for start in range(begin, end, _ROW):
        one, two = old[start : start + _ROW], new[start : start + _ROW]
        if one == two and one:
            lines.append(DiffLine(DiffMark.SAME, hex_dump(one, start=start)))
            continue
        if one:
            lines.append(DiffLine(DiffMark.REMOVED, hex_dump(one, start=start)))
        if two:
            lines.append(DiffLine(DiffMark.ADDED, hex_dump(two, start=start)))
    sizes = f"{size_text(older.size)} before, {size_text(newer.size)} after."
    return Difference(f"{said} {sizes}", tuple(notes), tuple(lines))


# -- texts -----------------------------------------------------------------------------------


def _lines(shown: Preview) -> _Text:
    lines = shown.text.split("\n", MOST_LINES)
    rest = lines.pop()
    if len(lines) == MOST_LINES and rest:
        return _Text(lines, whole=False, ends=True)
    if shown.truncated:
        # The last line is cut: what follows it is not known.
        return _Text(lines, whole=False, ends=True) if lines else _Text([rest], False, False)
    if rest:
        lines.append(rest)
    return _Text(lines, whole=True, ends=not rest)


def _of_texts(old: _Text, new: _Text, notes: list[str], most_steps: int) -> Difference:
    ours, theirs = _keyed(old), _keyed(new)
    if ours == theirs:
        if old.whole and new.whole:
            return Difference("The text is the same; the stored bytes differ.", tuple(notes))
        return Difference("No difference in the text that is compared.", tuple(notes))
    runs = matches(ours, theirs, most_steps)
    if runs is None:
        notes.append("Too different to be compared line by line: all lines are shown as replaced.")
        runs = []
    ends = len(old.lines), len(new.lines)
    if runs:
        last = runs[-1]
        # Behind the last common line nobody knows what the part that was not read holds.
        ends = (
            ends[0] if new.whole else last.old + last.size,
            ends[1] if old.whole else last.new + last.size,
        )
    if not (old.whole and new.whole):
        notes.append(f"Compared to line {ends[0]:,} of the older and {ends[1]:,} of the newer one.")
    lines = list(_hunks(old, new, [*runs, Match(*ends, 0)]))
    removed = sum(each.mark is DiffMark.REMOVED for each in lines)
    added = sum(each.mark is DiffMark.ADDED for each in lines)
    if not lines:
        return Difference("No difference in the text that is compared.", tuple(notes))
    said = f"{counted(removed, 'line')} removed, {counted(added, 'line')} added."
    if old.ends != new.ends and old.whole and new.whole:
        which = "older" if new.ends else "newer"
        notes.append(f"The last line of the {which} one has no line end.")
    return Difference(said, tuple(notes), tuple(lines))


def _keyed(text: _Text) -> list[tuple[str, bool]]:
    """A last line without its end is another line than one with it."""
    last = len(text.lines) - 1
    return [(each, text.ends or number < last) for number, each in enumerate(text.lines)]


def _hunks(old: _Text, new: _Text, runs: list[Match]) -> Iterator[DiffLine]:
    """What differs, with a few equal lines around it. The last run stands at the ends."""
    x = y = 0
    shown_x = 0
    """The first line of the older text that is not shown and not passed over."""
    behind = False
    for number, run in enumerate(runs):
        changed = run.old > x or run.new > y
        if changed:
            begin = max(x - AROUND, shown_x)
            if not behind or begin > shown_x:
                first, other = begin + 1, y - (x - begin) + 1
                yield DiffLine(
                    DiffMark.PLACE, f"older from line {first:,}, newer from line {other:,}"
                )
            yield from _same(old, begin, x, y - x)
            for at in range(x, run.old):
                yield DiffLine(DiffMark.REMOVED, old.lines[at], old=at + 1)
            for at in range(y, run.new):
                yield DiffLine(DiffMark.ADDED, new.lines[at], new=at + 1)
            behind = True
            shown_x = run.old
        x, y = run.old + run.size, run.new + run.size
        if behind and number < len(runs) - 1:
            end = min(max(run.old + AROUND, shown_x), x) if changed else shown_x
            yield from _same(old, shown_x, end, run.new - run.old)
            shown_x = end


def _same(text: _Text, begin: int, end: int, ahead: int) -> Iterator[DiffLine]:
    for at in range(begin, end):
        yield DiffLine(DiffMark.SAME, text.lines[at], at + 1, at + 1 + ahead)
