"""The page keys of Textual's lists, which fail before the first layout: they know no lines yet."""

from __future__ import annotations

from contextlib import suppress

from textual.app import ComposeResult
from textual.widgets import OptionList, Select
from textual.widgets._select import SelectCurrent, SelectOverlay, SelectType


class CalmPageKeys:
    """For a list: a page key that comes too early moves nothing. No widget itself, so that the
    styles of the list stay those of its own class."""

    def action_page_up(self) -> None:
        with suppress(KeyError):
            super().action_page_up()  # type: ignore[misc]  # the list's

    def action_page_down(self) -> None:
        with suppress(KeyError):
            super().action_page_down()  # type: ignore[misc]  # the list's


class PagedOptions(CalmPageKeys, OptionList):
    """A list of choices."""


class DropdownList(CalmPageKeys, SelectOverlay):
    """The choices of a dropdown."""


class Dropdown(Select[SelectType]):
    """One of a few values, from a list that opens below it."""

    def compose(self) -> ComposeResult:
        yield SelectCurrent(self.prompt)
        overlay = DropdownList(type_to_search=self._type_to_search)
        yield overlay.data_bind(compact=Select.compact)
