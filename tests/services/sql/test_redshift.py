"""What says that it is Redshift: connected to, paged, and refused plainly what it does not have."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.postgres import RunElsewhere
from tests.redshift_front import RedshiftFront, redshift_front
from tests.services.sql.conftest import run_last
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import (
    Auth,
    DatabaseTarget,
    Secrets,
    Session,
    SqlService,
    TimeLimits,
    from_url,
    split,
)
from tui.services.sql.catalog import read_redshift_relations
from tui.services.sql.connecting.certificates import verified, verified_if_possible
from tui.services.sql.connecting.databases import databases
from tui.services.sql.connecting.problems import ConnectError, Refusal
from tui.services.sql.connecting.redshift import RedshiftPlace, redshift_place
from tui.services.sql.explain.request import explain_statement
from tui.services.sql.psql.column_types import describe_statement

CLUSTER = "demo.c0ffee.eu-west-1.redshift.amazonaws.com"
WORKGROUP = "Reports.123456789012.us-east-1.redshift-serverless.amazonaws.com"


@pytest.fixture
def front(database: str) -> Iterator[RedshiftFront]:
    with redshift_front(urlsplit(database).port or 0) as front:
        yield front


def through(front: RedshiftFront, database: str) -> tuple[DatabaseTarget, Secrets]:
    target, secrets = from_url(database)
    parameters = {**target.parameters, "port": str(front.port), "sslmode": "prefer"}
    return replace(target, parameters=parameters), secrets


@pytest.fixture
async def redshift(
    service: SqlService, front: RedshiftFront, database: str
) -> AsyncIterator[Session]:
    session = await service.connect(*through(front, database))
    yield session
    session.close()


async def test_statements_run_and_rows_are_paged_without_what_redshift_lacks(
    redshift: Session, front: RedshiftFront
) -> None:
    assert redshift.info.is_redshift
    assert redshift.info.version == "8.0.2"
    # PostgreSQL 8.0 has no standard_conforming_strings, and escapes.
    assert redshift.backslash_escapes
    result = await run_last(redshift, "select n, 'é' from generate_series(1, 3000) as n")
    assert (len(result.rows), result.complete) == (500, False)
    rows = list(result.rows)
    while not (page := await redshift.fetch_more(result, 4000)).complete:
        rows += page.rows
    assert len(rows + list(page.rows)) == 3000
    asked = [int(text.split()[2]) for text in front.asked if text.startswith("FETCH")]
    assert max(asked) <= 1000
    await run_last(redshift, "begin; create table kept (n int)")
    in_transaction = await run_last(redshift, "select 1")
    assert in_transaction.rows == (("1",),)
    await run_last(redshift, "rollback")
    redshift.limits = TimeLimits(30, 5)
    await run_last(redshift, "select 1")
    assert "SET statement_timeout = 30000" in front.asked
    assert front.refused == []


async def test_no_question_of_our_own_ends_a_transaction_or_a_result(
    redshift: Session, front: RedshiftFront
) -> None:
    await run_last(redshift, "begin; create temporary table kept (n int)")
    await run_last(redshift, "set search_path = public")
    assert (await run_last(redshift, "select count(*) from kept")).rows == (("0",),)
    await run_last(redshift, "rollback")
    result = await run_last(redshift, "select n as temp from generate_series(1, 900) as n")
    assert len((await redshift.fetch_more(result)).rows) == 400
    assert front.refused == []


def test_the_columns_of_the_last_table_that_was_read_may_be_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui.services.sql.catalog.MAX_COLUMNS", 2)
    listed = [
        ("public", table, "BASE TABLE", column, "integer", "YES")
        for table, column in (("a", "x"), ("b", "y"), ("b", "z"))
    ]
    connection: Any = SimpleNamespace(rows=lambda *_: listed)
    relations = read_redshift_relations(connection)
    assert relations.cut
    assert [each.columns is None for each in relations.found] == [False, True]


async def test_what_acts_outside_of_a_transaction_is_run_once_and_as_a_whole(
    redshift: Session, front: RedshiftFront
) -> None:
    text = "select pg_cancel_backend(0) from generate_series(1, 600)"
    result = await run_last(redshift, text)
    assert (result.wrote, result.complete, len(result.rows)) == (True, True, 600)
    assert text in front.asked


async def test_tables_come_from_redshifts_own_views(
    redshift: Session, other: RunElsewhere, table: str, front: RedshiftFront
) -> None:
    other(f"create table {table} (n integer not null, t text)")
    other(
        "create view svv_tables as select table_schema, table_name, table_type "
        "from information_schema.tables"
    )
    other(
        "create view svv_columns as select table_schema, table_name, column_name, "
        "ordinal_position, data_type, is_nullable from information_schema.columns"
    )
    try:
        found = (await redshift.relations()).found
        names = await redshift.names()
    finally:
        other("drop view svv_tables, svv_columns")
    mine = next(each for each in found if each.name == table)
    assert (mine.kind, mine.schema) == ("table", "public")
    assert mine.columns is not None
    assert [(each.name, each.type_name, each.not_null) for each in mine.columns] == [
        ("n", "integer", True),
        ("t", "text", False),
    ]
    assert table in {each.name for each in names.relations}
    with pytest.raises(ServiceError, match="Could not read the tables of Redshift"):
        await redshift.relations()
    assert front.refused == []


async def test_what_redshift_does_not_have_is_refused_before_it_is_sent(
    redshift: Session, front: RedshiftFront
) -> None:
    result = await run_last(redshift, "select 1 as n")
    (statement,) = split("select 1")
    with pytest.raises(ServiceError, match="no plans that can be drawn") as plan:
        await redshift.run(explain_statement(statement, analyze=False, version="8.0.2"))
    assert "EXPLAIN VERBOSE" in plan.value.hint
    with pytest.raises(ServiceError, match="no catalog like PostgreSQL's") as catalog:
        await redshift.look_up(databases)
    assert "SVV_TABLES" in catalog.value.hint
    with pytest.raises(ServiceError, match="no enforced keys"):
        await redshift.editable_table(result)
    assert await redshift.foreign_keys(result, 0) == ()
    with pytest.raises(ServiceError, match="gdesc"):
        await redshift.run(describe_statement(statement, statement))
    assert (await run_last(redshift, "select 2")).rows == (("2",),)
    assert front.refused == []


async def test_read_only_mode_does_not_connect(
    read_only_account: Account, audit: AuditLog, front: RedshiftFront, database: str
) -> None:
    service = SqlService(read_only_account, audit)
    with pytest.raises(ServiceError) as refused:
        await service.connect(*through(front, database))
    assert refused.value.kind is ErrorKind.READ_ONLY
    assert "Redshift" in refused.value.message
    service.close()


async def test_temporary_credentials_are_asked_for_by_what_the_host_says(
    account: Account, audit: AuditLog, front: RedshiftFront, database: str
) -> None:
    asked: list[tuple[RedshiftPlace, str, str]] = []
    target, secrets = through(front, database)
    parameters = {**target.parameters, "host": CLUSTER, "hostaddr": "127.0.0.1"}
    user = parameters.pop("user")
    database_name = parameters["dbname"]

    class Login:
        user = target.user
        password = secrets.reveal()["password"]

    def log_in(place: RedshiftPlace, database: str, user: str) -> Login:
        asked.append((place, database, user))
        return Login()

    service = SqlService(account, audit, redshift_login=log_in)
    wanted = replace(target, parameters=parameters, auth=Auth.IAM)
    session = await service.connect(wanted)
    assert session.info.user == user
    await session.reconnect()
    # Anew for each connection: such a login lives for some minutes.
    assert asked == [(RedshiftPlace("demo", "eu-west-1", False), database_name, "")] * 2
    session.close()
    service.close()


@pytest.mark.parametrize(
    ("host", "place"),
    [
        (CLUSTER, RedshiftPlace("demo", "eu-west-1", False)),
        (WORKGROUP, RedshiftPlace("reports", "us-east-1", True)),
        (f"{CLUSTER}.cn", RedshiftPlace("demo", "eu-west-1", False)),
        (f"{CLUSTER}.evil.example", None),
        ("demo.c0ffee.eu-west-1.rds.amazonaws.com", None),
        ("127.0.0.1", None),
        ("", None),
    ],
)
def test_what_is_redshift_is_known_by_the_name_of_the_host(
    host: str, place: RedshiftPlace | None
) -> None:
    assert redshift_place(DatabaseTarget("x", {"host": host})) == place


def test_redshift_is_verified_with_the_public_roots_and_not_with_those_of_rds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roots = tmp_path / "public.pem"
    roots.write_text("roots")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.delenv("PGSSLROOTCERT", raising=False)
    where = "tui.services.sql.connecting.certificates.public_roots"
    monkeypatch.setattr(where, lambda: str(roots))
    target = DatabaseTarget("x", {"host": CLUSTER, "sslmode": "require"}, Auth.IAM)
    for secured in (verified(target), verified_if_possible(target)):
        assert secured.parameters["sslmode"] == "verify-full"
        assert secured.parameters["sslrootcert"] == str(roots)
    named = replace(target, parameters={**target.parameters, "sslrootcert": "mine.pem"})
    assert verified(named).parameters["sslrootcert"] == "mine.pem"
    monkeypatch.setattr(where, lambda: "")
    assert verified_if_possible(target) is target
    with pytest.raises(ConnectError) as refused:
        verified(target)
    assert refused.value.refusal is Refusal.NO_ROOT_CERTIFICATE
    assert "amazon-trust-ca-bundle.crt" in refused.value.hint
