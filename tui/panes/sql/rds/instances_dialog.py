"""The region's instances with their status: to connect to one, to look at it, to change it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual import on

from tui.panes.sql.rds.following_dialog import FollowingDialog
from tui.panes.sql.rds.inbound import see_inbound
from tui.panes.sql.rds.instance_commands import CHANGING, InstancesHost
from tui.panes.sql.rds.instance_list import InstanceList
from tui.panes.sql.rds.instance_rows import COLUMNS, instance_text
from tui.panes.sql.rds.known import KnownInstances
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import Instance
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.grid.cells import LazyRows
from tui.widgets.grid.grid import Grid
from tui.widgets.text.value_viewer import ValueViewer


@dataclass(frozen=True)
class PickedInstance:
    """What was chosen: an instance, or to create one (None)."""

    instance: Instance | None


class InstancesDialog(FollowingDialog[PickedInstance], InstancesHost):
    """Fills page by page; answers what was picked. What is asked for here is followed here."""

    TITLE_HERE = "RDS instances"

    def __init__(self, services: Services, known: KnownInstances) -> None:
        super().__init__("RDS instances", services, known)
        self.listing = InstanceList(services, known)

    @property
    def instances(self) -> list[Instance]:
        """Those that are listed."""
        return self.listing.instances

    @property
    def current(self) -> Instance | None:
        row = self.grid.current if self.is_mounted else None
        return None if row is None or row >= len(self.instances) else self.instances[row]

    # -- what is shown ----------------------------------------------------------------------------

    def reload(self) -> None:
        self.start(self._load(), group="instances")

    async def _load(self) -> None:
        here = self.current.identifier if self.current else None
        self.note("Loading…")
        self.grid.show(COLUMNS, self._rows([]))
        async for page in self.listing.load():
            self.grid.append(self._rows(page), more=False)
            self.note(self.listing.note())
        self._stand_on(here)
        await self.listing.look_around()
        self.draw()

    def draw(self) -> None:
        """Draw what is known now; the cursor stays on its instance."""
        here = self.current.identifier if self.current else None
        rows = self._rows(self.instances)
        if len(self.grid.rows) == len(rows):
            self.grid.rows = rows
            self.grid.redraw_rows()
        else:
            self.grid.show(COLUMNS, rows)
            self._stand_on(here)
        self.note(self.listing.note())
        self.refresh_bindings()

    def _rows(self, instances: Iterable[Instance]) -> LazyRows[Instance]:
        return LazyRows(instances, self.listing.row)

    def _stand_on(self, identifier: str | None) -> None:
        place = self.listing.place(identifier) if identifier else None
        if place is not None:
            self.grid.move_cursor(place)
        self.refresh_bindings()

    def follow(self) -> None:
        for watch in self.known.waiting:
            if watch.target == self.services.account.target:
                self.adopt(watch)
        if not self.followed:
            return
        for watch in self.take_ended():
            self.listing.said = watch.outcome
            ended = watch.instance
            if self.listing.place(watch.identifier) is None or (ended and ended.cluster):
                # A whole cluster: there are others of it in the list.
                self.reload()
                continue
            self.start(self._look_at(watch.identifier), group=f"look-{watch.identifier}")
        for watch in self.followed:
            if watch.last is not None and watch.last.instance is not None:
                self.listing.take(watch.last.instance)
        self.draw()

    async def _look_at(self, identifier: str) -> None:
        if self.listing.place(identifier) is not None:
            await self.listing.look_at(identifier)
        self.draw()

    def show_error(self, error: ServiceError) -> None:
        self.listing.said = str(error)
        self.note(f"{error}" if not self.listing.instances else self.listing.note())

    # -- commands ---------------------------------------------------------------------------------

    @command(
        verbs.OPEN, label="Connect", footer=True, when=lambda dialog: dialog.current is not None
    )
    def connect(self) -> None:
        """Connect to the instance under the cursor; one that is still being created is waited
        for."""
        instance = self.current
        if instance is None:
            return
        if not instance.speaks_postgres:
            raise ServiceError(
                f"{instance.identifier} is {instance.engine}; only PostgreSQL can be opened here."
            )
        self.dismiss(PickedInstance(instance))

    @command(verbs.INFO, asks=True, when=lambda dialog: dialog.current is not None)
    async def info(self) -> None:
        """Show everything that RDS says about the instance, what is pending, and who is let in."""
        instance = self.current
        if instance is not None:
            text = instance_text(instance, self.listing.rules_of(instance), self.listing.clusters)
            await self.ask(ValueViewer(instance.identifier, text))

    @command(
        verbs.RULE,
        label="Rules",
        asks=True,
        footer=True,
        when=lambda dialog: dialog.current is not None and dialog.current.port is not None,
        instead="An instance has a port, and rules for it, once it is created.",
    )
    async def inbound_rules(self) -> None:
        """See which addresses the instance's security groups let in, let another one in, or remove
        a rule."""
        if self.current is not None:
            await see_inbound(self, self.services, self.current)
            await self.listing.look_around()
            self.draw()

    @command(verbs.NEW, label="New instance", footer=True)
    def new(self) -> None:
        """Create an instance."""
        if self.is_read_only:
            raise ServiceError(
                "Read-only mode: no instance is created.",
                hint="Start without --read-only, or with a profile that is not marked read-only.",
                kind=ErrorKind.READ_ONLY,
            )
        self.dismiss(PickedInstance(None))

    @command(verbs.REFRESH, footer=True)
    def list_again(self) -> None:
        """List the instances again."""
        self.listing.said = ""
        self.reload()

    COMMANDS_HERE = (connect, info, inbound_rules, *CHANGING, new, list_again)

    @on(Grid.Opened)
    async def _double_clicked(self) -> None:
        await self.action_command(verbs.OPEN.id)
