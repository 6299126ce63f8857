"""The difference of two versions on the screen: lines with marks, numbers and colours."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from itertools import groupby

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.binding import Binding
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Static

from tui.panes.s3.versions.restoring import time_of
from tui.services.common_beginning import common_beginning
from tui.services.errors import ServiceError
from tui.services.quantities import size_text
from tui.services.s3 import ObjectVersion, S3Service
from tui.services.s3.preview.difference import (
    COMPARED,
    Difference,
    DiffLine,
    DiffMark,
    difference,
)
from tui.widgets.dialogs.dialog import Dialog
from tui.widgets.text.safe_text import content, pieces

CUT = 2_000
"""Characters of a line that are drawn."""

SAME_DRAWN = 120
"""Characters at the beginning of two lines that are drawn although they are the same."""

AROUND = 24
"""Of more of them, so many are drawn before what differs."""

_CHANGES = {DiffMark.REMOVED, DiffMark.ADDED}

_CLASSES = {
    DiffMark.SAME: "difference--same",
    DiffMark.REMOVED: "difference--removed",
    DiffMark.ADDED: "difference--added",
    DiffMark.PLACE: "difference--place",
}

_REVERSE = Style(reverse=True)


class DrawnLine:
    """A line of a difference, safe to be drawn."""

    def __init__(self, line: DiffLine, same: int = 0) -> None:
        """The line begins with `same` characters that the other one has, too: most are left out."""
        self.line = line
        begin = same - AROUND if same > SAME_DRAWN else 0
        text = line.text[begin : begin + CUT]
        self.runs: list[tuple[str, bool]] = []
        if begin:
            self.runs.append((f"… {begin:,} the same … ", True))
        self.runs += _changed(text) if line.mark in _CHANGES else pieces(text, multiline=True)
        if len(line.text) > begin + CUT:
            self.runs.append((f" … {len(line.text) - begin - CUT:,} more characters", True))
        self.width = sum(cell_len(text) for text, _ in self.runs)

    def numbers(self, digits: int) -> str:
        """The numbers of the line in both texts, and its mark."""
        old, new = (f"{number or '':>{digits}}" for number in (self.line.old, self.line.new))
        mark = "" if self.line.mark is DiffMark.PLACE else self.line.mark.value
        return f"{old} {new} {mark:<2}"


def _changed(text: str) -> list[tuple[str, bool]]:
    """The runs of a line that differs: tabs and blanks at the end may be all that does."""
    inner = text.rstrip(" ")
    runs: list[tuple[str, bool]] = []
    for number, part in enumerate(inner.split("\t")):
        if number:
            runs += [("␉", True), ("   ", False)]
        runs += pieces(part)
    blanks = pieces(text[len(inner) :], edges=True) if len(inner) < len(text) else []
    return runs + blanks


def drawn_lines(lines: Sequence[DiffLine]) -> list[DrawnLine]:
    """The lines to draw. A removed line and the one that was added in its place are drawn from
    where they differ on, if that is far from their beginning."""
    drawn: list[DrawnLine] = []
    removed: list[DiffLine] = []
    for mark, run in groupby(lines, key=lambda each: each.mark):
        group = list(run)
        pairs = list(zip(removed, group, strict=False)) if mark is DiffMark.ADDED else []
        same = [common_beginning(old.text, new.text) for old, new in pairs]
        if pairs:
            first = len(drawn) - len(removed)
            drawn[first : first + len(pairs)] = map(DrawnLine, removed, same)
        drawn += map(DrawnLine, group, [*same, *[0] * (len(group) - len(pairs))])
        removed = group if mark is DiffMark.REMOVED else []
    return drawn


class DifferenceView(ScrollView, can_focus=True):
    """Draws the lines in view."""

    COMPONENT_CLASSES = {*_CLASSES.values()}

    DEFAULT_CSS = """
    DifferenceView {
        height: 1fr; background: $surface; color: $foreground;
        scrollbar-size-vertical: 1; scrollbar-size-horizontal: 1;
        & > .difference--same { color: $foreground; }
        & > .difference--removed { color: $text-error; background: $error-muted; }
        & > .difference--added { color: $text-success; background: $success-muted; }
        & > .difference--place { color: $text-muted; text-style: italic; }
    }
    """

    BINDINGS = [
        Binding("j", "scroll_down", show=False),
        Binding("k", "scroll_up", show=False),
        Binding("g", "scroll_home", show=False),
        Binding("G", "scroll_end", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[DrawnLine] = []
        self._digits = 1

    def show(self, lines: list[DrawnLine]) -> None:
        """Draw these lines, from the first one."""
        self.lines = lines
        last = max((max(each.line.old, each.line.new) for each in lines), default=1)
        self._digits = len(str(last))
        widest = max((each.width for each in lines), default=0)
        self.virtual_size = Size(widest + 2 * self._digits + 4, len(lines))
        self.refresh()

    def next_change(self, way: int) -> None:
        """Go to the next place (1) or the one before (-1) where something differs."""
        top = round(self.scroll_offset.y)
        places = [row for row, each in enumerate(self.lines) if each.line.mark is DiffMark.PLACE]
        there = [row for row in places[::way] if (row - top) * way > 0]
        if there:
            self.scroll_to(y=there[0], animate=False)

    def render_line(self, y: int) -> Strip:
        left, top = self.scroll_offset
        width = self.size.width
        if top + y >= len(self.lines):
            return Strip.blank(width, self.rich_style)
        drawn = self.lines[top + y]
        style = self.get_component_rich_style(_CLASSES[drawn.line.mark])
        front = Strip([Segment(drawn.numbers(self._digits), style)])
        runs = [Segment(text, style + _REVERSE if made else style) for text, made in drawn.runs]
        room = max(width - front.cell_length, 0)
        text = Strip(runs).crop(left, left + room)
        return Strip.join([front, text]).adjust_cell_length(width, style)


class DifferenceDialog(Dialog[None]):
    """Reads the beginnings of two versions and shows what differs."""

    BOX_CLASSES = "dialog-large"

    DEFAULT_CSS = """
    DifferenceDialog .difference-text { height: auto; max-height: 6; }
    """

    BINDINGS = [
        Binding("n", "change(1)", "Next change", id="difference.next"),
        Binding("N", "change(-1)", "Change before", id="difference.before", show=False),
        Binding("q", "leave", show=False),
    ]

    def __init__(
        self, s3: S3Service, bucket: str, older: ObjectVersion, newer: ObjectVersion
    ) -> None:
        one_key = older.key == newer.key
        super().__init__(f"Difference of {older.key if one_key else 'two objects'}")
        self._s3, self._bucket = s3, bucket
        self._older, self._newer = older, newer
        self._view = DifferenceView()
        self._text = Static("reading…", classes="difference-text", markup=False)

    def compose_box(self) -> ComposeResult:
        yield self._text
        yield self._view

    def on_mount(self) -> None:
        self._view.focus()
        self.run_worker(self._compare(), group="difference", exclusive=True)

    async def _compare(self) -> None:
        try:
            older, newer = await asyncio.gather(
                *(
                    self._s3.read_head(self._bucket, each.key, COMPARED, version_id=each.version_id)
                    for each in (self._older, self._newer)
                )
            )
        except ServiceError as error:
            self._say(str(error))
            return
        self._say("comparing…")
        found = await asyncio.to_thread(difference, older, newer)
        drawn = await asyncio.to_thread(drawn_lines, found.lines)
        self._say(words_of(found))
        self._view.show(drawn)
        self.refresh_bindings()

    def _say(self, said: str) -> None:
        lines = [f"- {name_of(self._older, self._newer)}", f"+ {name_of(self._newer, self._older)}"]
        self._text.update(content("\n".join([*lines, said]), multiline=True))

    @property
    def key_labels(self) -> Mapping[str, str]:
        return {"leave": "Back"}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "change":
            return bool(self._view.lines)
        return super().check_action(action, parameters)

    def action_change(self, way: int) -> None:
        self._view.next_change(way)


def words_of(found: Difference) -> str:
    """What is said above the lines."""
    return " ".join([found.said, *found.notes])


def name_of(version: ObjectVersion, other: ObjectVersion) -> str:
    """When a version was made, its size and its id; its key, too, if the other one has another."""
    text = f"{time_of(version)}, {size_text(version.size_bytes)}, {version.version_id}"
    return text if version.key == other.key else f"{version.key}, {text}"
