"""What the list of instances says, without an application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from tests.services.rds.instances import instance
from tui.panes.sql.rds.instance_list import InstanceList
from tui.panes.sql.rds.instance_rows import instance_text, role
from tui.panes.sql.rds.known import InstanceWatch, KnownInstances
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import Cluster, InboundRule, Instance, InstancesPage, StatusSeen, waiting
from tui.widgets.grid.cells import Absent, Cell

GROUP = "sg-0123456789abcdef0"


class Quiet(KnownInstances):
    """Follows nothing by itself."""

    def __init__(self, services: Services) -> None:
        async def connect(*_: object, kept: object = None) -> bool:
            raise NotImplementedError

        super().__init__(services, connect=connect, start=_dropped, say=print)


def _dropped(work: Coroutine[Any, Any, None], /, *, group: str) -> None:
    work.close()


@pytest.fixture
def listing(services: Services) -> InstanceList:
    return InstanceList(services, Quiet(services))


def rule(source: str, port: int = 5432) -> InboundRule:
    return InboundRule(GROUP, "tcp", port, port, source, "")


def cluster(**changed: Any) -> Cluster:
    given = {"members": ("a", "b", "c"), "writers": ("b",)} | changed
    return Cluster(
        "c1", "aurora-postgresql", "16.4", "available", created=None, resource_id=None, **given
    )


def shown(cells: list[Any]) -> list[str]:
    return [
        each.text
        if isinstance(each, Cell)
        else each.name
        if isinstance(each, Absent)
        else str(each)
        for each in cells
    ]


def test_who_is_open_to_everybody_is_named_until_it_is_not(listing: InstanceList) -> None:
    open_one, closed = instance("open-one"), instance("closed")
    listing.instances, listing.complete = [open_one, closed], True
    listing.rules = {"open-one": (rule("0.0.0.0/0"), rule("::/0")), "closed": (rule("10.0.0.0/8"),)}
    note = listing.note()
    assert "⚠ open-one: port 5432 is open to ANYWHERE (0.0.0.0/0 in sg-" in note
    assert "::/0 in sg-" in note
    assert "w closes it" in note
    assert "closed" not in note
    assert "ANYWHERE" in shown(listing.row(open_one))
    assert "1 rule" in shown(listing.row(closed))
    listing.rules = {"open-one": (), "closed": ()}
    assert "ANYWHERE" not in listing.note()
    assert "nobody" in shown(listing.row(open_one))


def test_many_open_instances_leave_room_for_the_list(listing: InstanceList) -> None:
    listing.instances = [instance(f"db-{number}") for number in range(20)]
    listing.rules = {each.identifier: (rule("0.0.0.0/0"),) for each in listing.instances}
    assert len(listing.note().splitlines()) == 6
    assert "… 16 more are open" in listing.note()


async def test_what_may_not_be_read_is_unknown_and_hides_nothing(
    listing: InstanceList, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def pages() -> AsyncIterator[InstancesPage]:
        yield InstancesPage((instance("demo"),), None)

    async def denied(*_: object) -> Any:
        raise ServiceError("No.", kind=ErrorKind.DENIED)

    async def denied_pages() -> AsyncIterator[Any]:
        await denied()
        yield ()

    monkeypatch.setattr(services.rds, "list_instances", pages)
    monkeypatch.setattr(services.rds.security_groups, "let_in", denied)
    monkeypatch.setattr(services.rds, "list_clusters", denied_pages)
    assert [page async for page in listing.load()] == [(instance("demo"),)]
    await listing.look_around()
    assert listing.note() == "1 in us-east-1 · n new · i more · y as AWS CLI"
    assert "UNKNOWN" in shown(listing.row(instance("demo")))
    assert "Let in:\n  unknown" in instance_text(instance("demo"))


def test_members_of_a_cluster_are_shown_with_their_role(listing: InstanceList) -> None:
    reader = instance("a", Engine="aurora-postgresql", DBClusterIdentifier="c1")
    writer = instance("b", Engine="aurora-postgresql", DBClusterIdentifier="c1")
    assert role(writer, (cluster(),)) == "writer of c1"
    assert role(reader, (cluster(),)) == "reader of c1"
    assert role(reader, None) == "member of c1"
    assert role(instance(), ()) == ""
    assert role(instance(ReadReplicaSourceDBInstanceIdentifier="x"), ()) == "replica of x"
    listing.instances, listing.clusters = [reader, writer], (cluster(),)
    assert "Cluster c1: available, aurora-postgresql 16.4; writer b; readers a, c" in listing.note()
    assert "writer of c1" in shown(listing.row(writer))


def test_what_is_under_way_stands_in_the_place_of_the_status(listing: InstanceList) -> None:
    now = instance("demo", PendingModifiedValues={"DBInstanceClass": "db.t4g.small"})
    listing.instances = [now]
    assert "available (pending)" in shown(listing.row(now))
    watch = listing.known.watch("demo", waiting.STOPPED)
    watch.see(StatusSeen("demo", "stopping", 1.0, instance("demo", "stopping")))
    assert any(each.startswith("stopping 0:0") for each in shown(listing.row(now)))
    assert "pending" not in str(shown(listing.row(now)))
    watch.end()
    assert "available (pending)" in shown(listing.row(now))


async def test_an_instance_that_is_gone_leaves_the_list(
    listing: InstanceList, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(identifier: str) -> Instance:
        raise ServiceError("It is gone.", kind=ErrorKind.NOT_FOUND)

    monkeypatch.setattr(services.rds, "describe", gone)
    listing.instances = [instance("a"), instance("b")]
    await listing.look_at("a")
    assert [each.identifier for each in listing.instances] == ["b"]
    assert listing.place("a") is None


def test_another_goal_replaces_what_was_waited_for(services: Services) -> None:
    known = Quiet(services)
    first = known.watch("demo")
    second = known.watch("demo", waiting.STOPPED)
    assert first.done
    assert known.under_way("demo") is second
    assert known.busy() == "demo: asked for. What was asked of AWS goes on there."
    second.end()
    assert second.outcome == "demo is stopped."


def test_a_report_is_said_in_the_place_of_the_goal(services: Services) -> None:
    watch = InstanceWatch("demo", services.account.target)
    watch.report = "The snapshot demo is complete."
    watch.end()
    assert watch.outcome == "The snapshot demo is complete."
    watch.end(error=ServiceError("It failed.", hint="[/] Try again."))
    assert "It failed." in watch.outcome
    assert "[/] Try again." in watch.outcome
