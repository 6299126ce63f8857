"""What the keys of the list do for a member of a cluster: they act on the cluster, where RDS leaves
no other way."""

from __future__ import annotations

from tui.panes.sql.rds.power import cluster_question, question
from tui.services.bundle import Services
from tui.services.rds import Instance, waiting
from tui.services.rds.cluster_states import why_not_cluster
from tui.services.rds.states import Action, why_not
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.dialogs.dialogs import Choice, Choose

Followed = tuple[Instance, waiting.Goal]
"""The instance that was under the cursor, and what it is waited for."""


async def stop_or_start_cluster(
    host: CommandHost, services: Services, member: Instance
) -> Followed | None:
    """Ask for the cluster of an instance to be stopped or started, or for the instance alone to be
    rebooted. None if nothing was asked for. Raises ServiceError."""
    cluster = await services.rds.clusters.describe(member.cluster or "")
    name, count = cluster.identifier, len(cluster.members)
    all_of_it = f"all of its {count} instances" if count > 1 else "its one instance"
    ways = {
        Action.STOP: ("Stop the cluster", f"{all_of_it}; storage stays billed", "s"),
        Action.START: ("Start the cluster", f"{all_of_it}; billed again", "s"),
    }
    reasons = {action: why_not_cluster(action, cluster) for action in ways}
    choices = [
        Choice(action, label, note, key)
        for action, (label, note, key) in ways.items()
        if not reasons[action]
    ]
    if not why_not(Action.REBOOT, member):
        note = f"{member.identifier} alone; connections to it end"
        choices.append(Choice(Action.REBOOT, "Reboot", note, "r"))
    lines = [
        f"{member.identifier} is {member.status}; its cluster {name} is {cluster.status}.",
        *([] if any(not why for why in reasons.values()) else [reasons[Action.STOP]]),
    ]
    title = f"Stop, start or reboot {member.identifier}"
    picked = await host.ask(Choose(title, choices, body="\n".join(lines)), follows=True)
    if picked is None:
        return None
    if picked is Action.REBOOT:
        if not await host.ask(question(picked, member)):
            return None
        return await services.rds.lifecycle.reboot(member.identifier), waiting.REBOOTED
    if not await host.ask(cluster_question(picked, cluster)):
        return None
    if picked is Action.STOP:
        await services.rds.clusters.stop(name)
        return await services.rds.describe(member.identifier), waiting.STOPPED
    await services.rds.clusters.start(name)
    return await services.rds.describe(member.identifier), waiting.STARTED


def of_cluster(name: str) -> dict[str, tuple[str, dict[str, object]]]:
    """What can be copied of a cluster: label -> operation of the API and its parameters."""
    known = {"DBClusterIdentifier": name}
    return {
        f"Describe the cluster {name}": ("DescribeDBClusters", {**known}),
        "Start the cluster": ("StartDBCluster", {**known}),
        "Stop the cluster": ("StopDBCluster", {**known}),
        "Take a snapshot of the cluster": (
            "CreateDBClusterSnapshot",
            {**known, "DBClusterSnapshotIdentifier": f"{name}-snapshot"},
        ),
        "Delete the cluster once its instances are gone": (
            "DeleteDBCluster",
            {**known, "SkipFinalSnapshot": False, "FinalDBSnapshotIdentifier": f"final-{name}"},
        ),
    }
