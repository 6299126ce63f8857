"""Inbound rules that were added with this application: they stay when their instance goes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from tui.services.cleanup.models import Found, InventoryEvent, Kind, PartDone, PartUnknown, Resource
from tui.services.cleanup.removal import Removal
from tui.services.cleanup.report import Outcome, Result
from tui.services.cleanup.stores import Stores
from tui.services.errors import ServiceError
from tui.services.rds import inbound
from tui.services.rds.inbound import (
    InboundRule,
    SecurityGroup,
    all_groups,
    is_ours,
    read_groups,
    remove_rule,
)


async def inbound_rules(stores: Stores) -> AsyncIterator[InventoryEvent]:
    """Every rule of the region that was added with this application."""
    try:
        pages = await stores.use("ec2", lambda client: list(all_groups(client)))
    except ServiceError as error:
        yield PartUnknown(Kind.RULE, error)
        return
    for page in pages:
        for resource in _of_groups(page, stores.connection.region):
            yield Found(resource)
    yield PartDone(Kind.RULE)


def _of_groups(groups: Iterable[SecurityGroup], region: str | None) -> Iterable[Resource]:
    for group in groups:
        for rule in group.rules:
            if is_ours(rule):
                yield Resource(
                    kind=Kind.RULE,
                    name=rule_name(rule),
                    region=region,
                    about=(f"in the security group {group.name}", rule.description),
                    detail=rule,
                )


def rule_name(rule: InboundRule) -> str:
    """ "0.0.0.0/0 tcp 5432 sg-0123": who may connect to what."""
    return f"{rule.source} {rule.ports} {rule.group_id}"


async def is_there(stores: Stores, rule: InboundRule) -> bool:
    """Whether the rule is still there. Raises ServiceError."""
    return await stores.use("ec2", lambda client: inbound.is_there(client, rule))


async def open_to(stores: Stores, group_ids: tuple[str, ...], port: int) -> tuple[InboundRule, ...]:
    """The rules of the groups that were made for exactly this port. Raises ServiceError."""
    groups = await stores.use("ec2", lambda client: read_groups(client, group_ids))
    return tuple(
        rule
        for group in groups
        for rule in group.rules
        if rule.from_port == rule.to_port == port and "/" in rule.source
    )


async def remove_inbound_rule(removal: Removal) -> Outcome:
    """Raises ServiceError for what nobody here can say better."""
    rule = removal.step.resource.detail
    if not isinstance(rule, InboundRule):
        raise TypeError("a rule is its own detail")
    removal.progress("removing the rule")
    if not await removal.stores.use("ec2", lambda client: remove_rule(client, rule)):
        return removal.ended(Result.GONE)
    removal.did.append(f"{rule.group_id} no longer lets in {rule.source} ({rule.ports}).")
    return removal.ended(Result.DELETED)
