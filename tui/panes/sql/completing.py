"""The editor with completion: a short list below the cursor that goes away as it came."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events, on
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Offset, Size
from textual.widget import Widget
from textual.widgets import TextArea

from tui.panes.sql.editor import SqlEditor
from tui.services.sql import Candidate, Completion, KnownNames, complete
from tui.widgets.text.safe_text import content, visible

SHOWN = 8
"""Lines of the list."""

WIDEST = 60
"""Terminal cells of a line of the list."""

LETTERS = 2
"""Letters of a word from which on the list comes by itself; behind a dot it comes at once."""

GROUP = "sql-completion"

LINES_AROUND = 300
"""Lines before and behind the cursor in which the statement is looked for."""


class CompletionList(Widget):
    """What could stand at the cursor. It never has the focus: the editor has its keys."""

    DEFAULT_CSS = """
    CompletionList { display: none; overlay: screen; constrain: inside inside; background: $panel;
        & > .completion--chosen { background: $primary; color: $text; text-style: bold; }
        & > .completion--kind { color: $text-muted; }
    }
    """
    COMPONENT_CLASSES = {"completion--chosen", "completion--kind"}
    can_focus = False

    def __init__(self) -> None:
        super().__init__()
        self.candidates: tuple[Candidate, ...] = ()
        self.chosen = 0
        self.was_moved = False
        """Whether another than the first was chosen: then Enter takes it, too."""
        self._room = (Offset(), 0, 0)
        """Where it is shown, how high and how wide."""

    @property
    def is_open(self) -> bool:
        return bool(self.candidates)

    @property
    def current(self) -> Candidate:
        """The one that would be taken."""
        return self.candidates[self.chosen]

    def show(self, candidates: tuple[Candidate, ...], at: Offset) -> None:
        """Show these below a place of the screen."""
        height = min(SHOWN, len(candidates))
        width = min(WIDEST, max(map(_width, candidates)) + 2)
        # While a word is typed its list stays where it is: to lay out the screen takes the most of
        # what a key costs.
        stays = self.is_open and self._room == (at, height, width)
        if stays and candidates == self.candidates and not self.chosen:
            self.was_moved = False
            return  # the letter changed nothing of it
        self.candidates, self.chosen, self.was_moved = candidates, 0, False
        if not stays:
            self._room = at, height, width
            self.absolute_offset = at
            self.styles.height, self.styles.width = height, width
            self.styles.display = "block"
        self.refresh(layout=not stays)

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        # It holds no widgets: Textual would lay out the screen a second time for each new size.
        return super()._size_updated(size, virtual_size, container_size, layout=False)

    def close(self) -> None:
        """Show nothing."""
        if self.is_open:
            self.candidates = ()
            self.styles.display = "none"

    def move(self, step: int) -> None:
        """Choose the next one, or the one before; behind the last comes the first."""
        self.chosen = (self.chosen + step) % len(self.candidates)
        self.was_moved = True
        self.refresh()

    def render(self) -> Content:
        first = max(0, min(self.chosen - SHOWN // 2, len(self.candidates) - SHOWN))
        width = self.size.width
        return Content("\n").join(
            self._line(each, width, first + at == self.chosen)
            for at, each in enumerate(self.candidates[first : first + SHOWN])
        )

    def _line(self, candidate: Candidate, width: int, is_chosen: bool) -> Content:
        mark, name, kind = "▸" if is_chosen else " ", visible(candidate.text), _kind(candidate)
        gap = max(1, width - 1 - cell_len(name) - cell_len(kind))
        style = self.get_visual_style("completion--chosen" if is_chosen else "completion--kind")
        line = content(f"{mark}{name}{' ' * gap}{kind}")
        return line.stylize(style) if is_chosen else line.stylize(style, 1 + len(name))


def _kind(candidate: Candidate) -> str:
    return visible(candidate.detail or candidate.kind)


def _width(candidate: Candidate) -> int:
    return cell_len(visible(candidate.text)) + cell_len(_kind(candidate)) + 2


@dataclass(frozen=True)
class Knowledge:
    """What the completion needs to know of the connection."""

    names: KnownNames
    backslash_escapes: bool


class CompletingEditor(SqlEditor):
    """An SQL editor that offers what could be typed. `known` gives what is known of the database;
    None while that is nothing."""

    BINDINGS = [
        Binding(
            "ctrl+space,ctrl+@",
            "complete",
            "Complete",
            show=False,
            id="editor.complete",
            tooltip="In the editor: offer what could stand at the cursor. The list comes by itself "
            "behind two letters or a dot; the arrows choose, Esc closes it.",
        ),
        Binding(
            "tab",
            "take",
            "Take",
            show=False,
            priority=True,
            id="editor.take",
            tooltip="While the list of completions is open: take the chosen one.",
        ),
        Binding("enter", "take_moved", show=False, priority=True),
        # These take the place of the text area's own.
        Binding("down", "below", show=False),
        Binding("up", "above", show=False),
        Binding("escape", "close_list", show=False, priority=True),
    ]

    def __init__(self, known: Callable[[], Knowledge | None]) -> None:
        super().__init__()
        self.list = CompletionList()
        """To be composed by whoever composes the editor."""
        self._known = known
        self._is_typed = False
        """Whether the key that was pressed last wrote a character."""
        self._start = (0, 0)
        """Where the word begins that is completed."""
        self._end = (0, 0)
        """Where the cursor stood after the last key that was typed."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"take", "close_list"}:
            return self.list.is_open
        if action == "take_moved":
            return self.list.is_open and self.list.was_moved
        return super().check_action(action, parameters)

    # -- when it comes and goes -------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        self._is_typed = event.is_printable or event.key == "backspace"

    @on(TextArea.Changed)
    def _look_for_more(self) -> None:
        if self._is_typed and self.has_focus:
            self._is_typed = False
            self._end = self.cursor_location
            self._look(asked=False)
        else:
            self._close()

    @on(TextArea.SelectionChanged)
    def _leave_the_word(self) -> None:
        if self.list.is_open and not self._is_typed and self.cursor_location != self._end:
            self._close()

    def on_blur(self) -> None:
        self._close()

    def close_list(self) -> None:
        """The text is finished: the list must not cover what comes of it."""
        self._close()

    def _close(self) -> None:
        # One that is on its way must not come after that.
        self.workers.cancel_group(self, GROUP)
        self.list.close()

    def action_complete(self) -> None:
        """Offer what could stand at the cursor."""
        self._look(asked=True)

    def action_close_list(self) -> None:
        self._close()

    def action_below(self) -> None:
        """The next of the list, or the line below."""
        if self.list.is_open:
            self.list.move(1)
        else:
            self.action_cursor_down()

    def action_above(self) -> None:
        """The one before in the list, or the line above."""
        if self.list.is_open:
            self.list.move(-1)
        else:
            self.action_cursor_up()

    def action_take(self) -> None:
        """Write the chosen one in place of the word at the cursor."""
        candidate = self.list.current
        self._close()
        text = candidate.text + ("(" if candidate.kind in {"function", "procedure"} else "")
        self.replace(text, self._start, self.cursor_location)

    def action_take_moved(self) -> None:
        self.action_take()

    # -- what is offered --------------------------------------------------------------------------

    def _look(self, *, asked: bool) -> None:
        known = self._known()
        if known is None or not self.selection.is_empty:
            self._close()
            return
        self.run_worker(self._offer(known, asked=asked), group=GROUP, exclusive=True)

    async def _offer(self, known: Knowledge, *, asked: bool) -> None:
        place = row, column = self.cursor_location
        first = max(0, row - LINES_AROUND)
        lines = [str(self.document.get_line(at)) for at in self._rows_around(row)]
        cursor = sum(len(line) + 1 for line in lines[: row - first]) + column
        # On a thread: a long statement takes some milliseconds.
        found = await asyncio.to_thread(
            complete,
            "\n".join(lines),
            cursor,
            known.names,
            backslash_escapes=known.backslash_escapes,
        )
        if self.cursor_location != place or not self.has_focus:
            return
        offered = () if found is None else found.candidates
        if found is not None and not asked and not _is_worth(found, lines):
            # How to join the table whose name was just ended is worth it before a letter is typed.
            ends_word = not found.word
            offered = tuple(each for each in offered if ends_word and each.kind == "condition")
        if found is None or not offered:
            self.list.close()
            return
        self._start, self._end = (row, column - len(found.word)), place
        shift = cell_len(found.word) + 1
        self.list.show(offered, self.cursor_screen_offset + Offset(-shift, 1))

    def _rows_around(self, row: int) -> range:
        last = self.document.line_count
        return range(max(0, row - LINES_AROUND), min(last, row + LINES_AROUND))


def _is_worth(found: Completion, lines: list[str]) -> bool:
    """Whether enough is typed for the list to come by itself."""
    if len(found.word.lstrip('"')) >= LETTERS:
        return True
    return found.start > 0 and "\n".join(lines)[found.start - 1] == "."
