"""What is offered while SQL is typed. `|` stands for the cursor."""

from __future__ import annotations

from contextlib import suppress

import pytest

from tests.services.sql.conftest import RunSql
from tui.services.errors import ServiceError
from tui.services.sql import Session, split
from tui.services.sql.catalog import Relation, RelationColumn
from tui.services.sql.completing.completion import MOST, Candidate, complete
from tui.services.sql.completing.names import KnownNames, Prefixes, Reference, references_in


def table(schema: str, name: str, *columns: str, kind: str = "table") -> Relation:
    made = tuple(RelationColumn(each, "integer", False) for each in columns)
    return Relation(schema, name, kind, made)


NAMES = KnownNames(
    relations=(
        table("public", "orders", "id", "customer_id", "placed_at", "Total"),
        table("public", "order_items", "order_id", "sku", "amount"),
        table("public", "customers", "id", "name"),
        table("public", "big_orders", "id", kind="view"),
        table("public", "Odd Name", "a b", "select"),
        table("sales", "orders", "only_in_sales"),
        table("sales", "targets", "goal"),
    ),
    functions=frozenset({("pg_catalog", "count"), ("pg_catalog", "coalesce_x"), ("sales", "cost")}),
    schemas=("pg_catalog", "public", "sales"),
    search_path=("pg_catalog", "public"),
)


def offered(text: str, names: KnownNames = NAMES) -> list[Candidate] | None:
    cursor = text.index("|")
    found = complete(text.replace("|", "", 1), cursor, names)
    return None if found is None else list(found.candidates)


def texts(text: str, *kinds: str) -> list[str]:
    found = offered(text)
    assert found is not None
    return [each.text for each in found if not kinds or each.kind in kinds]


@pytest.mark.parametrize(
    "text",
    [
        "select * from |",
        "select * from customers, |",
        "select * from customers c join |",
        "update |",
        "insert into |",
        "delete from |",
        "truncate table |",
        "select 1; select * from |",
        "select * from a where x in (select y from |)",
        "select * from | where id = 1",
    ],
)
def test_tables_are_offered_where_a_table_must_stand(text: str) -> None:
    found = texts(text, "table", "view")
    assert {"orders", "customers", "big_orders", '"Odd Name"'} <= set(found)
    assert "sales.targets" in found
    assert "id" not in found


def test_tables_that_begin_so_come_before_those_with_a_word_that_begins_so() -> None:
    assert texts("select * from ord|", "table", "view") == [
        "order_items",
        "orders",
        "big_orders",
        "sales.orders",
    ]


def test_a_quoted_beginning_finds_names_that_need_quotes() -> None:
    assert texts('select * from "Od|') == ['"Odd Name"']
    assert texts('select "a| from "Odd Name"', "column") == ['"a b"']
    assert texts('select sel| from "Odd Name"', "column") == ['"select"']


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("select | from orders", ["id", "customer_id", "placed_at", '"Total"']),
        ("select pl| from orders", ["placed_at"]),
        ("select * from orders where tot|", ['"Total"']),
        ("select * from orders o where o.|", ["id", "customer_id", "placed_at", '"Total"']),
        ("select o.cu| from orders as o", ["customer_id"]),
        ("update orders set pl|", ["placed_at"]),
        ("select * from sales.orders where |", ["only_in_sales"]),
        ("select * from customers order by na|", ["name"]),
        ("insert into orders (cu|", ["customer_id"]),
        ("delete from customers where na|", ["name"]),
        ("select orders.cu| from orders", ["customer_id"]),
        ("select sales.targets.go|", ["goal"]),
        ("select O.cu| from Orders O", []),
        ("SELECT o.CU| FROM Orders o", ["customer_id"]),
    ],
)
def test_columns_of_the_tables_in_the_statement_are_offered(text: str, columns: list[str]) -> None:
    if text.startswith("select O."):
        columns = ["customer_id"]  # an unquoted alias is folded, as the server does
    assert texts(text, "column") == columns


