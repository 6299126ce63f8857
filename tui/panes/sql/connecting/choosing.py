"""Choosing a server and getting in."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial

from tui.panes.sql.connecting.connected import Known, Stake
from tui.panes.sql.connecting.refused.fixes import explain
from tui.panes.sql.rds import flow
from tui.panes.sql.row_edits.asking import may_drop_staged
from tui.panes.sql.view import SqlView
from tui.services.errors import ServiceError
from tui.services.rds import ConnectInfo
from tui.services.sql import (
    Auth,
    DatabaseTarget,
    PasswordNeededError,
    Secrets,
    ServerInfo,
    from_endpoint,
    from_environment,
    from_url,
)
from tui.widgets.dialogs import AskText, Choice, Choose, Confirm

SANDBOX_INSTANCE = "tutorial-db"
"""The RDS instance whose database the sandbox's URL leads to; its password need not be asked."""


@dataclass(frozen=True)
class _Way:
    """One line of the chooser."""

    name: str
    known: Known | None = None


async def choose(view: SqlView) -> None:
    """Ask where to connect, then connect."""
    choices = [
        Choice(_Way("known", known), known[0].label, _user(known[0]))
        for known in view.runner.recent
    ]
    environment = from_environment()
    if environment is not None:
        known = (environment, Secrets())
        choices.append(Choice(_Way("known", known), environment.label, "from PG*", key="p"))
    choices.append(Choice(_Way("rds"), "RDS instances of this region…", key="i"))
    choices.append(Choice(_Way("url"), "A URL…", "postgresql://user@host:5432/db", key="u"))
    way = await view.ask(Choose("Connect to", choices), follows=True)
    if way is None:
        return
    if way.known is not None:
        await connect(view, *way.known)
    elif way.name == "rds":
        await flow.browse(view)
    else:
        await _ask_url(view)


def _user(target: DatabaseTarget) -> str:
    return f"as {target.user}" if target.user else ""


async def _ask_url(view: SqlView) -> None:
    url = await view.ask(
        AskText(
            "Connect to a URL",
            "postgresql://user@host:5432/database?sslmode=require\n"
            "Leave the password out: it is asked for, and kept in memory only.",
        ),
        follows=True,
    )
    if url:
        await connect_url(view, url)


async def connect_url(view: SqlView, url: str) -> None:
    """Connect to what a URL says. ServiceError if it is none."""
    target, secrets = await asyncio.to_thread(from_url, url)
    await connect(view, target, secrets)


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
    while True:
        try:
            await _open(view, target, secrets, agreed)
        except PasswordNeededError as error:
            said = f"{error.message}\n{error.cause}".strip()
            password = await view.ask(
                AskText("Password", f"{said}\nIt is kept in memory only.", secret=True)
            )
            if password is None:
                return
            secrets = secrets.with_password(password)
            target = replace(target, auth=Auth.PASSWORD)
        except ServiceError as error:
            target, secrets = await explain(view, (target, secrets), error)
        else:
            return


async def connect_instance(view: SqlView, info: ConnectInfo, password: str | None) -> None:
    """Connect to an RDS instance with a password, or with an IAM token if it is None.

    Raises the server's refusal; who called knows what to ask next.
    """
    auth = Auth.IAM if password is None else Auth.PASSWORD
    target = from_endpoint(
        info.host, info.port, info.database, info.user, auth=auth, sslmode=info.sslmode
    )
    target = replace(target, label=f"{info.identifier}  {target.label}")
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
