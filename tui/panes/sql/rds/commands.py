"""The commands that begin the ways to an RDS instance. The ways are loaded when one is gone: with
their dialogs they were a tenth of what the panes waited for at the start."""

from __future__ import annotations

from tui.panes.sql.rds.rds_pane import RdsPane
from tui.services.errors import ServiceError
from tui.services.loading import loaded
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.dialogs.dialogs import Choice, Choose

WAYS = "tui.panes.sql.rds.flow"


@command(verbs.NEW, label="RDS…", asks=True, footer=True)
async def new_or_connect(pane: RdsPane) -> None:
    """Connect to an RDS instance or another server, or create an RDS instance."""
    way = await pane.ask(
        Choose(
            "PostgreSQL",
            [
                Choice("browse", "RDS instances of this region", "connect, inspect", key="i"),
                Choice("create", "Create an RDS instance", key="n"),
                Choice("connect", "Connect to another server", "saved, URL, PG*", key="c"),
            ],
        ),
        follows=True,
    )
    if way == "connect":
        await pane.action_command(verbs.CONNECT.id)
    if way not in {"browse", "create"}:
        return
    await loaded(WAYS)
    from tui.panes.sql.rds import flow

    await (flow.browse(pane) if way == "browse" else flow.create(pane))


@command(verbs.RULE, asks=True, changes=True)
async def inbound_rules(pane: RdsPane) -> None:
    """Pick an RDS instance, see whom its security groups let in, let another address in, or remove
    a rule."""
    pages = [page async for page in pane.services.rds.list_instances()]
    reachable = [each for page in pages for each in page.instances if each.port is not None]
    if not reachable:
        raise ServiceError(
            "No instance in this region has a port yet.", hint="Press n to create one."
        )
    choices = [Choice(each, each.identifier, f"port {each.port}") for each in reachable]
    instance = await pane.ask(Choose("Inbound rules of which instance?", choices), follows=True)
    if instance is not None:
        await loaded(WAYS)
        from tui.panes.sql.rds.inbound import see_inbound

        await see_inbound(pane, pane.services, instance)


RDS_COMMANDS = (new_or_connect, inbound_rules)
