"""The verbs of the SQL pane that are about RDS instances."""

from __future__ import annotations

from tui.panes.sql.rds import flow
from tui.panes.sql.rds.host import RdsPane
from tui.widgets import verbs
from tui.widgets.dialogs import Choice, Choose
from tui.widgets.old_command import OldCommand


class NewOrConnect(OldCommand[RdsPane]):
    """Connect to an RDS instance or another server, or create an RDS instance."""

    verb = verbs.NEW
    asks = True
    footer = True
    label = "RDS…"

    async def run(self, host: RdsPane) -> None:
        way = await host.ask(
            Choose(
                "PostgreSQL",
                [
                    Choice("browse", "RDS instances of this region", "connect, inspect", key="i"),
                    Choice("create", "Create an RDS instance", key="n"),
                    Choice("connect", "Connect to another server", "URL, PG*", key="c"),
                ],
            ),
            follows=True,
        )
        if way == "browse":
            await flow.browse(host)
        elif way == "create":
            await flow.create(host)
        elif way == "connect":
            await host.action_command(verbs.CONNECT.id)


class OpenInbound(OldCommand[RdsPane]):
    """Pick an RDS instance, see whom its security groups let in, let another address in, or remove
    a rule."""

    verb = verbs.RULE
    asks = True
    changes = True

    async def run(self, host: RdsPane) -> None:
        await flow.let_in(host)


RDS_COMMANDS = (NewOrConnect, OpenInbound)
