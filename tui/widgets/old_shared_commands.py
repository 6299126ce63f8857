"""The verbs that mean the same wherever there are rows. Each host says in a docstring what its own
is about, and lists its own class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from tui.widgets import verbs
from tui.widgets.clipboard import copy_text
from tui.widgets.command_host import CommandHost
from tui.widgets.dialogs import Choice, Choose
from tui.widgets.filter_line import KEEPS, FilterLine
from tui.widgets.old_command import OldCommand
from tui.widgets.path_box import PathBox
from tui.widgets.shared_commands import Copyable, MarkingHost

HostT = TypeVar("HostT", bound=CommandHost)


MarkerT = TypeVar("MarkerT", bound=MarkingHost)


class MarkCommand(OldCommand[MarkerT]):
    """Space."""

    verb = verbs.MARK
    every_press = True

    def available(self, host: MarkerT) -> bool:
        return host.can_mark

    async def run(self, host: MarkerT) -> None:
        host.toggle_mark()


class MarkAllCommand(OldCommand[MarkerT]):
    """Everything at once."""

    verb = verbs.MARK_ALL
    every_press = True

    def available(self, host: MarkerT) -> bool:
        return host.can_mark

    async def run(self, host: MarkerT) -> None:
        host.toggle_all_marks()


class FilterCommand(OldCommand[HostT]):
    """The filter line of the host."""

    verb = verbs.FILTER
    every_press = True

    def hint(self, host: HostT) -> str:
        """What Enter does with the filter."""
        return KEEPS

    async def run(self, host: HostT) -> None:
        host.query_one(FilterLine).edit(self.hint(host))


class GoToCommand(OldCommand[HostT]):
    """The location line of the host, as an input."""

    verb = verbs.GO_TO
    every_press = True

    async def run(self, host: HostT) -> None:
        host.query_one(PathBox).edit()


class CopyAsCommand(OldCommand[HostT]):
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
