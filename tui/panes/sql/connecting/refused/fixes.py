"""A refusal explained, and what can be done about it done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from tui.panes.sql.connecting.passwords import Attempt
from tui.panes.sql.connecting.refused import wording
from tui.panes.sql.connecting.refused.conclusion import Cause, Conclusion, Fix
from tui.panes.sql.connecting.refused.dialog import RefusedDialog
from tui.panes.sql.connecting.refused.facts import Facts
from tui.panes.sql.connecting.refused.looking import Diagnosis
from tui.panes.sql.rds import flow
from tui.panes.sql.rds.inbound import open_inbound
from tui.panes.sql.rds.plan_dialog import RdsPlanDialog
from tui.panes.sql.rds.rds_pane import RdsPane
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quoting import quote_identifier
from tui.services.rds.clusters import turning_iam_on
from tui.services.rds.modification import Modification, effects, iam_effect, modifying
from tui.services.rds.waiting import AVAILABLE, IAM_ON, STARTED, Goal
from tui.services.sql import (
    Auth,
    ConnectError,
    Refusal,
    Secrets,
    from_url,
)
from tui.services.sql.connecting.altered import (
    as_url,
    encrypted,
    moved,
    with_parameters,
    with_token,
)
from tui.services.sql.connecting.databases import databases
from tui.services.sql.connecting.holders import holders
from tui.services.sql.tunnels.hosts import ssh_host
from tui.widgets.application.clipboard import copy_text
from tui.widgets.dialogs.dialogs import AskText, Choice, Choose, Confirm
from tui.widgets.text.value_viewer import ValueViewer

DEFAULT_DATABASE = "postgres"


async def explain(pane: RdsPane, attempt: Attempt, error: ServiceError) -> Attempt:
    """Say why a connection was not made, and do what the user chooses about it: what to try next.
    A fix that is left leads back to the explanation. Raises the error, with its cause, if the user
    leaves that, or if there is nothing to explain."""
    if not _is_explained(error):
        raise error
    target, secrets = attempt
    diagnosis = Diagnosis(pane.services, target, error)
    while True:
        fix = await pane.ask(RefusedDialog(diagnosis), follows=lambda fix: fix not in _COPIES)
        if fix is None:
            raise _explained(error, diagnosis.conclusion) from error
        try:
            again = await _DONE_BY[fix](pane, diagnosis.facts, secrets)
        except ServiceError as failed:
            pane.say(str(failed), severity="error")
            continue
        if again is not None:
            return again


def _explained(error: ServiceError, conclusion: Conclusion | None) -> ServiceError:
    """The same error with the cause that was found for a hint; not one to be explained again."""
    hint = error.hint
    if conclusion is not None and conclusion.cause is not Cause.AS_SAID:
        hint = f"{conclusion.sentence} {conclusion.advice}".strip()
    return ServiceError(
        error.message, cause=error.cause, hint=hint, code=error.code, kind=error.kind
    )


def _is_explained(error: ServiceError) -> bool:
    """Whether it is a server that did not let us in, and not us who did not ask."""
    return isinstance(error, ConnectError) and error.refusal is not Refusal.NO_PASSWORD


# -- one function for each fix --------------------------------------------------------------------


async def _retry(pane: RdsPane, facts: Facts, secrets: Secrets) -> Attempt | None:
    return facts.target, secrets


async def _edit(pane: RdsPane, facts: Facts, secrets: Secrets) -> Attempt | None:
    typed = await pane.ask(
        AskText(
            "Change the URL",
            "postgresql://user@host:5432/database?sslmode=require\n"
            "A password that is known stays with the same server and user.",
            value=as_url(facts.target),
        )
    )
    if not typed:
        return None
    target, given = await asyncio.to_thread(from_url, typed)
    return moved(facts.target, secrets, target, given)


async def _password(pane: RdsPane, facts: Facts, secrets: Secrets) -> Attempt | None:
    password = await pane.ask(
        AskText(
            "Password",
            f"Password of {facts.target.user or 'the user'} at {facts.place}\n"
            "It is kept in memory only.",
            secret=True,
        )
    )
    if password is None:
        return None
    return replace(facts.target, auth=Auth.PASSWORD), secrets.with_password(password)


async def _token(pane: RdsPane, facts: Facts, secrets: Secrets) -> Attempt | None:
    return with_token(facts.target), Secrets()


async def _encrypt(pane: RdsPane, facts: Facts, secrets: Secrets) -> Attempt | None:
    return encrypted(facts.target), secrets


async def _fetch_roots(pane: RdsPane, facts: Facts, secrets: Secrets) -> Attempt | None:
    pane.say("Fetching RDS's root certificates…")
    bundle = await pane.services.sql.fetch_bundle()
    pane.say(
        f"{bundle.certificates} root certificates are in {bundle.file} (SHA-256 {bundle.sha256})."
    )
    return with_parameters(facts.target, {"sslrootcert": str(bundle.file)}), secrets


async def _passphrase(pane: RdsPane, facts: Facts, secrets: Secrets) -> Attempt | None:
    file = facts.target.parameters.get("sslkey", "the client's key")
    asked = AskText("Passphrase", f"Of {file}\nIt is kept in memory only.", secret=True)
    passphrase: str | None = await pane.ask(asked)
    return None if passphrase is None else (facts.target, secrets.with_passphrase(passphrase))


async def _plain(pane: RdsPane, facts: Facts, secrets: Secrets) -> Attempt | None:
    agreed = await pane.ask(
        Confirm(
            "Connect without encryption?",
            f"Everything that goes to {facts.place} and back, the statements, the rows and the "
            "login, can be read and changed by whoever is on the way.",
            yes="Connect unencrypted",
            danger=True,
        )
    )
    return (with_parameters(facts.target, {"sslmode": "disable"}), secrets) if agreed else None


async def _databases(pane: RdsPane, facts: Facts, secrets: Secrets) -> Attempt | None:
    there = with_parameters(facts.target, {"dbname": DEFAULT_DATABASE})
    session = await pane.services.sql.connect(there, secrets)
    try:
        names = await session.look_up(databases)
    finally:
        session.close()
    choices = [Choice(name, name) for name in names]
    picked = await pane.ask(Choose(f"Databases of {facts.place}", choices))
    return None if picked is None else (with_parameters(facts.target, {"dbname": picked}), secrets)


async def _holders(pane: RdsPane, facts: Facts, secrets: Secrets) -> Attempt | None:
    endpoint = facts.endpoint
    session = pane.services.sql.session_at(endpoint.host, endpoint.port, facts.target.tunnel)
    if session is None:
        raise ServiceError("The session that was open there is closed by now.")
    found = await session.look_up(holders)
    await pane.ask(
        ValueViewer(f"Who holds the connections of {facts.place}", wording.held(found)),
        follows=True,
    )
    return None


async def _grant(pane: RdsPane, facts: Facts, secrets: Secrets) -> Attempt | None:
    await copy_text(pane.app, f"GRANT rds_iam TO {quote_identifier(facts.target.user)};")
    return None


async def _iam_on(pane: RdsPane, facts: Facts, secrets: Secrets) -> Attempt | None:
    instance = facts.instance
    if instance is None:
        return None
    _refuse_if_read_only(pane)
    services, shown = pane.services, pane.services.account.target
    change = Modification(iam_auth=True, now=True)
    if instance.cluster:
        told = [
            iam_effect(on=True),
            f"It is a setting of the cluster {instance.cluster}, for each of its instances.",
        ]
        operation = "ModifyDBCluster"
        request: Mapping[str, object] = {**turning_iam_on(instance.cluster)}
    else:
        told = effects(change, instance)
        operation, request = "ModifyDBInstance", {**modifying(instance.identifier, change)}
    question = RdsPlanDialog(
        f"Turn IAM login on for {instance.cluster or instance.identifier}?",
        "\n".join(f"• {each}" for each in told),
        yes="Turn it on",
        target=shown,
        operation=operation,
        request=request,
    )
    if not await pane.ask(question, follows=True):
        return None
    if services.account.target != shown:
        raise ServiceError(
            "Nothing was changed: the account or region was switched meanwhile.",
            kind=ErrorKind.CONFLICT,
        )
    if instance.cluster:
        await services.rds.clusters.turn_iam_on(instance.cluster)
    else:
        await services.rds.lifecycle.modify(instance, change)
    ready = await flow.wait(pane, instance.identifier, IAM_ON)
    return None if ready is None else (facts.target, secrets)


async def _publish(pane: RdsPane, facts: Facts, secrets: Secrets) -> Attempt | None:
    if facts.instance is None:
        return None
    _refuse_if_read_only(pane)
    name = facts.instance.identifier
    question = Confirm(
        f"Make {name} public?",
        "Its name then leads to a public address. Whoever an inbound rule lets in can try to log "
        "in from the internet.",
        yes="Make it public",
        danger=True,
    )
    if not await pane.ask(question, follows=True):
        return None
    change = Modification(public=True, now=True)
    await pane.services.rds.lifecycle.modify(facts.instance, change)
    return await _wait(pane, facts, secrets)


async def _tunnel(pane: RdsPane, facts: Facts, secrets: Secrets) -> Attempt | None:
    typed = await pane.ask(
        AskText(
            "Go through an ssh host",
            f"An alias of your ssh configuration, or user@host:port. It must reach {facts.place}.",
            value=facts.target.tunnel,
            check=_host_problems,
        )
    )
    if not typed:
        return None
    return replace(facts.target, tunnel=ssh_host(typed).label), secrets


def _host_problems(text: str) -> list[str]:
    try:
        ssh_host(text)
    except ServiceError as error:
        return [f"{error.message} {error.hint}"]
    return []


async def _rule(pane: RdsPane, facts: Facts, secrets: Secrets) -> Attempt | None:
    if facts.instance is None:
        return None
    _refuse_if_read_only(pane)
    opened = await open_inbound(pane, pane.services, facts.instance)
    return None if opened is None else (facts.target, secrets)


async def _start(pane: RdsPane, facts: Facts, secrets: Secrets) -> Attempt | None:
    if facts.instance is None:
        return None
    _refuse_if_read_only(pane)
    if not await flow.start(pane, facts.instance):
        return None
    return await _wait(pane, facts, secrets, STARTED)


async def _wait(
    pane: RdsPane, facts: Facts, secrets: Secrets, goal: Goal = AVAILABLE
) -> Attempt | None:
    if facts.instance is None:
        return None
    available = await flow.wait(pane, facts.instance.identifier, goal)
    return None if available is None else (facts.target, secrets)


def _refuse_if_read_only(pane: RdsPane) -> None:
    if pane.is_read_only:
        raise ServiceError(
            "Read-only mode: nothing is changed in the account.",
            hint="Start without --read-only, or with a profile that is not marked read-only.",
            kind=ErrorKind.READ_ONLY,
        )


_COPIES = {Fix.GRANT}

_DONE_BY: Mapping[Fix, Callable[[RdsPane, Facts, Secrets], Awaitable[Attempt | None]]] = {
    Fix.RETRY: _retry,
    Fix.EDIT: _edit,
    Fix.PASSWORD: _password,
    Fix.TOKEN: _token,
    Fix.TLS: _encrypt,
    Fix.BUNDLE: _fetch_roots,
    Fix.PASSPHRASE: _passphrase,
    Fix.PLAIN: _plain,
    Fix.DATABASES: _databases,
    Fix.HOLDERS: _holders,
    Fix.GRANT: _grant,
    Fix.IAM_ON: _iam_on,
    Fix.PUBLIC: _publish,
    Fix.TUNNEL: _tunnel,
    Fix.RULE: _rule,
    Fix.START: _start,
    Fix.WAIT: _wait,
}
