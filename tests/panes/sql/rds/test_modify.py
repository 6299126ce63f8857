"""The form that changes an instance: what differs is sent, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.rds.instances import instance
from tui.panes.sql.rds.class_choice import OTHER, class_of
from tui.panes.sql.rds.modify_form import NOW, WINDOW, ModificationWanted, change_of, form_values
from tui.panes.sql.rds.passwords import GENERATED, KEEP, MANAGED, TYPED
from tui.services.rds import rules
from tui.services.rds.modification import Modification, effects, problems

NOW_AS_IT_IS = instance(BackupRetentionPeriod=1, PubliclyAccessible=True, DeletionProtection=False)

SAME = {
    "instance_class": "db.t4g.micro",
    "other_class": "",
    "storage_gib": "20",
    "backup_days": "1",
    "public": "yes",
    "protected": "",
    "iam": "",
    "password_way": KEEP,
    "password": "",
    "when": WINDOW,
}


@pytest.mark.parametrize(
    ("changed", "change"),
    [
        ({}, Modification()),
        ({"storage_gib": "30", "when": NOW}, Modification(storage_gib=30, now=True)),
        ({"backup_days": "0"}, Modification(backup_days=0)),
        ({"public": ""}, Modification(public=False)),
        ({"protected": "yes"}, Modification(deletion_protection=True)),
        ({"iam": "yes", "when": NOW}, Modification(iam_auth=True, now=True)),
        (
            {"password_way": TYPED, "password": "correct-horse-9"},
            Modification(password="correct-horse-9"),
        ),
        ({"password_way": MANAGED}, Modification(managed=True)),
        (
            {"instance_class": OTHER, "other_class": " db.m7g.large"},
            Modification(instance_class="db.m7g.large"),
        ),
    ],
)
def test_only_what_differs_is_changed(changed: dict[str, str], change: Modification) -> None:
    assert change_of(NOW_AS_IT_IS, SAME | changed) == change


def test_a_generated_password_obeys_the_rules_and_stays_out_of_the_form() -> None:
    change = change_of(NOW_AS_IT_IS, SAME | {"password_way": GENERATED})
    assert rules.password_problem(change.password or "") is None
    assert str(change.password) not in repr(change)
    again = form_values(ModificationWanted(change, GENERATED), NOW_AS_IT_IS)
    assert again["password"] == ""
    assert again["password_way"] == GENERATED


def test_a_typed_password_ends_a_managed_one() -> None:
    managed = instance(MasterUserSecret={"SecretArn": "arn:aws:secretsmanager:x"})
    change = change_of(managed, SAME | {"password_way": TYPED, "password": "correct-horse-9"})
    assert change.managed is False


def test_a_pending_class_is_taken_back_by_choosing_the_present_one() -> None:
    waits = instance(PendingModifiedValues={"DBInstanceClass": "db.t4g.large"})
    change = change_of(waits, SAME | {"backup_days": "", "public": ""})
    assert change.instance_class == "db.t4g.micro"
    assert effects(change, waits)[0] == (
        "The class stays db.t4g.micro: the pending change to db.t4g.large is taken back."
    )


@pytest.mark.parametrize(
    ("changed", "change"),
    [
        ({}, Modification()),
        ({"protected": "yes"}, Modification(deletion_protection=True)),
        ({"when": NOW}, Modification(instance_class="db.t4g.large", now=True)),
    ],
)
def test_a_pending_class_stays_pending_unless_it_is_applied_now(
    changed: dict[str, str], change: Modification
) -> None:
    waits = instance(
        BackupRetentionPeriod=1,
        PubliclyAccessible=True,
        PendingModifiedValues={"DBInstanceClass": "db.t4g.large"},
    )
    opened = SAME | form_values(ModificationWanted(Modification(), KEEP), waits)
    assert opened["instance_class"] == "db.t4g.large"
    assert change_of(waits, opened | changed) == change


def test_iam_login_that_is_pending_is_neither_asked_for_again_nor_forgotten() -> None:
    waits = instance(
        BackupRetentionPeriod=1,
        PubliclyAccessible=True,
        PendingModifiedValues={"IAMDatabaseAuthenticationEnabled": True},
    )
    assert change_of(waits, SAME | {"iam": "yes"}) == Modification()
    back = change_of(waits, SAME)
    assert back == Modification(iam_auth=False)
    assert "no token is taken" in effects(back, waits)[0]
    assert form_values(ModificationWanted(back, KEEP), waits)["iam"] == ""


def test_other_pending_changes_send_no_class_and_can_be_applied_now() -> None:
    waits = instance(
        BackupRetentionPeriod=1,
        PubliclyAccessible=True,
        PendingModifiedValues={"AllocatedStorage": 40},
    )
    assert change_of(waits, SAME) == Modification()
    assert problems(Modification(), waits) == ["Nothing is changed."]
    at_once = change_of(waits, SAME | {"when": NOW})
    assert at_once == Modification(now=True)
    assert problems(at_once, waits) == []
    assert effects(at_once, waits) == ["What is pending is applied now as well: storage in GiB 40."]


def test_of_a_member_of_a_cluster_only_class_and_reach_are_changed() -> None:
    member = instance(DBClusterIdentifier="c", PubliclyAccessible=False)
    values: dict[str, Any] = {
        "instance_class": "db.r7g.large",
        "other_class": "",
        "public": "",
        "when": NOW,
    }
    assert change_of(member, values) == Modification(instance_class="db.r7g.large", now=True)


def test_what_was_entered_comes_back_with_the_form() -> None:
    change = Modification(storage_gib=30, public=False, now=True)
    values = SAME | form_values(ModificationWanted(change, KEEP), NOW_AS_IT_IS)
    assert change_of(NOW_AS_IT_IS, values) == change
    assert class_of(values) == "db.t4g.micro"
