"""The verbs that mean the same wherever there are rows, once each. A host lists them as they are,
or words them for itself: `mark.here("Mark an object; delete acts on what is marked.")`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from tui.widgets.application.clipboard import copy_text
from tui.widgets.commands import verbs
from tui.widgets.commands.command import Command, command
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.dialogs.dialogs import Choice, Choose
from tui.widgets.grid.filter_line import KEEPS, FilterLine
from tui.widgets.path_box import PathBox

HostT = TypeVar("HostT", bound=CommandHost)


class MarkingHost(CommandHost):
    """A host whose rows can be marked."""

    @property
    def can_mark(self) -> bool:
        """Whether there is a row under the cursor that can be marked."""
        raise NotImplementedError

    def toggle_mark(self) -> None:
        """Mark or unmark the row under the cursor and step down."""
        raise NotImplementedError

    def toggle_all_marks(self) -> None:
        """Mark every row that is shown, or none if all are marked."""
        raise NotImplementedError


class FilteringHost(CommandHost):
    """A host whose rows can be filtered."""

    filter_line: FilterLine

    @property
    def filter_hint(self) -> str:
        """What Enter does with the filter."""
        return KEEPS


class LocationHost(CommandHost):
    """A host with a location line that can be typed into."""

    path_box: PathBox


def can_mark(host: MarkingHost) -> bool:
    """Whether there is something to mark."""
    return host.can_mark


@command(verbs.MARK, when=can_mark)
def mark(host: MarkingHost) -> None:
    """Mark or unmark the row under the cursor."""
    host.toggle_mark()


@command(verbs.MARK_ALL, when=can_mark)
def mark_all(host: MarkingHost) -> None:
    """Mark every row that is shown, or none if all are marked."""
    host.toggle_all_marks()


@command(verbs.FILTER)
def filter_rows(host: FilteringHost) -> None:
    """Show only the loaded rows that contain a text; Esc removes the filter."""
    host.filter_line.edit(host.filter_hint)


@command(verbs.GO_TO)
def go_to(host: LocationHost) -> None:
    """Type a place to go to."""
    host.path_box.edit()


Copyable = str | Callable[[], Awaitable[None]]
"""A text to copy, or what to do instead."""


def copy_as(
    choices: Callable[[HostT], Sequence[Choice[Copyable]]],
    help_text: str,
    **options: Any,
) -> Command[HostT]:
    """The command that offers `choices` and copies what is chosen exactly. `help_text` is what it
    says of itself; `options` are those of `command`."""

    async def offer(host: HostT) -> None:
        chosen = await host.ask(Choose("Copy as", choices(host)))
        if isinstance(chosen, str):
            await copy_text(host.app, chosen)
        elif chosen is not None:
            await chosen()

    offer.__doc__ = help_text
    made: Command[HostT] = command(verbs.COPY_AS, asks=True, **options)(offer)
    return made
