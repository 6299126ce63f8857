"""A verb as a key binding, for what works everywhere and is no command of a host."""

from __future__ import annotations

from textual.binding import Binding

from tui.widgets.verbs import Verb


def binding(
    verb: Verb, action: str, tooltip: str, *, show: bool = False, priority: bool = False
) -> Binding:
    """The binding of a verb. `tooltip` is its help, in the palette and on the help screen, too."""
    return Binding(
        verb.keys, action, verb.label, show=show, id=verb.id, tooltip=tooltip, priority=priority
    )
