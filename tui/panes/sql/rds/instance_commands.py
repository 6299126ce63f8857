"""The keys that change the instance under the cursor, and follow it until that is done."""

from __future__ import annotations

from collections.abc import Callable

from tui.panes.sql.rds.cluster_commands import of_cluster, stop_or_start_cluster
from tui.panes.sql.rds.deleting import delete_instance
from tui.panes.sql.rds.instance_list import InstanceList
from tui.panes.sql.rds.known import InstanceWatch, KnownInstances
from tui.panes.sql.rds.modify_form import ask_change
from tui.panes.sql.rds.plan_dialog import choose_copy
from tui.panes.sql.rds.power import question
from tui.panes.sql.rds.snapshots_dialog import see_snapshots
from tui.services.bundle import Services
from tui.services.rds import Instance, waiting
from tui.services.rds.states import Action, why_not
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.dialogs.dialogs import Choice, Choose


class InstancesHost(CommandHost):
    """The list of instances, as its commands see it."""

    services: Services
    known: KnownInstances
    listing: InstanceList

    @property
    def current(self) -> Instance | None:
        """The instance under the cursor."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw what is known now."""
        raise NotImplementedError

    def adopt(self, watch: InstanceWatch) -> None:
        """Show here how far it is and how it ends."""
        raise NotImplementedError


def _some(host: InstancesHost) -> bool:
    return host.current is not None


def _of_current(why: Callable[[Instance], str]) -> Callable[[InstancesHost], str]:
    def instead(host: InstancesHost) -> str:
        return (
            "There is no instance under the cursor." if host.current is None else why(host.current)
        )

    return instead


def _allows(*actions: Action) -> Callable[[InstancesHost], bool]:
    """Whether the instance under the cursor is in a state for one of the actions. What its cluster
    is in a state for is asked when the key is pressed."""

    def when(host: InstancesHost) -> bool:
        instance = host.current
        if instance is None or host.known.under_way(instance.identifier) is not None:
            return False
        if instance.cluster and Action.STOP in actions:
            return True
        return any(not why_not(action, instance) for action in actions)

    return when


def _why_no_power(instance: Instance) -> str:
    return why_not(Action.START if instance.status == "stopped" else Action.STOP, instance)


@command(
    verbs.PAUSE,
    label="Stop/start",
    footer=True,
    asks=True,
    changes=True,
    when=_allows(Action.START, Action.STOP, Action.REBOOT),
    instead=_of_current(_why_no_power),
)
async def stop_or_start(host: InstancesHost) -> None:
    """Stop, start or reboot the instance, or the cluster that it is a member of. AWS starts a
    stopped one again after 7 days, and goes on billing its storage."""
    instance = host.current
    if instance is None:
        return
    if instance.cluster:
        followed = await stop_or_start_cluster(host, host.services, instance)
        if followed is not None:
            _go_on(host, *followed)
        return
    name = instance.identifier
    ways = {
        Action.STOP: ("Stop", "its storage stays billed", "s"),
        Action.START: ("Start", "it is billed for its hours again", "s"),
        Action.REBOOT: ("Reboot", "connections end; it takes about a minute", "r"),
    }
    reasons = {action: why_not(action, instance) for action in ways}
    choices = [
        Choice(action, label, note, key)
        for action, (label, note, key) in ways.items()
        if not reasons[action]
    ]
    picked = await host.ask(
        Choose(f"Stop, start or reboot {name}", choices, body=f"It is {instance.status}."),
        follows=True,
    )
    if picked is None or not await host.ask(question(picked, instance)):
        return
    life = host.services.rds.lifecycle
    if picked is Action.STOP:
        now, goal = await life.stop(name), waiting.STOPPED
    elif picked is Action.REBOOT:
        now, goal = await life.reboot(name), waiting.REBOOTED
    else:
        now, goal = await life.start(name), waiting.STARTED
    _go_on(host, now, goal)


def _go_on(host: InstancesHost, now: Instance, goal: waiting.Goal) -> None:
    host.listing.take(now)
    host.listing.said = ""
    host.adopt(host.known.watch(now.identifier, goal))
    host.draw()


@command(
    verbs.EDIT,
    label="Modify",
    footer=True,
    asks=True,
    changes=True,
    when=_allows(Action.MODIFY),
    instead=_of_current(lambda instance: why_not(Action.MODIFY, instance)),
)
async def modify(host: InstancesHost) -> None:
    """Change the class, the storage (it only grows), public access, backups, the deletion
    protection or the master password, now or in the maintenance window."""
    instance = host.current
    if instance is None:
        return
    # As it is now: what is shown in the form is what is changed.
    instance = await host.services.rds.describe(instance.identifier)
    asked = await ask_change(host, host.services, host.known, instance)
    if asked is None:
        return
    host.listing.take(asked.now)
    if asked.goal is not None:
        _go_on(host, asked.now, asked.goal)
    else:
        host.listing.said = asked.said
        host.draw()


@command(verbs.VERSIONS, label="Snapshots", footer=True, asks=True, when=_some)
async def snapshots(host: InstancesHost) -> None:
    """List the snapshots of the instance, take one, make a new instance from one, delete one. Those
    of a member are its cluster's."""
    if host.current is not None:
        restored = await see_snapshots(host, host.services, host.known, host.current)
        if restored is not None:
            _go_on(host, restored, waiting.AVAILABLE)


def _may_delete(host: InstancesHost) -> bool:
    return host.current is not None and host.current.status != "deleting"


@command(
    verbs.DELETE,
    label="Delete",
    footer=True,
    asks=True,
    changes=True,
    when=_may_delete,
    instead=_of_current(lambda instance: f"{instance.identifier} is being deleted already."),
)
async def delete(host: InstancesHost) -> None:
    """Delete the instance, or the cluster that it is a member of, with a final snapshot or without
    one: what goes and what stays is shown, and its name is typed."""
    if host.current is not None:
        watch = await delete_instance(host, host.services, host.known, host.current)
        if watch is not None:
            host.adopt(watch)
            host.draw()


@command(verbs.COPY_AS, footer=True, asks=True, when=_some)
async def copy_as(host: InstancesHost) -> None:
    """Copy what describes the instance, or what stops, starts, reboots, snapshots or deletes it, as
    a command of the AWS CLI or a program with boto3."""
    instance = host.current
    if instance is None:
        return
    name = instance.identifier
    known = {"DBInstanceIdentifier": name}
    operations: dict[str, tuple[str, dict[str, object]]] = {
        "Describe it": ("DescribeDBInstances", {**known}),
        "Start it": ("StartDBInstance", {**known}),
        "Stop it": ("StopDBInstance", {**known}),
        "Reboot it": ("RebootDBInstance", {**known}),
        "Take a snapshot": (
            "CreateDBSnapshot",
            {**known, "DBSnapshotIdentifier": f"{name}-snapshot"},
        ),
        "Delete it, with a final snapshot": (
            "DeleteDBInstance",
            {**known, "SkipFinalSnapshot": False, "FinalDBSnapshotIdentifier": f"final-{name}"},
        ),
    }
    if instance.cluster:
        operations = {
            "Describe it": operations["Describe it"],
            "Reboot it": operations["Reboot it"],
            **of_cluster(instance.cluster),
        }
    label = await host.ask(
        Choose("Copy as", [Choice(each, each) for each in operations]), follows=True
    )
    if label is not None:
        operation, request = operations[label]
        await choose_copy(host, host.services.account.target, operation, request)


CHANGING = (stop_or_start, modify, snapshots, delete, copy_as)
