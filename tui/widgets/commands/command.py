"""A command is one small function: its decorator says which verb it is, its docstring is its help.

    @command(verbs.LINK, footer=True, asks=True, when=on_object, instead="Links lead to objects.")
    async def link(pane: S3View) -> None:
        ...

A host (a pane or a screen) lists its commands in `COMMANDS_HERE`; the keys, the footer, the
palette, the help page and the names in the settings file are all read from that list.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from tui.widgets.commands.verbs import Verb

HostT = TypeVar("HostT")


@dataclass(frozen=True)
class Command(Generic[HostT]):
    """One verb of one host, or of every host of a kind."""

    verb: Verb
    function: Callable[[HostT], Awaitable[None] | None]
    """A plain function runs at each press, at once; an async one runs in a worker, where it may
    await dialogs and services. A ServiceError that it raises is shown by the host."""
    help: str
    """What it does here, one paragraph; for the palette, the help page and tooltips."""
    label: str
    """The word in the footer, the palette and the help."""
    footer: bool = False
    """Whether the footer shows it while it is available."""
    priority: bool = False
    """Whether the key works before the focused widget sees it (function keys over an editor)."""
    restart: bool = False
    """What the key does while the command still runs: start it anew, or nothing."""
    changes: bool = False
    """Whether it changes what is stored: read-only mode refuses it before it asks anything."""
    asks: bool | Callable[[HostT], bool] = False
    """Whether it opens a dialog before it changes anything: what is typed after its key waits for
    the dialog. A function decides by the row under the cursor."""
    when: Callable[[HostT], bool] | None = None
    """Whether the key does anything now; None for always. What is not available is not shown."""
    instead: str | Callable[[HostT], str] = ""
    """One sentence for a press of the key while the command is not available: what it works on, or
    which key does it here. Empty takes what is said of the verb everywhere."""

    @property
    def is_immediate(self) -> bool:
        """Whether it awaits nothing: no press may be lost, and the next key finds it done."""
        return not inspect.iscoroutinefunction(self.function)

    def is_available(self, host: HostT) -> bool:
        """Whether the key does anything now."""
        return self.when is None or self.when(host)

    def will_ask(self, host: HostT) -> bool:
        """Whether it opens a dialog now."""
        return self.asks(host) if callable(self.asks) else self.asks

    def instead_of(self, host: HostT) -> str:
        """What to say of a press while it is not available; may be empty."""
        return self.instead(host) if callable(self.instead) else self.instead

    def here(self, help: str = "", **changed: Any) -> Command[HostT]:  # noqa: A002  # as the field
        """The same command as one host words it: another help, label, footer or condition."""
        if help:
            changed["help"] = _paragraph(help)
        return replace(self, **changed)


def command(
    verb: Verb,
    *,
    label: str = "",
    footer: bool = False,
    priority: bool = False,
    restart: bool = False,
    changes: bool = False,
    # Conditions may be written for a base class of the host, which no type variable can say.
    asks: bool | Callable[[Any], bool] = False,
    when: Callable[[Any], bool] | None = None,
    instead: str | Callable[[Any], str] = "",
) -> Callable[[Callable[[HostT], Awaitable[None] | None]], Command[HostT]]:
    """Make a command of a function with a docstring. `label` fits better here than the verb's own
    word; see `Command` for the rest."""

    def made(function: Callable[[HostT], Awaitable[None] | None]) -> Command[HostT]:
        return Command(
            verb,
            function,
            _paragraph(function.__doc__ or ""),
            label or verb.label,
            footer=footer,
            priority=priority,
            restart=restart,
            changes=changes,
            asks=asks,
            when=when,
            instead=instead,
        )

    return made


def _paragraph(text: str) -> str:
    return " ".join(inspect.cleandoc(text).split())
