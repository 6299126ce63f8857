"""Who is let in to an instance: the rules seen, one removed, one added."""

from __future__ import annotations

from tui.panes.sql.rds.inbound_form import InboundForm, Opening, form_values
from tui.panes.sql.rds.inbound_marks import about_me, marks_of
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.rds import (
    InboundRule,
    Instance,
    PortOpened,
    is_ours,
)
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.dialogs.dialogs import Choice, Choose, Confirm

_ADD = "add"


# -- letting somebody in --------------------------------------------------------------------------


async def open_inbound(
    host: CommandHost, services: Services, instance: Instance
) -> PortOpened | None:
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
            opened = await services.rds.security_groups.open_postgres(
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


def _report(opened: PortOpened) -> str:
    parts = []
    if opened.added:
        parts.append(f"Port {opened.port} is now open to {', '.join(opened.added)}.")
    if opened.already:
        parts.append(f"Already open to {', '.join(opened.already)}.")
    return " ".join(parts)


# -- the rules that are there ---------------------------------------------------------------------


async def see_inbound(host: CommandHost, services: Services, instance: Instance) -> None:
    """List the rules for the instance's port, to add one or to remove some.

    Where there is none, or they may not be read, this is the form that adds one.
    """
    address = await _my_address(services)
    while rules := await _rules(services, instance):
        marks = marks_of(rules, instance.port, address)
        choices = [
            Choice[InboundRule | str](_ADD, "Let another address in…", key="n"),
            *(_choice(rule, marks.get(rule, "")) for rule in rules),
        ]
        picked = await host.ask(
            Choose(
                f"Inbound rules of {instance.identifier}",
                choices,
                body=f"Who may connect to port {instance.port}. Enter on a rule removes it.\n"
                + about_me(rules, marks, address),
            ),
            follows=True,
        )
        if picked is None:
            return
        if isinstance(picked, str):
            break
        if not await _remove(host, services, instance, picked, others=len(rules) > 1):
            continue
        if len(rules) == 1:
            return
    await open_inbound(host, services, instance)


async def _my_address(services: Services) -> str:
    try:
        return await services.rds.my_address()
    except ServiceError:
        return ""


def _choice(rule: InboundRule, mark: str) -> Choice[InboundRule | str]:
    whose = "added with Tristore" if is_ours(rule) else rule.description
    note = "  ".join(part for part in (rule.ports, mark, rule.group_id, whose) if part)
    return Choice(rule, f"Remove {rule.source}", note)


async def _remove(
    host: CommandHost, services: Services, instance: Instance, rule: InboundRule, *, others: bool
) -> bool:
    """Ask and remove; whether it is gone. The list comes back if there are `others`."""
    if not await host.ask(
        Confirm("Remove this rule?", question(instance, rule), yes="Remove", danger=True),
        follows=lambda yes: others or not yes,
    ):
        return False
    was_there = await services.rds.security_groups.remove(rule)
    host.say(
        f"{rule.group_id} no longer lets in {rule.source}."
        if was_there
        else f"The rule for {rule.source} was gone already."
    )
    return True


def question(instance: Instance, rule: InboundRule) -> str:
    """What removing the rule does, for the last question before it."""
    lines = [
        f"{rule.source} may connect to {rule.ports} of everything that uses {rule.group_id}, "
        f"{instance.identifier} among it. Without the rule it may not, unless another rule lets "
        "it in."
    ]
    if rule.from_port is None or rule.from_port != rule.to_port:
        lines.append(f"This rule is about more than the port of {instance.identifier}.")
    if is_ours(rule):
        lines.append("It was added with Tristore.")
    else:
        about = f" It is described as “{rule.description}”." if rule.description else ""
        lines.append(f"It was not added with Tristore; somebody may need it.{about}")
    return "\n\n".join(lines)


async def _rules(services: Services, instance: Instance) -> list[InboundRule]:
    try:
        groups = await services.rds.security_groups.of(instance)
    except ServiceError:
        # The form says why they are unknown.
        return []
    port = instance.port
    return [rule for group in groups for rule in (group.open_to(port) if port else group.rules)]