def test_a_column_of_several_tables_is_offered_with_each_of_them() -> None:
    found = texts(
        "select i| from orders o join customers on o.customer_id = customers.id", "column"
    )
    assert found == ["o.id", "customers.id"]


def test_aliases_are_offered_and_a_table_that_has_one_is_not_called_by_its_name() -> None:
    found = offered("select ord| from orders ord_er, order_items")
    assert found is not None
    assert ("ord_er", "alias") in {(each.text, each.kind) for each in found}
    assert offered("select orders.| from orders o") is not None


def test_a_name_with_escapes_is_understood() -> None:
    names = KnownNames(relations=(table("public", "ev\x1b[31mil", "c\x07", "plain"),))
    text = r'select * from U&"ev\001B[31mil" e where e.|'
    assert [each.text for each in offered(text, names) or []] == ['U&"c\\0007"', "plain"]
    assert offered(r'select | from U&"ev\+00001B[31mil"', names)
    assert offered(r'select | from U&"\+FFFFFF \\\\ "', names) is not None


def test_common_table_expressions_are_offered_as_tables() -> None:
    found = texts("with recent as (select 1), r2 as (select 2) select * from re|")
    assert found[0] == "recent"


def test_a_subquery_sees_its_own_tables_first_and_those_around_it() -> None:
    text = "select * from customers c where exists (select 1 from order_items i where |)"
    found = texts(text, "column")
    assert found == ["order_id", "sku", "amount", "id", "name"]
    outside = texts("select | from customers where id in (select sku from order_items)", "column")
    assert outside == ["id", "name"]


@pytest.mark.parametrize(
    "text",
    [
        "select 'from |'",
        "select 1 -- from |",
        "select /* from | */ 1",
        "select 12|",
        "select $$ from | $$",
        "\\d |",
        "select 1 /* from |",
        "select :cu| from customers",
    ],
)
def test_nothing_is_offered_in_strings_comments_and_numbers(text: str) -> None:
    assert not offered(text)


def test_keywords_are_written_as_the_beginning_is() -> None:
    assert "SELECT" in texts("SEL|", "keyword")
    assert "select" in texts("sel|", "keyword")
    assert texts("select * from customers wh|", "keyword") == ["when", "where"]


def test_a_word_that_is_complete_is_not_offered_again() -> None:
    assert texts("select * from customers where|") == []


def test_schemas_lead_to_their_tables_and_functions() -> None:
    assert "sales" in texts("select * from sal|", "schema")
    assert texts("select * from sales.|", "table") == ["orders", "targets"]
    assert "cost" in texts("select sales.|", "function")


def test_functions_are_offered_where_a_value_may_stand() -> None:
    assert "count" in texts("select cou| from orders", "function")
    assert texts("select * from cou|", "function") == []


def test_where_the_word_begins_is_told_so_that_it_can_be_replaced() -> None:
    text = 'select 1;\nselect * from "Od'
    found = complete(text, len(text), NAMES)
    assert found is not None
    assert (found.start, found.word) == (text.index('"Od'), '"Od')
    # What stands behind the cursor is not part of it.
    found = complete("select * from ordxyz", 17, NAMES)
    assert found is not None
    assert (found.start, found.word) == (14, "ord")


def test_very_many_tables_are_cut_and_the_same_search_path_comes_first() -> None:
    many = tuple(table("other", f"t{n:05}") for n in range(5000))
    names = KnownNames(relations=(*many, table("public", "t9", "x")), schemas=("other", "public"))
    found = offered("select * from t|", names)
    assert found is not None
    assert len(found) == MOST
    assert found[0].text == "t9"


@pytest.mark.parametrize(
    "text", ["|", " |", "select 1;|", "select 1; |", ")|", "((|", "..|", ". |", '"|', "a.b.c.|"]
)
def test_nothing_odd_breaks_it(text: str) -> None:
    offered(text)


