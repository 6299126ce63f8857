"""Asking for the password that a server wants, and offering to keep what was typed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tui.panes.pane import Pane
from tui.services.errors import ServiceError
from tui.services.sql import (
    NO_SECRET,
    Auth,
    DatabaseTarget,
    PasswordNeededError,
    Refusal,
    Secrets,
    SecretSource,
    SecretStore,
)
from tui.services.sql.connecting.password_file import passed_over
from tui.services.sql.connecting.stores import keyring_entry
from tui.widgets.dialogs.dialogs import AskText, Confirm

Attempt = tuple[DatabaseTarget, Secrets]
"""Where to connect, and with what."""


def asks_first(target: DatabaseTarget, secrets: Secrets) -> bool:
    """Whether the password is to be asked for before anything is sent."""
    asked = target.auth is Auth.PASSWORD and target.secret == NO_SECRET
    return asked and not secrets.has_password


async def answered(pane: Pane, attempt: Attempt, error: PasswordNeededError) -> Attempt | None:
    """What to try after a server wanted a password: that of the keyring if none was given and it
    has one, else what is typed. None if the user leaves it."""
    target, secrets = attempt
    if error.refusal is Refusal.NO_PASSWORD and target.secret == NO_SECRET:
        entry = keyring_entry(target)
        if entry in await pane.services.sql.kept_names():
            kept = SecretSource(SecretStore.KEYRING, entry)
            return replace(target, auth=Auth.PASSWORD, secret=kept), secrets
    over = await asyncio.to_thread(passed_over, target)
    lines = (error.message, error.cause, error.hint, over, _where_kept(target))
    prompt = "\n".join(each for each in lines if each)
    password = await pane.ask(AskText("Password", prompt, secret=True))
    if password is None:
        return None
    return replace(target, auth=Auth.PASSWORD), secrets.with_password(password)


def _where_kept(target: DatabaseTarget) -> str:
    if target.secret.store is SecretStore.KEYRING:
        return "It is put into the keyring once the server has taken it."
    return "It is kept in memory only."


async def offer_to_keep(
    pane: Pane, entry: str, secrets: Secrets, source: SecretSource = NO_SECRET
) -> None:
    """Put a password that was typed, and that the server has taken, into the keyring: without a
    question where it was to come from there, else if the user wants it. Nothing is asked where
    there is no keyring, and for an entry once only."""
    sql = pane.services.sql
    wanted = source.store is SecretStore.KEYRING
    entry = source.name if wanted else entry
    try:
        if not wanted and entry not in await sql.kept_names():
            if not await sql.may_offer_to_keep(entry):
                return
            wanted = bool(await pane.ask(_question(entry)))
            if not wanted:
                return
        await sql.keep_password(entry, secrets)
    except ServiceError as error:
        # One is connected all the same.
        pane.say(f"The password is not kept. {error}", severity="warning")
    else:
        pane.say(f"The password of {entry} is in the keyring.")


def forget_question(entry: str) -> Confirm:
    """Asks whether a password is to be removed from the keyring."""
    return Confirm(
        "Forget this password?",
        f"The password of {entry} is removed from the keyring, and asked for from then on.",
        yes="Forget it",
    )


def _question(entry: str) -> Confirm:
    return Confirm(
        "Keep it in the keyring?",
        f"The password of {entry} is then taken from the keyring of this system, and written "
        "nowhere else. Otherwise it is kept in memory until the end.",
        yes="Keep it",
    )
