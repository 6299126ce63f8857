"""What is done with the saved connections from the chooser.

Each function asks what there is to ask, changes the file, and gives the name under which to look
for the result; None if nothing changed. Each may raise ServiceError.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from tui.panes.sql.connecting.form import Keep, connection_form
from tui.panes.sql.connecting.lines import ConnectionLine, LineGroup
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import DatabaseTarget
from tui.services.sql.connecting.saved import SavedConnection, SavedConnections, name_problems
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.dialogs.dialogs import AskText, Confirm

Change = Callable[[CommandHost, SavedConnections, SavedConnection], Coroutine[Any, Any, str | None]]
"""One that is about a saved connection."""


async def ask_new(host: CommandHost, store: SavedConnections) -> str | None:
    """Save a connection that is typed into an empty form."""
    return await _ask(host, "New connection", DatabaseTarget(""), "", _added_to(store))


async def ask_to_save(
    host: CommandHost, store: SavedConnections, line: ConnectionLine
) -> str | None:
    """Save what a line leads to, as it is changed in the form."""
    if line.target is None:
        return None
    name = (
        "" if line.saved or line.group is LineGroup.GIVEN or name_problems(line.name) else line.name
    )
    target = line.target if line.rules is None else replace(line.target, rules=line.rules)
    return await _ask(host, "Save a connection", target, name, _added_to(store))


async def ask_to_edit(
    host: CommandHost, store: SavedConnections, saved: SavedConnection
) -> str | None:
    """Change a saved connection in the form."""
    if saved.target is None:
        raise ServiceError(
            f"{saved.name} cannot be edited here.",
            cause=saved.problem,
            hint=f"Correct it in {store.path}, or delete it.",
            kind=ErrorKind.INVALID,
        )

    async def keep(name: str, target: DatabaseTarget) -> None:
        await asyncio.to_thread(store.replace, saved, name, target)

    return await _ask(host, f"Edit {saved.name}", saved.target, saved.name, keep)


async def ask_to_rename(
    host: CommandHost, store: SavedConnections, saved: SavedConnection
) -> str | None:
    """Give it another name."""
    question = AskText("Rename", "Another name", value=saved.name, check=name_problems)
    name: str | None = await host.ask(question)
    if name is None or name == saved.name:
        return None
    await asyncio.to_thread(store.rename, saved, name)
    return name


async def duplicate(host: CommandHost, store: SavedConnections, saved: SavedConnection) -> str:
    """Keep it once more."""
    return await asyncio.to_thread(store.duplicate, saved)


async def ask_to_delete(
    host: CommandHost, store: SavedConnections, saved: SavedConnection
) -> str | None:
    """Take it out of the file."""
    question = Confirm(
        f"Delete the connection {saved.name}?",
        "It is taken out of the saved connections. Nothing changes on the server, and a "
        "connection that is open stays open.",
        yes="Delete",
        danger=True,
    )
    if not await host.ask(question):
        return None
    await asyncio.to_thread(store.delete, saved)
    return ""


def _added_to(store: SavedConnections) -> Keep:
    async def keep(name: str, target: DatabaseTarget) -> None:
        await asyncio.to_thread(store.add, name, target)

    return keep


async def _ask(
    host: CommandHost, title: str, target: DatabaseTarget, name: str, keep: Keep
) -> str | None:
    saved = await host.ask(connection_form(title, target, name, keep))
    return None if saved is None else saved.label
