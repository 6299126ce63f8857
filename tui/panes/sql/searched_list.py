"""A dialog with a list and a field: what is typed looks for lines, the arrows move among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Input

from tui.widgets.commands.command_host import CommandHost
from tui.widgets.dialogs.dialog import Dialog
from tui.widgets.grid.cells import Column
from tui.widgets.grid.grid import Grid

AnswerT = TypeVar("AnswerT")

WIDE_FROM = 110
"""Columns of a terminal from which every column is shown."""

KEYS_OF_FIELD: list[BindingType] = [
    Binding("up", "screen.step(-1)", show=False),
    Binding("down", "screen.step(1)", show=False),
    Binding("pageup", "screen.page(-1)", show=False),
    Binding("pagedown", "screen.page(1)", show=False),
    Binding("tab", "screen.to_list", "Keys of the list"),
]
"""The bindings of the field."""


class SearchedList(Dialog[AnswerT], CommandHost):
    """Subclasses compose the field and the list, and draw."""

    COLUMNS: ClassVar[Sequence[Column]]
    """Every column of the list."""
    NARROW: ClassVar[tuple[int, ...]]
    """Those of them that are shown where there is little room."""
    LETTERS: ClassVar[frozenset[str]]
    """Actions whose keys are text in the field."""

    def __init__(self, title: str, field: Input) -> None:
        super().__init__(title)
        self._field = field
        self._grid = Grid()

    def _draw(self) -> None:
        """Draw the list, with the columns that are shown."""
        raise NotImplementedError

    @property
    def _shown_columns(self) -> tuple[int, ...]:
        """The numbers of the columns that there is room for."""
        is_wide = self.app.size.width >= WIDE_FROM
        return tuple(range(len(self.COLUMNS))) if is_wide else self.NARROW

    @property
    def _columns(self) -> list[Column]:
        return [self.COLUMNS[at] for at in self._shown_columns]

    def on_resize(self) -> None:
        if len(self._grid.columns) not in {0, len(self._shown_columns)}:
            self._draw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "read_on" or (action in self.LETTERS and self.focused is self._field):
            return False
        return super().check_action(action, parameters)

    def action_step(self, step: int) -> None:
        self._grid.action_move(step)

    def action_page(self, direction: int) -> None:
        self._grid.action_page(direction)

    def action_to_list(self) -> None:
        self.set_focus(self._grid)

    def action_search(self) -> None:
        self.set_focus(self._field)

    def action_take(self) -> None:
        """Answer with the line under the cursor."""
        raise NotImplementedError

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        self.action_take()
