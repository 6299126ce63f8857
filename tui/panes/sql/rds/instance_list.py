"""What the list of instances shows: also who is let in, their clusters, what is under way.

No screen in here: the dialog draws it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from tui.panes.sql.rds.instance_rows import cluster_line, exposed_line, row
from tui.panes.sql.rds.known import InstanceWatch, KnownInstances
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import clock_text
from tui.services.rds import Cluster, InboundRule, Instance
from tui.widgets.grid.cells import CellValue

MOST_LINES = 4
"""Exposed instances and clusters that are named above the list, of each."""


class InstanceList:
    """The instances of the region, in the order in which AWS lists them."""

    def __init__(self, services: Services, known: KnownInstances) -> None:
        self.services = services
        self.known = known
        self.instances: list[Instance] = []
        self.complete = False
        self.rules: dict[str, tuple[InboundRule, ...]] | None = None
        """Who is let in to each; None while that is unknown."""
        self.clusters: tuple[Cluster, ...] | None = None
        """None while they are unknown."""
        self.said = ""
        """How the last thing that was under way here ended."""

    async def load(self) -> AsyncIterator[tuple[Instance, ...]]:
        """Read everything anew, page by page. Raises ServiceError."""
        self.instances, self.complete = [], False
        self.rules, self.clusters = None, None
        async for page in self.services.rds.list_instances():
            self.instances += page.instances
            self.complete = page.token is None
            yield page.instances

    async def look_around(self) -> None:
        """Read who is let in, and the clusters. What may not be read stays unknown."""
        await asyncio.gather(self._read_rules(), self._read_clusters())

    async def _read_rules(self) -> None:
        try:
            self.rules = await self.services.rds.security_groups.let_in(tuple(self.instances))
        except ServiceError:
            self.rules = None

    async def _read_clusters(self) -> None:
        try:
            pages = [page async for page in self.services.rds.list_clusters()]
        except ServiceError:
            self.clusters = None
        else:
            self.clusters = tuple(each for page in pages for each in page)

    async def look_at(self, identifier: str) -> None:
        """Read one instance anew; one that is gone leaves the list. Raises ServiceError."""
        try:
            now = await self.services.rds.describe(identifier)
        except ServiceError as error:
            if error.kind is not ErrorKind.NOT_FOUND:
                raise
            self.instances = [each for each in self.instances if each.identifier != identifier]
            return
        self.take(now)
        await self._read_rules()

    def take(self, instance: Instance) -> None:
        """Put an instance as it is now in the place of what was known of it."""
        for number, each in enumerate(self.instances):
            if each.identifier == instance.identifier:
                self.instances[number] = instance
                return
        self.instances.append(instance)

    def place(self, identifier: str) -> int | None:
        """Where an instance stands in the list; None if it does not."""
        names = [each.identifier for each in self.instances]
        return names.index(identifier) if identifier in names else None

    def rules_of(self, instance: Instance) -> tuple[InboundRule, ...] | None:
        """Who is let in to an instance; None if that is unknown."""
        return None if self.rules is None else self.rules.get(instance.identifier)

    def row(self, instance: Instance) -> list[CellValue]:
        """The cells of an instance."""
        watch = self.known.under_way(instance.identifier)
        return row(instance, self.rules_of(instance), self.clusters, doing(watch))

    def note(self) -> str:
        """What stands above the list: how many there are, who is open to everybody, what ended."""
        region = self.services.account.target.region or "this region"
        if self.complete and not self.instances:
            lines = [f"There are no instances in {region}. n creates one."]
        else:
            count = f"{len(self.instances)}{'' if self.complete else '+'} in {region}"
            # The footer has no room for these keys in 80 columns.
            new = "" if self.services.account.read_only else "n new · "
            lines = [f"{count} · {new}i more · y as AWS CLI"]
        exposed = [exposed_line(each, self.rules_of(each)) for each in self.instances]
        lines += _first([f"{line}: w closes it" for line in exposed if line], "more are open")
        lines += _first([cluster_line(each) for each in self.clusters or ()], "more clusters")
        return "\n".join([*lines, self.said] if self.said else lines)


def doing(watch: InstanceWatch | None) -> str:
    """ "stopping 0:12": what is under way, and for how long; empty if nothing is."""
    return "" if watch is None else f"{watch.word} {clock_text(watch.elapsed)}"


def _first(lines: list[str], rest: str) -> list[str]:
    left = len(lines) - MOST_LINES
    return lines if left <= 0 else [*lines[:MOST_LINES], f"… {left} {rest}"]
