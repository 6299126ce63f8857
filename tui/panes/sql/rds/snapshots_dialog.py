"""The snapshots of an instance: take one, follow it, make a new instance from one, delete one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from tui.panes.sql.rds.checks import listed
from tui.panes.sql.rds.class_choice import class_fields, class_of
from tui.panes.sql.rds.deleting import delete_snapshot, followed_as
from tui.panes.sql.rds.following_dialog import FollowingDialog
from tui.panes.sql.rds.known import InstanceWatch, KnownInstances
from tui.panes.sql.rds.plan_dialog import RdsPlanDialog
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.quantities import clock_text
from tui.services.rds import Cluster, Instance, Snapshot, StatusSeen, rules
from tui.services.rds.cluster_states import why_not_cluster
from tui.services.rds.lifecycle import Restore, restoring
from tui.services.rds.states import Action, why_not
from tui.services.rds.waiting import Goal
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.dialogs.dialogs import AskText
from tui.widgets.dialogs.forms import FlagField, FormDialog, NoteField, TextField, Values
from tui.widgets.grid.cells import Absent, CellValue, Column

COLUMNS = (
    Column("Snapshot", max_width=80),
    Column("Status"),
    Column("Taken"),
    Column("Storage"),
    Column("Engine"),
)

COMPLETE = Goal("complete", lambda _: False, "A first snapshot can take many minutes.")

_BILLED = "AWS bills a snapshot by the size of its data, for as long as it exists."


class SnapshotsDialog(FollowingDialog[Instance]):
    """Answers the instance that is being made from a snapshot, if one is."""

    TITLE_HERE = "RDS snapshots"

    def __init__(
        self,
        services: Services,
        known: KnownInstances,
        instance: Instance,
        cluster: Cluster | None = None,
    ) -> None:
        """`cluster` is that of a member: only of the whole of it are there snapshots."""
        self.of = instance.identifier if cluster is None else cluster.identifier
        noun = "" if cluster is None else "the cluster "
        super().__init__(f"Snapshots of {noun}{self.of}", services, known)
        self.instance = instance
        self.cluster = cluster
        self.snapshots: list[Snapshot] = []
        self._said = ""

    @property
    def current(self) -> Snapshot | None:
        """The snapshot under the cursor."""
        row = self.grid.current if self.is_mounted else None
        return None if row is None or row >= len(self.snapshots) else self.snapshots[row]

    @property
    def why_none_now(self) -> str:
        """Why no snapshot can be taken now; empty if one can."""
        if self.cluster is None:
            return why_not(Action.SNAPSHOT, self.instance)
        return why_not_cluster(Action.SNAPSHOT, self.cluster)

    @property
    def why_no_restore(self) -> str:
        """Why the snapshot under the cursor cannot be restored here; empty if it can."""
        if self.cluster is not None:
            return (
                "A cluster's snapshot makes a cluster, which has no form here: aws rds "
                "restore-db-cluster-from-snapshot, then create-db-instance."
            )
        good = self.current is not None and self.current.status == "available"
        return "" if good else "Only a snapshot that is available can be restored."

    def reload(self) -> None:
        self.start(self._load(), group="snapshots")

    async def _load(self) -> None:
        self.note("Loading…")
        rds = self.services.rds
        listed = rds.list_snapshots if self.cluster is None else rds.clusters.list_snapshots
        pages = listed(of=self.of)
        self.snapshots = [each async for page in pages for each in page]
        self._draw()

    def _draw(self) -> None:
        here = self.grid.current or 0
        rows = [self._row(each) for each in self.snapshots]
        self.grid.show(COLUMNS, rows, cursor=min(here, max(len(rows) - 1, 0)))
        count = len(self.snapshots)
        text = f"{count} made by hand. {_BILLED}" if count else f"None was made by hand. {_BILLED}"
        self.note(f"{text}\n{self._said}" if self._said else text)
        self.refresh_bindings()

    def _row(self, snapshot: Snapshot) -> list[CellValue]:
        watch = self.known.under_way(followed_as(snapshot.name))
        status = snapshot.status
        if watch is not None:
            status = f"{watch.word} {clock_text(watch.elapsed)}"
        elif status == "creating" and snapshot.percent is not None:
            status = f"creating {snapshot.percent} %"
        return [
            snapshot.name,
            status or Absent.UNKNOWN,
            f"{snapshot.created:%Y-%m-%d %H:%M} UTC" if snapshot.created else Absent.UNKNOWN,
            Absent.UNKNOWN if snapshot.storage_gib is None else f"{snapshot.storage_gib} GiB",
            f"{snapshot.engine} {snapshot.engine_version or ''}".rstrip(),
        ]

    def follow(self) -> None:
        names = {followed_as(each.name) for each in self.snapshots}
        for watch in self.known.waiting:
            if watch.identifier in names and watch.target == self.services.account.target:
                self.adopt(watch)
        if not self.followed:
            return
        ended = self.take_ended()
        if ended:
            self._said = "\n".join(watch.outcome for watch in ended)
            self.reload()
        else:
            self._draw()

    def show_error(self, error: ServiceError) -> None:
        self._said = str(error)
        self.note(str(error))

    # -- commands ---------------------------------------------------------------------------------

    @command(
        verbs.NEW,
        label="Take one…",
        footer=True,
        asks=True,
        changes=True,
        when=lambda dialog: not dialog.why_none_now,
        instead=lambda dialog: dialog.why_none_now,
    )
    async def take(self) -> None:
        """Take a snapshot of the instance or the cluster now. It serves meanwhile."""
        offered = f"{self.of}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        name = await self.ask(
            AskText(
                "Take a snapshot",
                f"Its name. {_BILLED} With one availability zone, writing pauses for some seconds.",
                value=offered,
                check=rules.snapshot_name_problems,
            )
        )
        if not name:
            return
        rds, of_cluster = self.services.rds, self.cluster is not None
        changes = rds.clusters if of_cluster else rds.lifecycle
        taken = await changes.take_snapshot(self.of, name)
        self.snapshots.append(taken)

        async def looks(watch: InstanceWatch) -> AsyncIterator[StatusSeen]:
            async for each in rds.wait_for_snapshot(taken.name, of_cluster=of_cluster):
                percent = "" if each.percent is None else f" {each.percent} %"
                yield StatusSeen(each.name, f"{each.status}{percent}", watch.elapsed, None)

        self.adopt(self.known.follow(followed_as(taken.name), COMPLETE, looks))
        self._draw()

    @command(
        verbs.RESTORE,
        label="New instance…",
        footer=True,
        asks=True,
        changes=True,
        when=lambda dialog: dialog.current is not None and not dialog.why_no_restore,
        instead=lambda dialog: dialog.why_no_restore,
    )
    async def restore(self) -> None:
        """Make a new instance with the data of the snapshot; the present one stays as it is."""
        if self.current is None:
            return
        restored = await ask_restore(self, self.services, self.instance, self.current)
        if restored is not None:
            self.dismiss(restored)

    @command(
        verbs.DELETE,
        label="Delete…",
        footer=True,
        asks=True,
        changes=True,
        when=lambda dialog: dialog.current is not None,
        instead="There is no snapshot under the cursor.",
    )
    async def delete(self) -> None:
        """Delete the snapshot under the cursor, after its name is typed."""
        if self.current is not None:
            watch = await delete_snapshot(self, self.services, self.known, self.current)
            if watch is not None:
                self.adopt(watch)
                self._draw()

    @command(verbs.REFRESH, footer=True)
    def list_again(self) -> None:
        """List the snapshots again."""
        self._said = ""
        self.reload()

    COMMANDS_HERE = (take, restore, delete, list_again)


async def see_snapshots(
    host: CommandHost, services: Services, known: KnownInstances, instance: Instance
) -> Instance | None:
    """List the snapshots of an instance, or of its cluster; what is being made from one, if
    anything."""
    cluster = None
    if instance.cluster:
        cluster = await services.rds.clusters.describe(instance.cluster)
    return await host.ask(SnapshotsDialog(services, known, instance, cluster))


class RestoreForm(FormDialog[Restore]):
    """Answers what to make from a snapshot; nothing is sent from here."""

    def __init__(
        self, instance: Instance, snapshot: Snapshot, first: Restore | None, problem: str
    ) -> None:
        self.instance = instance
        self.snapshot = snapshot
        self.problem = problem
        chosen = first.instance_class if first else instance.instance_class or ""
        super().__init__(
            f"New instance from {snapshot.name}",
            [
                NoteField(
                    "It has the data, the master user and the password of when the snapshot was "
                    "taken. It is billed as any other instance, beside the one that there is.",
                    warning=True,
                ),
                TextField(
                    "identifier",
                    "Identifier",
                    first.identifier if first else f"{instance.identifier[:54]}-restored",
                    check=listed(rules.identifier_problem),
                ),
                *class_fields(chosen, {}),
                FlagField(
                    "public", "Public access", bool(first.public if first else instance.public)
                ),
                FlagField(
                    "protected", "Deletion protection", bool(first and first.deletion_protection)
                ),
            ],
            submit=self._answer,
            submit_label="Next",
        )

    def on_mount(self) -> None:
        self.tell(self.problem)

    async def _answer(self, values: Values) -> Restore:
        return Restore(
            self.snapshot.name,
            values["identifier"],
            class_of(values),
            public=bool(values["public"]),
            security_groups=self.instance.security_groups,
            subnet_group=self.instance.subnet_group,
            deletion_protection=bool(values["protected"]),
        )


async def ask_restore(
    host: CommandHost, services: Services, instance: Instance, snapshot: Snapshot
) -> Instance | None:
    """Ask what to make from a snapshot and send it; None if it was left."""
    wanted: Restore | None = None
    problem = ""
    while True:
        wanted = await host.ask(RestoreForm(instance, snapshot, wanted, problem), follows=True)
        if wanted is None:
            return None
        groups = ", ".join(wanted.security_groups) or "default group of the VPC"
        plan = RdsPlanDialog(
            "Create this instance?",
            f"Identifier      {wanted.identifier.lower()}\n"
            f"From            {snapshot.name}\n"
            f"Class           {wanted.instance_class}\n"
            f"Public access   {'yes' if wanted.public else 'no'}\n"
            f"Subnet group    {wanted.subnet_group or 'of the default VPC'}\n"
            f"Security group  {groups}\n\n"
            "AWS bills its hours from when it is available, and its storage until it is deleted.",
            yes="Create",
            target=services.account.target,
            operation="RestoreDBInstanceFromDBSnapshot",
            request={**restoring(wanted)},
        )
        if not await host.ask(plan):
            problem = ""
            continue
        try:
            return await services.rds.lifecycle.restore(wanted)
        except ServiceError as error:
            problem = str(error)
