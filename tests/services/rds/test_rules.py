"""What RDS allows in a name, a password, a range."""

from __future__ import annotations

import dataclasses

import pytest

from tests.services.rds.instances import HOSTILE
from tui.services.rds import NewInstance, rules

GOOD = NewInstance("demo-db", "postgres", "correct-horse-9", database="users")


@pytest.mark.parametrize("text", ["a", "demo", "Demo-DB-1", "a" * 63, "z9"])
def test_identifiers_that_rds_takes(text: str) -> None:
    assert rules.identifier_problem(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "missing"),
        ("a" * 64, "64 characters"),
        ("1a", "start with a letter"),
        ("-a", "start with a letter"),
        ("a-", "end with a hyphen"),
        ("a--b", "two hyphens"),
        ("a_b", "only letters"),
        ("a b", "only letters"),
        ("data\n", "only letters"),
        ("größe", "only letters"),
        ("a١", "only letters"),
        *((text, "only letters") for text in HOSTILE),
    ],
)
def test_identifiers_that_rds_refuses(text: str, said: str) -> None:
    assert said in (rules.identifier_problem(text) or "")


@pytest.mark.parametrize("text", ["postgres", "u", "Anna_1", "a" * 16])
def test_master_users_that_rds_takes(text: str) -> None:
    assert rules.master_user_problem(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "missing"),
        ("a" * 17, "at most 16"),
        ("admin", "reserved"),
        ("ADMIN", "reserved"),
        ("rdsadmin", "reserved"),
        ("user", "reserved"),
        ("Select", "reserved"),
        ("pg_anna", '"pg_"'),
        ("rds_superuser", '"rds_"'),
        ("1anna", "start with a letter"),
        ("_anna", "start with a letter"),
        ("an-na", "only letters"),
        ("anna\n", "only letters"),
        *((text, "only letters") for text in HOSTILE),
    ],
)
def test_master_users_that_rds_refuses(text: str, said: str) -> None:
    assert said in (rules.master_user_problem(text) or "")


@pytest.mark.parametrize(
    "text", ["12345678", "a" * 128, "!#$%&'()*+,-.:;<=>?[\\]^_`{|}~", "[red]pass'w"]
)
def test_passwords_that_rds_takes(text: str) -> None:
    assert rules.password_problem(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "missing"),
        ("1234567", "7 characters"),
        ("a" * 129, "at most 128"),
        ("pass/word", "a slash"),
        ('pass"word', "a double quote"),
        ("pass@word", "an at sign"),
        ("pass word", "a space"),
        ("passwörd", "printable ASCII"),
        ("pass\tword", "printable ASCII"),
        ("password\n", "printable ASCII"),
        ("password\x7f", "printable ASCII"),
    ],
)
def test_passwords_that_rds_refuses(text: str, said: str) -> None:
    problem = rules.password_problem(text) or ""
    assert said in problem
    assert not text or text not in problem


@pytest.mark.parametrize("text", ["", "users", "U", "db1", "a" * 63, "postgres"])
def test_databases_that_rds_takes(text: str) -> None:
    assert rules.database_problem(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a" * 64, "at most 63"),
        ("1db", "start with a letter"),
        ("my-db", "only letters"),
        ("db", "reserved"),
        ("Database", "reserved"),
        ("template1", "reserved"),
        ("rdsadmin", "reserved"),
        ("table", "reserved"),
        *((text, "only letters") for text in HOSTILE),
    ],
)
def test_databases_that_rds_refuses(text: str, said: str) -> None:
    assert said in (rules.database_problem(text) or "")


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("20", True),
        ("65536", True),
        ("19", False),
        ("65537", False),
        ("", False),
        ("20.5", False),
        ("-20", False),
        ("٢٠", False),
        ("9" * 5000, False),
    ],
)
def test_storage_is_a_whole_number_of_gib_in_the_range_of_gp2_and_gp3(
    text: str, good: bool
) -> None:
    assert (rules.storage_problem(text) is None) is good


@pytest.mark.parametrize("text", ["", "sg-01234567", "sg-0123456789abcdef0"])
def test_security_groups_that_are_ids(text: str) -> None:
    assert rules.security_group_problem(text) is None


@pytest.mark.parametrize("text", ["default", "sg-", "sg-xyz", "SG-01234567", *HOSTILE])
def test_security_groups_that_are_not_ids(text: str) -> None:
    assert rules.security_group_problem(text)


def test_a_good_instance_has_no_problems() -> None:
    assert rules.problems(GOOD) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("identifier", "a--b"),
        ("master_user", "admin"),
        ("password", "short"),
        ("database", "db"),
        ("storage_gib", 5),
        ("storage_type", "io1"),
        ("instance_class", "large"),
        ("engine_version", "latest"),
        ("security_group", "default"),
    ],
)
def test_the_problem_is_told_for_the_field_that_has_it(field: str, value: object) -> None:
    bad = dataclasses.replace(GOOD, **{field: value})  # type: ignore[arg-type]  # one field each
    assert list(rules.problems(bad)) == [field]


def test_a_new_instance_does_not_show_its_password() -> None:
    assert GOOD.password not in repr(GOOD)


@pytest.mark.parametrize("name", ["a", "final-1", "A" * 255])
def test_good_snapshot_names(name: str) -> None:
    assert rules.snapshot_name_problems(name) == []


@pytest.mark.parametrize(
    "name", ["", "1a", "-a", "a-", "a--b", "a_b", "a b", "é", "A" * 256, "a\n", "[/]"]
)
def test_bad_snapshot_names(name: str) -> None:
    assert rules.snapshot_name_problems(name)
