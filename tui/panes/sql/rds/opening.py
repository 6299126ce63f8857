"""Let somebody in: the form, the question about the whole internet, the rule."""

from __future__ import annotations

from tui.panes.sql.rds.inbound_form import InboundForm, Opening, form_values
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.rds import Instance, Opened
from tui.widgets.command_host import CommandHost
from tui.widgets.dialogs import Confirm


async def open_inbound(host: CommandHost, services: Services, instance: Instance) -> Opened | None:
    """Ask whom to let in and do it; None if the user left it as it was.

    What fails is said in the form, which comes back with what was entered.
    """
    values: dict[str, str] = {}
    problem = ""
    while True:
        opening = await host.ask(
            InboundForm(services, instance, values, problem),
            follows=lambda opening: opening.anywhere,
        )
        if opening is None:
            return None
        values, problem = form_values(opening), ""
        if opening.anywhere and not await _is_meant(host, instance, opening):
            continue
        try:
            opened = await services.rds.open_postgres(
                instance, opening.sources, group_id=opening.group_id or None
            )
        except ServiceError as error:
            problem = str(error)
            continue
        host.say(_report(opened))
        return opened


async def _is_meant(host: CommandHost, instance: Instance, opening: Opening) -> bool:
    answer = await host.ask(
        Confirm(
            "Open to the whole internet?",
            f"Port {instance.port} of everything that uses {opening.group_id} will take "
            f"connections from {' and '.join(opening.sources)}: from anybody. Only the password "
            "protects the data then, and such ports are found and tried within minutes.",
            yes="Open to everybody",
            danger=True,
        ),
        follows=lambda yes: not yes,
    )
    return bool(answer)


def _report(opened: Opened) -> str:
    parts = []
    if opened.added:
        parts.append(f"Port {opened.port} is now open to {', '.join(opened.added)}.")
    if opened.already:
        parts.append(f"Already open to {', '.join(opened.already)}.")
    return " ".join(parts)