async def test_names_are_read_from_a_server(session: Session, run: RunSql) -> None:
    await run('create schema "Other"')
    await run('create table "Other".zebra (id int, "Two Words" text)')
    await run("create table here (id int)")
    await run("create function mine() returns int language sql as 'select 1'")
    names = await session.names()
    assert "Other" in names.schemas
    assert names.search_path == ("pg_catalog", "public")
    assert {("public", "mine"), ("pg_catalog", "count")} <= names.functions
    assert texts_of("select * from her|", names) == ["here"]
    assert '"Other".zebra' in texts_of("select * from zeb|", names)
    assert texts_of('select | from "Other".zebra', names) == ["id", '"Two Words"', "zebra"]


def texts_of(text: str, names: KnownNames) -> list[str]:
    return [each.text for each in offered(text, names) or [] if each.kind != "keyword"]


# -- joins by foreign keys ------------------------------------------------------------------------

LINKED = KnownNames(
    relations=(
        table("public", "aaa", "id"),
        table("public", "customers", "id", "name"),
        table("public", "orders", "id", "customer_id", "boss"),
        table("public", "order_items", "order_id", "line"),
        table("public", "notes", "o", "l"),
        table("public", "Odd Name", "a b"),
        table("sales", "customers", "id"),
        table("sales", "visits", "customer"),
    ),
    schemas=("public", "sales"),
    search_path=("pg_catalog", "public"),
    references=(
        Reference("public", "orders", ("customer_id",), "public", "customers", ("id",)),
        Reference("public", "orders", ("boss",), "public", "orders", ("id",)),
        Reference("public", "order_items", ("order_id",), "public", "orders", ("id",)),
        Reference("public", "notes", ("o", "l"), "public", "order_items", ("order_id", "line")),
        Reference("public", "Odd Name", ("a b",), "public", "orders", ("id",)),
        Reference("sales", "visits", ("customer",), "sales", "customers", ("id",)),
    ),
)


def linked(text: str, kind: str = "condition") -> list[str]:
    return [each.text for each in offered(text, LINKED) or [] if each.kind == kind]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * FROM orders JOIN customers |", ["ON orders.customer_id = customers.id"]),
        ("select * from customers c join orders o |", ["on c.id = o.customer_id"]),
        ("select * from customers as c left join orders as o o|", ["on c.id = o.customer_id"]),
        ("select * from customers c join orders o on |", ["c.id = o.customer_id"]),
        ("select * from customers c join orders o on c|", ["c.id = o.customer_id"]),
        ("select * from order_items i join notes n |", ["on i.order_id = n.o and i.line = n.l"]),
        ("select * from orders a join orders b |", ["on a.boss = b.id", "on a.id = b.boss"]),
        ('select * from orders o join "Odd Name" |', ['on o.id = "Odd Name"."a b"']),
        (
            "select * from customers c join orders o on c.id = o.customer_id join order_items |",
            ["on o.id = order_items.order_id"],
        ),
        ("select * from sales.visits v join sales.customers c |", ["on v.customer = c.id"]),
        (
            "select (select 1 from orders o join customers c |) from aaa",
            ["on o.customer_id = c.id"],
        ),
        ("update aaa set id = 1 from orders o join customers c |", ["on o.customer_id = c.id"]),
        ("select * from orders cross join customers |", []),
        ("select * from orders natural join customers |", []),
        ("select * from orders join orders |", []),
        ("select * from orders join customers | on true", []),
        ("select * from orders join aaa |", []),
        ("select * from orders, customers |", []),
        ("select * from sales.visits v join customers c |", []),
        ("with customers as (select 1 as id) select * from orders o join customers c |", []),
        ("select * from orders o join (select 1 as id) c |", []),
        ("select * from customers c join orders o where |", []),
        ("select * from customers c join orders |o", []),
    ],
)
def test_what_joins_two_tables_is_offered_by_their_foreign_keys(
    text: str, expected: list[str]
) -> None:
    assert linked(text) == expected


