"""Choosing a server and getting in."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tui.panes.sql.connecting.created_here import with_known_password
from tui.panes.sql.connecting.dialog import ConnectionsDialog
from tui.panes.sql.connecting.lines import ConnectionLine, LineGroup
from tui.panes.sql.connecting.passwords import Attempt, answered, asks_first, offer_to_keep
from tui.panes.sql.connecting.refused.explaining import explain, is_no_typing_error
from tui.panes.sql.connecting.taking_marks import take_marks
from tui.panes.sql.connecting.warehouses import ask_way
from tui.panes.sql.rds.commands import WAYS
from tui.panes.sql.runner import QueryRunner
from tui.panes.sql.view import SqlView
from tui.services.errors import ErrorKind, ServiceError
from tui.services.loading import loaded
from tui.services.rds import ConnectInfo
from tui.services.sql import (
    NO_SECRET,
    Auth,
    DatabaseTarget,
    PasswordNeededError,
    Refusal,
    Secrets,
    SecretSource,
    from_endpoint,
    from_url,
)
from tui.services.sql.connecting.marks import marked
from tui.services.sql.connecting.saved import SavedConnections
from tui.services.sql.connecting.stores import keyring_entry
from tui.widgets.dialogs.dialogs import Choice, Choose

SANDBOX_INSTANCE = "tutorial-db"
"""The RDS instance whose database the sandbox's URL leads to; its password need not be asked."""


async def choose(view: SqlView) -> None:
    """Ask where to connect, then connect."""
    connections = view.connections
    now = [each.known for each in connections.open if each.known is not None]
    dialog = ConnectionsDialog(view.services, open_now=now, recent=connections.recent)
    picked = await view.ask(dialog, follows=True)
    await _take_marks(view)
    if picked is None:
        return
    line = picked.line
    if line is None or line.instance is not None or line.endpoint is not None:
        await loaded(WAYS)
        from tui.panes.sql.rds import flow
    if line is None:
        await flow.browse(view)
    elif line.instance is not None:
        await flow.go_to(view, line.instance)
    elif line.endpoint is not None:
        await flow.connect_to(view, line.endpoint)
    elif line.warehouse is not None and line.target is not None:
        target = await ask_way(view, line.warehouse, line.target)
        if target is not None:
            await connect(view, target, line.secrets)
    elif line.target is not None:
        # One that is open is gone to; another one to the same database is made from any other line.
        await connect(view, line.target, line.secrets, again=line.group is not LineGroup.OPEN)


async def connect_url(view: SqlView, url: str, *, again: bool = True) -> QueryRunner | None:
    """Connect to what a URL says: see `connect`. ServiceError if it is none."""
    target, secrets = await asyncio.to_thread(from_url, url)
    return await connect(view, target, secrets, again=again)


async def open_url(view: SqlView, url: str) -> None:
    """Connect to what was typed into the location line."""
    await connect_url(view, url)


async def connect_saved(view: SqlView, name: str) -> None:
    """Connect to what is saved under a name. ServiceError if there is none that can be used."""
    saved = await asyncio.to_thread(view.services.saved_connections.find, name)
    if saved is None or saved.target is None:
        raise ServiceError(
            f"No connection is saved under {name!r}." if saved is None else saved.problem,
            hint="Ctrl+O lists the connections.",
            kind=ErrorKind.NOT_FOUND,
        )
    await connect(view, saved.target, Secrets())


async def connect_sandbox(view: SqlView, url: str) -> None:
    """Connect to the sandbox's own database, without any question."""
    target, secrets = await asyncio.to_thread(from_url, url)
    password = secrets.reveal().get("password")
    if password is not None:
        view.rds.remember(SANDBOX_INSTANCE, password, view.services.account.target)
    target = replace(target, instance=SANDBOX_INSTANCE)
    await view.open_connection(target, secrets)


