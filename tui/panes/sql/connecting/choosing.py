"""Choosing a server and getting in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

from tui.panes.sql.connecting.connected import Stake
from tui.panes.sql.connecting.dialog import ConnectionsDialog
from tui.panes.sql.connecting.passwords import answered, asks_first, offer_to_keep
from tui.panes.sql.connecting.refused.fixes import explain, is_no_typing_error
from tui.panes.sql.rds import flow
from tui.panes.sql.row_edits.asking import may_drop_staged
from tui.panes.sql.view import SqlView
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import ConnectInfo
from tui.services.sql import (
    NO_SECRET,
    Auth,
    DatabaseTarget,
    PasswordNeededError,
    Refusal,
    Secrets,
    SecretSource,
    ServerInfo,
    from_endpoint,
    from_url,
)
from tui.services.sql.connecting.stores import keyring_entry
from tui.widgets.dialogs import Confirm

SANDBOX_INSTANCE = "tutorial-db"
"""The RDS instance whose database the sandbox's URL leads to; its password need not be asked."""


async def choose(view: SqlView) -> None:
    """Ask where to connect, then connect."""
    recent = view.runner.recent
    now = recent[:1] if view.runner.session is not None else []
    dialog = ConnectionsDialog(view.services, open_now=now, recent=recent)
    picked = await view.ask(dialog, follows=True)
    if picked is None:
        return
    line = picked.line
    if line is None:
        await flow.browse(view)
    elif line.instance is not None:
        await flow.go_to(view, line.instance)
    elif line.endpoint is not None:
        await flow.connect_to(view, line.endpoint)
    elif line.target is not None:
        await connect(view, line.target, line.secrets)


async def connect_url(view: SqlView, url: str) -> None:
    """Connect to what a URL says. ServiceError if it is none."""
    target, secrets = await asyncio.to_thread(from_url, url)
    await connect(view, target, secrets)


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
    await _open(view, target, secrets)


async def connect(view: SqlView, target: DatabaseTarget, secrets: Secrets) -> None:
    """Connect; ask for a password as often as the server wants another."""
    agreed = view.runner.at_stake
    if not await may_drop_staged(view.runner, view.ask, drop=False):
        return
    if not await view.runner.may_leave(partial(_may_leave, view)):
        return
    said = f"Password for {target.label}" if asks_first(target, secrets) else ""
    typed = 0
    while True:
        try:
            if said:
                raise PasswordNeededError(said, Refusal.NO_PASSWORD)
            await _open(view, target, secrets, agreed)
        except PasswordNeededError as error:
            if is_no_typing_error(error, target, typed):
                target, secrets = await explain(view, (target, secrets), error)
                continue
            again = await answered(view, (target, secrets), error)
            if again is None:
                return
            typed, said = typed + (again[1] is not secrets), ""
            target, secrets = again
        except ServiceError as error:
            target, secrets = await explain(view, (target, secrets), error)
        else:
            break
    if typed:
        await offer_to_keep(view, keyring_entry(target), secrets, target.secret)


async def connect_instance(
    view: SqlView, info: ConnectInfo, password: str | None, *, kept: SecretSource = NO_SECRET
) -> None:
    """Connect to an RDS instance with a password, with one that is kept somewhere, or with an IAM
    token if there is neither.

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
    agreed = view.runner.at_stake
    if not await may_drop_staged(view.runner, view.ask, drop=False):
        return
    if not await view.runner.may_leave(partial(_may_leave, view)):
        return
    while True:
        try:
            await _open(view, target, secrets, agreed)
        except PasswordNeededError:
            raise
        except ServiceError as error:
            target, secrets = await explain(view, (target, secrets), error)
        else:
            return


async def _open(
    view: SqlView, target: DatabaseTarget, secrets: Secrets, agreed: Stake = Stake.NOTHING
) -> None:
    ask = partial(_may_leave, view)
    if await view.runner.connect(target, secrets, ask, agreed=agreed):
        view.clear_error()


async def _may_leave(view: SqlView, stake: Stake, server: ServerInfo) -> bool:
    if stake is Stake.STATEMENT:
        question = Confirm(
            "Leave the running statement?",
            f"A statement is running on {server.label}. It is cancelled there, and a transaction "
            "that it stands in is undone.",
            yes="Cancel it and leave",
            danger=True,
        )
    else:
        question = Confirm(
            "Leave the open transaction?",
            f"A transaction is open on {server.label}. What it did is undone.",
            yes="Roll back and leave",
            danger=True,
        )
    return bool(await view.ask(question))
