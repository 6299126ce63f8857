"""The line of the chooser in which one looks for a connection, or types one."""

from __future__ import annotations

from textual import events
from textual.message import Message

from tui.panes.sql.connecting.form_lines import quoted
from tui.panes.sql.searched_list import KEYS_OF_FIELD
from tui.services.sql import DatabaseTarget
from tui.services.sql.connecting.altered import as_url
from tui.services.sql.connecting.pasted import is_connection
from tui.widgets.text.safe_input import DiscreetInput


class ConnectionField(DiscreetInput):
    """Typed into while the arrows move in the list."""

    BINDINGS = KEYS_OF_FIELD

    class Pasted(Message):
        """A connection was pasted, with all its lines; the field does not show it: there may be a
        password in it."""

        def __init__(self, text: str) -> None:
            self.text = text
            super().__init__()

    def _on_paste(self, event: events.Paste) -> None:
        if is_connection(event.text):
            event.prevent_default()
            event.stop()
            self.post_message(self.Pasted(event.text))


def shown_text(target: DatabaseTarget) -> str:
    """A connection without its password, as one may type it."""
    if target.tunnel:
        return as_url(target)  # libpq's own words have none for it
    parameters = target.parameters
    first = [each for each in ("host", "port", "dbname", "user") if each in parameters]
    names = [*first, *(each for each in parameters if each not in first)]
    text = " ".join(f"{each}={quoted(parameters[each])}" for each in names)
    return text if is_connection(text) else f"psql {text}".rstrip()
