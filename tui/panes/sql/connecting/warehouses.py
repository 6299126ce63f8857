"""Redshift in the chooser: its lines, and with what one logs in to it."""

from __future__ import annotations

from dataclasses import replace

from tui.panes.sql.connecting.lines import ConnectionLine, LineGroup
from tui.services.redshift import Warehouse
from tui.services.redshift.models import DEFAULT_DATABASE, DEFAULT_PORT
from tui.services.sql import Auth, DatabaseTarget, SecretSource, SecretStore, from_endpoint
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.dialogs.dialogs import Choice, Choose


def warehouse_line(warehouse: Warehouse, *, sslmode: str) -> ConnectionLine:
    """The line of a cluster or a workgroup; one without an endpoint leads nowhere, and its status
    says why. `sslmode` is the one that is sure to work."""
    target = None
    if warehouse.host is not None:
        target = from_endpoint(
            warehouse.host,
            warehouse.port or DEFAULT_PORT,
            warehouse.database or DEFAULT_DATABASE,
            warehouse.user or "",
            name=warehouse.name,
            sslmode=sslmode,
        )
        if warehouse.user is None:
            target = _without_user(target)
    kind = "serverless" if warehouse.is_serverless else ""
    return ConnectionLine(
        LineGroup.REDSHIFT,
        warehouse.name,
        target,
        status=" · ".join(each for each in (warehouse.status.lower(), kind) if each),
        password="asked for, or temporary" if target else "",
        warehouse=warehouse,
    )


async def ask_way(
    host: CommandHost, warehouse: Warehouse, target: DatabaseTarget
) -> DatabaseTarget | None:
    """Ask with what to log in; the target that does it, None if it was left."""
    identity = "redshift-serverless:GetCredentials"
    ways: list[Choice[DatabaseTarget]] = []
    if warehouse.secret_arn is not None:
        kept = SecretSource(SecretStore.SECRETS_MANAGER, warehouse.secret_arn)
        label = "Secret of Secrets Manager"
        ways.append(Choice(replace(target, secret=kept), label, f"user {target.user}", "s"))
    if target.user:
        ways.append(Choice(target, "Password", f"user {target.user}", "p"))
    temporary = replace(target, auth=Auth.IAM)
    if not warehouse.is_serverless:
        identity = "redshift:GetClusterCredentialsWithIAM"
        if target.user:
            label = f"Temporary, as {target.user}"
            ways.append(Choice(temporary, label, "redshift:GetClusterCredentials", "t"))
    label = "Temporary, as yourself"
    ways.append(Choice(_without_user(temporary), label, identity, "i"))
    return await host.ask(Choose(f"Connect to {warehouse.name}", ways), follows=True)


def _without_user(target: DatabaseTarget) -> DatabaseTarget:
    parameters = {key: value for key, value in target.parameters.items() if key != "user"}
    return replace(target, parameters=parameters)
