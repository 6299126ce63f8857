"""The rules that let somebody in to an instance: see them, add one, remove one."""

from __future__ import annotations

from tui.panes.sql.rds.opening import open_inbound
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.rds import InboundRule, Instance, is_ours
from tui.widgets.command_host import CommandHost
from tui.widgets.dialogs import Choice, Choose, Confirm

_ADD = "add"


async def see_inbound(host: CommandHost, services: Services, instance: Instance) -> None:
    """List the rules for the instance's port, to add one or to remove some.

    Where there is none, or they may not be read, this is the form that adds one.
    """
    while rules := await _rules(services, instance):
        choices = [
            Choice[InboundRule | str](_ADD, "Let another address in…", key="n"),
            *map(_choice, rules),
        ]
        picked = await host.ask(
            Choose(
                f"Inbound rules of {instance.identifier}",
                choices,
                body=f"Who may connect to port {instance.port}. Enter on a rule removes it.",
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


def _choice(rule: InboundRule) -> Choice[InboundRule | str]:
    whose = "added with Tristore" if is_ours(rule) else rule.description
    note = "  ".join(part for part in (rule.ports, rule.group_id, whose) if part)
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
    was_there = await services.rds.close_inbound(rule)
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
        groups = await services.rds.inbound_rules(instance)
    except ServiceError:
        # The form says why they are unknown.
        return []
    port = instance.port
    return [rule for group in groups for rule in (group.open_to(port) if port else group.rules)]
