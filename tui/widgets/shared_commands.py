"""The verbs that mean the same wherever there are rows. Each host says in a docstring what its own
is about, and lists its own class."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from tui.widgets import verbs
from tui.widgets.clipboard import copy_text
from tui.widgets.command import Command, CommandHost
from tui.widgets.dialogs import Choice, Choose
from tui.widgets.filter_line import KEEPS, FilterLine
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


MarkerT = TypeVar("MarkerT", bound=MarkingHost)


class MarkCommand(Command[MarkerT]):
    """Space."""

    verb = verbs.MARK
    every_press = True

    def available(self, host: MarkerT) -> bool:
        return host.can_mark

    async def run(self, host: MarkerT) -> None:
        host.toggle_mark()


class MarkAllCommand(Command[MarkerT]):
    """Everything at once."""

    verb = verbs.MARK_ALL
    every_press = True

    def available(self, host: MarkerT) -> bool:
        return host.can_mark

    async def run(self, host: MarkerT) -> None:
        host.toggle_all_marks()


class FilterCommand(Command[HostT]):
    """The filter line of the host."""

    verb = verbs.FILTER
    every_press = True

    def hint(self, host: HostT) -> str:
        """What Enter does with the filter."""
        return KEEPS

    async def run(self, host: HostT) -> None:
        host.query_one(FilterLine).edit(self.hint(host))


class GoToCommand(Command[HostT]):
    """The location line of the host, as an input."""

    verb = verbs.GO_TO
    every_press = True

    async def run(self, host: HostT) -> None:
        host.query_one(PathBox).edit()


Copyable = str | Callable[[], Awaitable[None]]
"""A text to copy, or what to do instead."""


class CopyAsCommand(Command[HostT]):
    """A choice of texts, copied exactly."""

    verb = verbs.COPY_AS
    asks = True

    def choices(self, host: HostT) -> Sequence[Choice[Copyable]]:
        """What can be copied now."""
        raise NotImplementedError

    async def run(self, host: HostT) -> None:
        chosen = await host.ask(Choose("Copy as", self.choices(host)))
        if isinstance(chosen, str):
            await copy_text(host.app, chosen)
        elif chosen is not None:
            await chosen()
