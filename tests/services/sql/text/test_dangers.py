"""Statements that are asked about before they run."""

from __future__ import annotations

import pytest

from tui.services.sql import split
from tui.services.sql.text.dangers import danger, fits_transaction


def danger_of(text: str) -> str:
    (statement,) = split(text)
    return danger(statement)


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("delete from t", "DELETE without WHERE"),
        ("DELETE FROM ONLY s.t USING u", "DELETE without WHERE"),
        ("-- tidy up\nupdate t set a = 1", "UPDATE without WHERE"),
        ("update t set a = (select b from u where u.id = 1)", "UPDATE without WHERE"),
        ("update t set a = 'where'", "UPDATE without WHERE"),
        ('update t set "where" = 1', "UPDATE without WHERE"),
        ("delete from t /* where id = 1 */", "DELETE without WHERE"),
        ("with d as (delete from t returning *) select * from d where a = 1", "DELETE without"),
        ("with x as (select 1 where true) update t set a = 1 from x", "UPDATE without WHERE"),
        ("explain analyze delete from t", "DELETE without WHERE"),
        ("delete from t returning *", "DELETE without WHERE"),
        ("truncate t", "TRUNCATE"),
        ("drop table t", "DROP TABLE"),
        ("DROP SCHEMA s CASCADE", "DROP SCHEMA"),
        ("drop database d", "DROP DATABASE"),
        ("alter table t drop column c", "DROP COLUMN"),
        ("alter table t drop c", "DROP COLUMN"),
        ("alter table t add d int, drop column if exists c", "DROP COLUMN"),
    ],
)
def test_what_goes_for_every_row_or_removes_a_thing_is_named(text: str, begins: str) -> None:
    assert danger_of(text).startswith(begins)


@pytest.mark.parametrize(
    "text",
    [
        "select 1",
        "delete from t where id = 1",
        "update t set a = 1 where id in (select id from u)",
        "with d as (delete from t where a = 1 returning *) select * from d",
        "with x as (select 1) delete from t using x where true",
        "with x as (select 1, 2, update from t) delete from t using x where true",
        "explain delete from t",
        "select * from t for update",
        "insert into t values (1) on conflict (id) do update set a = 1",
        "create table u (id int references t on delete cascade on update cascade)",
        "create trigger g before insert or update or delete on t execute function f()",
        "grant select, update, delete on t to u",
        "alter table t alter column c drop default",
        "alter table t alter c drop not null",
        "alter table t drop constraint k",
        "create function f() returns void language sql begin atomic delete from t; end",
        "select drop_it, truncate_it, delete from t",
        "comment on table t is 'delete from t'",
        "insert into t select 1",
    ],
)
def test_what_is_usual_is_not(text: str) -> None:
    assert danger_of(text) == ""


@pytest.mark.parametrize(
    ("text", "fits"),
    [("drop table t", True), ("drop database d", False), ("delete from t", True)],
)
def test_what_can_be_undone_in_a_transaction(text: str, fits: bool) -> None:
    (statement,) = split(text)
    assert fits_transaction(statement) is fits