def test_behind_join_the_tables_that_a_foreign_key_reaches_come_first() -> None:
    found = linked("select * from orders o join |", "table")
    assert found[:3] == ["customers", "orders", "order_items"]
    assert found[3:] == ['"Odd Name"', "aaa", "notes", "sales.customers", "sales.visits"]
    assert linked("select * from orders o join o|", "table")[:2] == ["orders", "order_items"]
    assert linked("select * from sales.visits join |", "table")[0] == "sales.customers"


def test_names_of_another_search_path_cost_no_reading() -> None:
    seen = LINKED.on_path(("sales",))
    assert seen.relation("customers") == table("sales", "customers", "id")
    assert LINKED.relation("customers") == table("public", "customers", "id", "name")
    assert LINKED.on_path(None) is LINKED
    found = [each.text for each in offered("select * from cust|", seen) or []]
    assert found == ["customers", "public.customers"]


async def test_foreign_keys_are_read_with_the_names(session: Session, run: RunSql) -> None:
    await run(
        "create schema linked; create table linked.one (a int, b int, primary key (b, a));"
        "create table linked.two (x int, y int, foreign key (y, x) references linked.one (b, a))"
        " partition by list (x); create table linked.two_1 partition of linked.two default"
    )
    names = await session.names()
    assert [each for each in names.references if each.schema == "linked"] == [
        Reference("linked", "two", ("y", "x"), "linked", "one", ("b", "a"))
    ]


def test_a_foreign_key_that_was_read_in_part_is_not_offered() -> None:
    rows = [("1", "s", "t", "a", "s", "u", "a"), ("2", "s", "t", "b", "s", "v", "b")]
    read = [[each.to_table for each in references_in(rows, most)] for most in (3, 2)]
    assert read == [["u", "v"], ["u"]]


async def test_the_search_path_of_the_session_is_followed(session: Session, run: RunSql) -> None:
    assert session.search_path is None

    async def path(text: str) -> list[str]:
        for statement in split(text):
            with suppress(ServiceError):
                await session.run(statement)
        followed = session.search_path
        assert followed is not None
        told = await run("select unnest(current_schemas(true))")
        assert followed == tuple(row[0] for row in told.rows)
        return [each for each in followed if each in {"fol", "low", "public"}]

    await run("create schema fol; create schema low")
    assert await path("set search_path = fol, public") == ["fol", "public"]
    assert await path("begin; set search_path = low") == ["low"]
    assert await path("rollback") == ["fol", "public"]
    assert await path("begin; set local search_path = low") == ["low"]
    assert await path("commit") == ["fol", "public"]
    assert await path("begin; savepoint s; set search_path = low; rollback to s") == [
        "fol", "public",
    ]  # fmt: skip
    assert await path("set search_path = low; select 1/0; rollback") == ["fol", "public"]
    assert await path("select set_config('search_path', 'low', false)") == ["low"]
    assert await path("drop schema low") == []
    assert await path("reset search_path") == ["public"]
    assert await path("set search_path = fol; reset all") == ["public"]
    assert await path("set schema 'fol'; discard all") == ["public"]
    await session.reconnect()
    assert session.search_path is None


async def test_to_follow_the_path_is_no_query_of_the_transaction(session: Session) -> None:
    quoted = 'begin; set local search_path = "a ""b, c", d'
    for statement in split(f"{quoted}; set transaction isolation level serializable"):
        await session.run(statement)
    assert session.search_path == ("pg_catalog", 'a "b, c', "d")


@pytest.mark.parametrize("most", [0, 1000])
def test_names_are_found_by_each_of_their_words(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.services.sql.completing.names.MANY", most)
    names = Prefixes(["a_Bc_bd", "x__bc", "bc", "Y_b", "abc", "é_ünd_b"])
    assert list(names.holding("B")) == ["a_Bc_bd", "x__bc", "Y_b", "é_ünd_b"]
    assert list(names.holding("bc_")) == ["a_Bc_bd"]
    assert list(names.holding("_b")) == ["x__bc"]
    assert list(names.holding("ÜN")) == ["é_ünd_b"]
    assert list(names.holding("zz")) == []
