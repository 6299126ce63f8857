"""What may be done in which state, what a change does, and the commands for it."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Any

import pytest

from tests.services.rds.instances import instance
from tui.services.aws import Target
from tui.services.rds import NewInstance, rules, snippets, waiting
from tui.services.rds.answers import to_cluster
from tui.services.rds.changes import creation
from tui.services.rds.lifecycle import Restore, restoring
from tui.services.rds.models import Instance
from tui.services.rds.modification import (
    Modification,
    effects,
    is_applied,
    is_carried_out,
    modifying,
    pending_text,
    problems,
)
from tui.services.rds.states import Action, why_not

TARGET = Target("dev profile", "eu-west-1", None)


@pytest.mark.parametrize(
    ("action", "status", "said"),
    [
        (Action.STOP, "available", ""),
        (Action.STOP, "stopped", "stopped already"),
        (Action.STOP, "creating", "only while it is available"),
        (Action.START, "stopped", ""),
        (Action.START, "available", "available already"),
        (Action.REBOOT, "stopped", "p starts it first"),
        (Action.MODIFY, "storage-full", ""),
        (Action.MODIFY, "stopped", "p starts it first"),
        (Action.SNAPSHOT, "stopped", "a snapshot is taken only while it is available"),
    ],
)
def test_a_state_allows_it_or_says_why_not(action: Action, status: str, said: str) -> None:
    found = why_not(action, instance("demo", status))
    assert bool(found) == bool(said)
    assert said in found


@pytest.mark.parametrize("action", [Action.START, Action.STOP, Action.SNAPSHOT])
def test_what_does_not_apply_to_a_member_names_the_command_for_its_cluster(action: Action) -> None:
    member = instance("m", Engine="aurora-postgresql", DBClusterIdentifier="c")
    assert "member of the cluster c" in why_not(action, member)
    assert "aws rds " in why_not(action, member)
    assert why_not(Action.REBOOT, member) == ""


@pytest.mark.parametrize(
    "answer",
    [
        {"ReadReplicaSourceDBInstanceIdentifier": "other"},
        {"ReadReplicaDBInstanceIdentifiers": ["other"]},
    ],
)
def test_replicas_and_their_sources_are_not_stopped(answer: dict[str, Any]) -> None:
    assert "other" in why_not(Action.STOP, instance("demo", **answer))


def test_the_writer_of_a_cluster_is_told_from_its_readers() -> None:
    cluster = to_cluster(
        {
            "DBClusterIdentifier": "c",
            "DBClusterMembers": [
                {"DBInstanceIdentifier": "a", "IsClusterWriter": False},
                {"DBInstanceIdentifier": "b", "IsClusterWriter": True},
            ],
        }
    )
    assert (cluster.members, cluster.writers) == (("a", "b"), ("b",))


def pending(**values: object) -> Instance:
    return instance(PendingModifiedValues=values)


def test_what_is_pending_is_shown_without_a_password() -> None:
    now = pending(MasterUserPassword="****", DBInstanceClass="db.t4g.small")
    assert pending_text(now) == "class db.t4g.small, master password"
    assert pending_text(instance()) == ""


def test_a_change_is_carried_out_when_it_is_so_or_pending_and_applied_when_nothing_is() -> None:
    change = Modification(storage_gib=30, public=True, now=True)
    assert not is_carried_out(change, instance())
    waits = instance(PubliclyAccessible=True, PendingModifiedValues={"AllocatedStorage": 33})
    assert is_carried_out(change, waits)
    assert not is_applied(change, waits)
    done = instance(PubliclyAccessible=True, AllocatedStorage=33)
    assert is_applied(change, done)
    assert not is_applied(change, instance(status="modifying", AllocatedStorage=33))


def test_a_change_that_rds_would_refuse_is_a_problem() -> None:
    now = instance()
    assert problems(Modification(now=True), now) == ["Nothing is changed."]
    shrunk = instance(AllocatedStorage=100)
    assert "only grows: it has 100 GiB" in problems(Modification(storage_gib=50), shrunk)[0]
    for wrong in (
        Modification(instance_class="t3"),
        Modification(backup_days=36),
        Modification(password="short"),
        Modification(managed=True, password="long-enough-9"),
    ):
        assert len(problems(wrong, now)) == 1


def test_effects_name_the_outage_the_window_and_what_comes_along() -> None:
    now = instance(
        PreferredMaintenanceWindow="wed:06:38-wed:07:08",
        BackupRetentionPeriod=7,
        PendingModifiedValues={"AllocatedStorage": 40},
    )
    later = "\n".join(effects(Modification(instance_class="db.t4g.small", backup_days=0), now))
    assert "out of service" in later
    assert "in the window wed:06:38-wed:07:08" in later
    assert "deletes the automated backups" in later
    at_once = "\n".join(effects(Modification(public=True, now=True), now))
    assert "pending is applied now as well: storage in GiB 40" in at_once


def test_a_generated_password_obeys_the_rules_and_needs_no_quotes() -> None:
    made = {rules.new_password() for _ in range(20)}
    assert len(made) == 20
    for password in made:
        assert rules.password_problem(password) is None
        assert shlex.quote(password) == password


NEW = NewInstance("Demo", "anna", "very-secret-9", database="shop", security_group="sg-0123456789")


def test_the_command_asks_for_the_password_and_never_has_it() -> None:
    command = snippets.cli(TARGET, "CreateDBInstance", creation(NEW))
    assert NEW.password not in command
    assert 'printf %s "$MASTER_PASSWORD" | aws rds create-db-instance' in command
    assert "--master-user-password file:///dev/stdin" in command
    assert "--db-instance-identifier demo" in command
    assert "--no-multi-az" in command
    assert "--vpc-security-group-ids sg-0123456789" in command
    assert "--profile 'dev profile'" in command
    assert "max-allocated-storage" not in command
    program = snippets.boto3(TARGET, "CreateDBInstance", creation(NEW))
    assert NEW.password not in program
    assert "MasterUserPassword=getpass('Master password: ')," in program
    compile(program, "program", "exec")


def test_a_managed_password_is_asked_of_rds() -> None:
    request = creation(NewInstance("demo", "anna", managed=True))
    assert "MasterUserPassword" not in request
    command = snippets.cli(TARGET, "CreateDBInstance", request)
    assert "--manage-master-user-password" in command
    assert "MASTER_PASSWORD" not in command


def test_hostile_text_stays_one_word_of_the_command() -> None:
    request = modifying("x; rm -rf ~\x15", Modification(public=False))
    command = snippets.cli(TARGET, "ModifyDBInstance", request)
    assert command.isprintable() or "\n" in command
    assert "\x15" not in command
    assert "--no-publicly-accessible" in command
    assert r"$'x; rm -rf ~\x15'" in command


async def test_an_instance_that_is_available_again_was_not_stopped() -> None:
    seen = iter(["available", "stopping", "available"])

    async def describe(name: str) -> Instance:
        return instance(name, next(seen))

    async def at_once(_: float) -> None: ...

    looks = waiting.watch("demo", describe, waiting.AWS_PAUSES, at_once, goal=waiting.STOPPED)
    with pytest.raises(Exception, match="was not stopped"):
        async for _ in looks:
            pass


def test_a_copy_is_made_in_the_network_of_the_instance() -> None:
    """Security groups belong to one VPC, and the subnet group says which it is."""
    group = {"DBSubnetGroupName": "inner", "VpcId": "vpc-1", "Subnets": []}
    found = instance("demo", DBSubnetGroup=group)
    wanted = Restore(
        "kept",
        "copy",
        "db.t3.micro",
        security_groups=found.security_groups,
        subnet_group=found.subnet_group,
    )
    request = restoring(wanted)
    assert request.get("DBSubnetGroupName") == "inner"
    assert request.get("VpcSecurityGroupIds") == list(found.security_groups)
    assert "DBSubnetGroupName" not in restoring(replace(wanted, subnet_group=None))
