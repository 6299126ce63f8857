"""What is known of databases as resources: sizes, facts, and what protects them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.services.dynamodb.samples import table
from tests.services.rds.instances import instance
from tui.services.cleanup import ProtectionKind, Resource
from tui.services.cleanup.cluster_inventory import GIB, snapshot_resource
from tui.services.cleanup.database_inventory import instance_resource, rule_name, table_resource
from tui.services.cleanup.plan import default_options
from tui.services.rds import InboundRule, Snapshot

REGION = "us-east-1"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def kinds(resource: Resource) -> list[ProtectionKind]:
    return [each.kind for each in resource.protections or ()]


def test_an_instance_tells_its_storage_and_who_hangs_on_it() -> None:
    source = instance(
        "one",
        DbiResourceId="db-ONE",
        ReadReplicaDBInstanceIdentifiers=["copy"],
        DBInstanceClass="db.t3.micro",
    )
    resource = instance_resource(source, REGION)
    assert (resource.identity, resource.size_bytes) == ("db-ONE", 20 * GIB)
    assert resource.about == ("postgres 17.4", "db.t3.micro", "replicas: copy")
    assert kinds(resource) == []


def test_the_storage_of_a_member_belongs_to_its_cluster() -> None:
    member = instance(Engine="postgres", DBClusterIdentifier="multi-az", AllocatedStorage=100)
    resource = instance_resource(member, REGION)
    assert resource.size_bytes is None
    assert kinds(resource) == [ProtectionKind.CLUSTER]


def test_one_that_is_still_being_created_cannot_be_deleted_yet() -> None:
    (protection,) = instance_resource(instance(status="creating"), REGION).protections or ()
    assert protection.what == "It cannot be deleted now: it is still being created."
    assert not protection.liftable


def test_deletion_protection_may_be_turned_off() -> None:
    protected = (
        instance_resource(instance(DeletionProtection=True), REGION),
        table_resource(replace(table(), deletion_protection=True), REGION),
    )
    for resource in protected:
        (protection,) = resource.protections or ()
        assert protection.kind is ProtectionKind.DELETION_PROTECTION
        assert protection.liftable


@pytest.mark.parametrize("state", ["failed", "incompatible-restore", "incompatible-network"])
def test_a_broken_instance_skips_the_snapshot(state: str) -> None:
    broken = instance_resource(instance(status=state), REGION)
    assert default_options(broken, NOW).final_snapshot is None


def test_an_instance_that_can_have_a_final_snapshot_gets_one() -> None:
    options = default_options(instance_resource(instance("one"), REGION), NOW)
    assert options.final_snapshot == "final-one-20260102-030405"
    replica = instance(ReadReplicaSourceDBInstanceIdentifier="one")
    assert default_options(instance_resource(replica, REGION), NOW).final_snapshot is None


@pytest.mark.parametrize(
    ("state", "protected"),
    [("available", False), ("failed", False), ("deleting", False), ("", False), ("copying", True)],
)
def test_a_snapshot_is_deleted_once_it_is_made(state: str, protected: bool) -> None:
    made = Snapshot("kept", "one", "postgres", "17.4", state, 20, NOW)
    resource = snapshot_resource(made, REGION)
    assert kinds(resource) == ([ProtectionKind.STATE] if protected else [])
    assert resource.about == ("of one", "postgres 17.4")
    # RDS gives snapshots no id: one made anew under the name is younger.
    assert resource.identity == NOW.isoformat()


def test_a_table_names_the_other_regions_of_a_global_table() -> None:
    everywhere = replace(table(), replica_regions=(REGION, "eu-west-1"))
    assert table_resource(everywhere, REGION).about == ("global table, also in eu-west-1",)
    assert table_resource(replace(table(), replica_regions=(REGION,)), REGION).about == ()


@pytest.mark.parametrize(("status", "blocked"), [("ACTIVE", False), ("UPDATING", True)])
def test_a_table_that_is_changing_is_left_alone(status: str, blocked: bool) -> None:
    resource = table_resource(replace(table(), status=status), REGION)
    assert kinds(resource) == ([ProtectionKind.STATE] if blocked else [])


def test_a_table_without_an_id_is_told_apart_by_when_it_was_made() -> None:
    made = replace(table(), created=NOW)
    assert table_resource(made, REGION).identity == NOW.isoformat()
    assert table_resource(replace(made, table_id="a-b"), REGION).identity == "a-b"


def test_a_rule_is_named_by_who_may_connect_to_what() -> None:
    rule = InboundRule("sg-1", "tcp", 5432, 5432, "0.0.0.0/0", "")
    assert rule_name(rule) == "0.0.0.0/0 tcp 5432 sg-1"
