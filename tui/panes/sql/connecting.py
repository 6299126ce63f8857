"""Choosing a server and getting in."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from tui.panes.sql.rds import flow
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import ConnectInfo
from tui.services.sql import (
    Auth,
    DatabaseTarget,
    PasswordNeededError,
    Secrets,
    Session,
    TransactionState,
    from_endpoint,
    from_environment,
    from_url,
)
from tui.widgets.dialogs import AskText, Choice, Choose, Confirm

if TYPE_CHECKING:
    from tui.panes.sql.pane import SqlPane

SANDBOX_INSTANCE = "tutorial-db"
"""The RDS instance whose database the sandbox's URL leads to; its password need not be asked."""

Known = tuple[DatabaseTarget, Secrets]
"""A place that was connected to in this run, with what opened it. Never written anywhere."""


@dataclass(frozen=True)
class _Way:
    """One line of the chooser."""

    name: str
    known: Known | None = None


async def choose(pane: SqlPane) -> None:
    """Ask where to connect, then connect."""
    choices = [
        Choice(_Way("known", known), known[0].label, _user(known[0])) for known in pane.recent
    ]
    environment = from_environment()
    if environment is not None:
        known = (environment, Secrets())
        choices.append(Choice(_Way("known", known), environment.label, "from PG*", key="p"))
    choices.append(Choice(_Way("rds"), "RDS instances of this region…", key="i"))
    choices.append(Choice(_Way("url"), "A URL…", "postgresql://user@host:5432/db", key="u"))
    way = await pane.ask(Choose("Connect to", choices), follows=True)
    if way is None:
        return
    if way.known is not None:
        await connect(pane, *way.known)
    elif way.name == "rds":
        await flow.browse(pane)
    else:
        await _ask_url(pane)


def _user(target: DatabaseTarget) -> str:
    return f"as {target.user}" if target.user else ""


async def _ask_url(pane: SqlPane) -> None:
    url = await pane.ask(
        AskText(
            "Connect to a URL",
            "postgresql://user@host:5432/database?sslmode=require\n"
            "Leave the password out: it is asked for, and kept in memory only.",
        ),
        follows=True,
    )
    if url:
        await connect_url(pane, url)


async def connect_url(pane: SqlPane, url: str) -> None:
    """Connect to what a URL says. ServiceError if it is none."""
    target, secrets = await asyncio.to_thread(from_url, url)
    await connect(pane, target, secrets)


async def connect_sandbox(pane: SqlPane, url: str) -> None:
    """Connect to the sandbox's own database, without any question."""
    target, secrets = await asyncio.to_thread(from_url, url)
    password = secrets.reveal().get("password")
    if password is not None:
        pane.rds.remember(SANDBOX_INSTANCE, password, pane.services.account.target)
    target = replace(target, instance=SANDBOX_INSTANCE)
    await open_session(pane, target, secrets)


async def connect(pane: SqlPane, target: DatabaseTarget, secrets: Secrets) -> None:
    """Connect; ask for a password as often as the server wants another."""
    agreed = at_stake(pane)
    if not await may_leave(pane):
        return
    while True:
        try:
            await open_session(pane, target, secrets, agreed)
        except PasswordNeededError as error:
            said = f"{error.message}\n{error.cause}".strip()
            password = await pane.ask(
                AskText("Password", f"{said}\nIt is kept in memory only.", secret=True)
            )
            if password is None:
                pane.show_location()
                return
            secrets = secrets.with_password(password)
            target = replace(target, auth=Auth.PASSWORD)
        else:
            return


async def connect_instance(pane: SqlPane, info: ConnectInfo, password: str | None) -> None:
    """Connect to an RDS instance with a password, or with an IAM token if it is None.

    Raises the server's refusal; who called knows what to ask next.
    """
    auth = Auth.IAM if password is None else Auth.PASSWORD
    target = from_endpoint(
        info.host, info.port, info.database, info.user, auth=auth, sslmode=info.sslmode
    )
    target = replace(target, label=f"{info.identifier}  {target.label}", instance=info.identifier)
    secrets = Secrets() if password is None else Secrets().with_password(password)
    agreed = at_stake(pane)
    if await may_leave(pane):
        await open_session(pane, target, secrets, agreed)


async def instance_is_gone(pane: SqlPane, instance: str) -> bool:
    """Whether an RDS instance was deleted, or is being deleted; False if that cannot be told."""
    try:
        found = await pane.services.rds.describe(instance)
    except ServiceError as error:
        return error.kind is ErrorKind.NOT_FOUND
    return found.status == "deleting"


class Stake(Enum):
    """What going to another connection would end."""

    NOTHING = ""
    TRANSACTION = "transaction"
    STATEMENT = "statement"
    """It may stand in a transaction: while it runs, libpq does not say."""


def at_stake(pane: SqlPane) -> Stake:
    """What leaving the connection would end now."""
    session = pane.session
    if session is None:
        return Stake.NOTHING
    if session.running:
        return Stake.STATEMENT
    return Stake.TRANSACTION if session.state is TransactionState.OPEN else Stake.NOTHING


async def may_leave(pane: SqlPane) -> bool:
    """Ask before what runs or is open here is ended by going elsewhere."""
    stake, session = at_stake(pane), pane.session
    if session is None or stake is Stake.NOTHING:
        return True
    where = session.info.label
    if stake is Stake.STATEMENT:
        question = Confirm(
            "Leave the running statement?",
            f"A statement is running on {where}. It is cancelled there, and a transaction that it "
            "stands in is undone.",
            yes="Cancel it and leave",
            danger=True,
        )
    else:
        question = Confirm(
            "Leave the open transaction?",
            f"A transaction is open on {where}. What it did is undone.",
            yes="Roll back and leave",
            danger=True,
        )
    leave = await pane.ask(question)
    return bool(leave)


async def open_session(
    pane: SqlPane, target: DatabaseTarget, secrets: Secrets, agreed: Stake = Stake.NOTHING
) -> None:
    """Connect and show what is there. `agreed` is what the user has agreed to lose by it."""
    pane.path_box.show(target.label, "connecting…")
    try:
        session = await pane.services.sql.connect(target, secrets)
    except BaseException:
        pane.show_location()
        raise
    if not await _may_still_leave(pane, session, agreed):
        return
    pane.clear_error()
    pane.remember((target, secrets))
    pane.take_session(session)
    await pane.list_relations()


async def _may_still_leave(pane: SqlPane, session: Session, agreed: Stake) -> bool:
    """Ask again if something was begun here while `session` was made; close that if not."""
    leave = False
    try:
        leave = at_stake(pane) is agreed or await may_leave(pane)
    finally:
        if not leave:
            session.close()
            pane.show_location()
    return leave
