"""Commands as classes, until every host has functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from tui.widgets.command import Command, _paragraph
from tui.widgets.verbs import Verb

if TYPE_CHECKING:
    from tui.widgets.command_host import CommandHost

HostT = TypeVar("HostT", bound="CommandHost")


class OldCommand(Generic[HostT]):
    """One verb of one host. Subclasses say what it does here in their docstring."""

    verb: ClassVar[Verb]
    footer: ClassVar[bool] = False
    """Whether the footer shows it while it is available."""
    label: ClassVar[str] = ""
    """A word that fits better here than the verb's own; empty takes the verb's."""
    priority: ClassVar[bool] = False
    """Whether the key works before the focused widget sees it (function keys over an editor)."""
    restart: ClassVar[bool] = False
    """What the key does while the command still runs: start it anew, or nothing."""
    every_press: ClassVar[bool] = False
    """Whether no press may be lost, however quickly they come, and the next key must find it done:
    for commands that await nothing, such as marking."""
    asks: ClassVar[bool] = False
    """Whether it opens a dialog before it changes anything: what is typed after its key waits for
    the dialog."""
    changes: ClassVar[bool] = False
    """Whether it changes what is stored: read-only mode refuses it before it asks anything."""

    def available(self, host: HostT) -> bool:
        """Whether the key does anything now; what is not available is not shown."""
        return True

    def instead(self, host: HostT) -> str:
        """One sentence for a press of the key while the command is not available: what it works
        on, or which key does it here. Empty takes what is said of the verb everywhere."""
        return ""

    def will_ask(self, host: HostT) -> bool:
        """Whether it opens a dialog now; for commands that do so on some rows only."""
        return self.asks

    async def run(self, host: HostT) -> None:
        """Do it. Runs in an async worker: may await dialogs and services.

        A ServiceError raised here is shown by the host.
        """
        raise NotImplementedError

    @classmethod
    def title(cls) -> str:
        """The word in the footer, the palette and the help."""
        return cls.label or cls.verb.label


def as_command(each: Any) -> Command[Any]:
    """The command that a class describes; a command is given back as it is."""
    if isinstance(each, Command):
        return each
    one = each()

    def immediate(host: Any) -> None:
        steps = one.run(host).__await__()
        for _ in steps:
            raise AssertionError("An immediate command awaits nothing.")

    return Command(
        each.verb,
        immediate if each.every_press else one.run,
        _paragraph(each.__doc__ or ""),
        each.title(),
        footer=each.footer,
        priority=each.priority,
        restart=each.restart,
        changes=each.changes,
        asks=one.will_ask,
        when=one.available,
        instead=one.instead,
    )
