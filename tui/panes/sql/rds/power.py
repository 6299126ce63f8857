"""What stopping, starting and rebooting means, before it is asked of RDS."""

from __future__ import annotations

from tui.services.rds import Cluster, Instance
from tui.services.rds.states import Action
from tui.widgets.dialogs.dialogs import Confirm


def question(action: Action, instance: Instance) -> Confirm:
    """The last question before an instance is stopped, started or rebooted."""
    name = instance.identifier
    if action is Action.STOP:
        return Confirm(
            f"Stop {name}?",
            "Everybody who is connected is cut off, and nobody can connect until it is started.\n\n"
            "AWS starts it again by itself after 7 days. Meanwhile its hours are not billed; its "
            "storage, its backups and its snapshots are. Only deleting it ends that (x).",
            yes="Stop",
            danger=True,
        )
    if action is Action.REBOOT:
        return Confirm(
            f"Reboot {name}?",
            "Everybody who is connected is cut off; transactions that are not committed are lost. "
            "It usually takes less than a minute.",
            yes="Reboot",
            danger=True,
        )
    return Confirm(f"Start {name}?", "AWS bills its hours again from when it starts.", yes="Start")


def cluster_question(action: Action, cluster: Cluster) -> Confirm:
    """The last question before a whole cluster is stopped or started."""
    name, members = cluster.identifier, ", ".join(cluster.members)
    if action is Action.STOP:
        return Confirm(
            f"Stop the cluster {name}?",
            f"All of its instances stop ({members}): everybody who is connected is cut off, and "
            "nobody can connect until it is started.\n\nAWS starts it again by itself after 7 "
            "days. Meanwhile its instances are not billed; its storage, its backups and its "
            "snapshots are. Only deleting it ends that (x).",
            yes="Stop",
            danger=True,
        )
    return Confirm(
        f"Start the cluster {name}?",
        f"AWS bills its instances again ({members}) from when they start.",
        yes="Start",
    )