async def connect(
    view: SqlView, target: DatabaseTarget, secrets: Secrets, *, again: bool = True
) -> QueryRunner | None:
    """Open a connection beside the others, and ask for a password as often as the server wants
    another; None if the user gave it up. If there is one to this database, it is asked whether
    that is to be shown; without `again` it is, and nothing is asked."""
    there = None if again else view.connections.made_for(target)
    if there is None:
        target = await _marked(view, target)
        there = await view.connections.like(target)
    if there is not None and not again:
        view.connections.show(there)
        return there
    if not await _opens(view, there):
        return None
    view.connections.refuse_more()
    secrets = await with_known_password(view, target, secrets)
    said = f"Password for {target.label}" if asks_first(target, secrets) else ""
    typed = 0
    while True:
        try:
            if said:
                raise PasswordNeededError(said, Refusal.NO_PASSWORD)
            runner = await view.open_connection(target, secrets)
        except ServiceError as error:
            answer: Attempt | None
            if isinstance(error, PasswordNeededError) and not is_no_typing_error(
                error, target, typed
            ):
                answer = await answered(view, (target, secrets), error)
            else:
                answer = await explain(view, (target, secrets), error)
            if answer is None:
                return None
            typed, said = typed + _is_typed(secrets, answer[1]), ""
            target, secrets = await _marked(view, answer[0]), answer[1]
        else:
            break
    if typed and secrets.has_password:
        await offer_to_keep(view, keyring_entry(target), secrets, target.secret)
    return runner


def _is_typed(before: Secrets, now: Secrets) -> bool:
    """Whether the user has given another password."""
    return now is not before and now.has_password


async def connect_instance(
    view: SqlView, info: ConnectInfo, password: str | None, *, kept: SecretSource = NO_SECRET
) -> bool:
    """Connect to an RDS instance with a password, with one that is kept somewhere, or with an IAM
    token if there is neither; whether the server has let us in with that. It was not asked if the
    user leaves it, or goes to a connection that is open.

    Raises the server's refusal; who called knows what to ask next.
    """
    auth = Auth.IAM if password is None and kept == NO_SECRET else Auth.PASSWORD
    target = from_endpoint(
        info.host, info.port, info.database, info.user, auth=auth, sslmode=info.sslmode
    )
    target = replace(target, label=f"{info.identifier}  {target.label}", secret=kept)
    if not info.of_cluster:
        target = replace(target, instance=info.identifier)
    secrets = Secrets() if password is None else Secrets().with_password(password)
    target = await _marked(view, target)
    if not await _opens(view, await view.connections.like(target)):
        return False
    view.connections.refuse_more()
    given = keyring_entry(target), secrets
    while True:
        try:
            await view.open_connection(target, secrets)
        except PasswordNeededError:
            raise
        except ServiceError as error:
            target, secrets = await explain(view, (target, secrets), error)
            target = await _marked(view, target)
        else:
            break
    if _is_typed(given[1], secrets):
        await offer_to_keep(view, keyring_entry(target), secrets, target.secret)
    return (keyring_entry(target), secrets) == given


async def _marked(view: SqlView, target: DatabaseTarget) -> DatabaseTarget:
    """The target with the marks of what is saved for the same database, which is said."""
    try:
        found, names = await asyncio.to_thread(_with_marks, view.services.saved_connections, target)
    except ServiceError as error:
        view.say(
            f"Whether this server is marked as production is not known. {error}", severity="warning"
        )
        return target
    if names:
        marks = ConnectionLine(LineGroup.SAVED, "", found).marks
        view.say(f"This database is saved as {', '.join(names)}, and treated as that: {marks}.")
    return found


def _with_marks(
    store: SavedConnections, target: DatabaseTarget
) -> tuple[DatabaseTarget, list[str]]:
    return marked(target, store.read())


async def _take_marks(view: SqlView) -> None:
    """Have open connections take over what was marked in the list meanwhile."""
    runners, store = list(view.connections.open), view.services.saved_connections

    def take() -> list[str]:
        return take_marks(runners, list(store.read()))

    try:
        said = await asyncio.to_thread(take)
    except ServiceError:
        return  # the list has said what is wrong with the file
    if said:
        view.draw()
        view.say("\n".join(said))


async def _opens(view: SqlView, there: QueryRunner | None) -> bool:
    """Whether a connection is to be opened where there may be one; that one is shown if wanted."""
    if there is None:
        return True
    choices = [
        Choice(False, "Show it", key="s"),
        Choice(True, "Open another one", "a session of its own", key="o"),
    ]
    question = Choose("There is a connection to this database", choices)
    opens = await view.ask(question, follows=bool)
    if opens is False:
        view.connections.show(there)
    return bool(opens)
