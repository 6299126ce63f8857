"""The tree of the catalog on a real server, without an application."""

from __future__ import annotations

import pytest

from tests.panes.sql.runners import run, session_of
from tests.postgres import RunElsewhere
from tui.panes.sql.catalog import wording
from tui.panes.sql.catalog.tree import CatalogNode, CatalogTree, TreeLine
from tui.panes.sql.runner import QueryRunner
from tui.services.errors import ServiceError
from tui.services.sql.objects import DbObject, Group, GroupOf, ObjectKind
from tui.services.sql.objects.branches import PAGE
from tui.widgets.grid.cells import Absent, Cell, Tone


@pytest.fixture
async def tree(runner: QueryRunner) -> CatalogTree:
    tree = CatalogTree()
    await tree.take(session_of(runner))
    return tree


@pytest.fixture
def schema(server: RunElsewhere, table: str) -> str:
    server(f"create schema {table}; create table {table}.t (id int primary key, name text)")
    return table


def drawn(tree: CatalogTree) -> list[str]:
    return [wording.name_cell(line, sought=bool(tree.sought)).text for line in tree.lines]


def node_of(tree: CatalogTree, name: str) -> CatalogNode:
    return next(
        line.node
        for line in tree.lines
        if line.node.entry is not None and line.node.entry.label == name
    )


async def opened(tree: CatalogTree, *names: str) -> CatalogNode:
    for name in names:
        await tree.open(node_of(tree, name))
    return node_of(tree, names[-1])


async def test_the_database_is_open_and_another_one_is_named(tree: CatalogTree) -> None:
    lines = drawn(tree)
    assert lines[0].startswith("▾ ")
    assert "│ ▸ public" in lines
    assert "· postgres" in lines


async def test_a_table_opens_with_its_columns(tree: CatalogTree, schema: str) -> None:
    await tree.refresh()
    await opened(tree, schema, "tables", "t")
    at = drawn(tree).index("│ │ │ ▾ t")
    assert drawn(tree)[at + 1 : at + 4] == [
        "│ │ │ │ ▾ columns (2)",
        "│ │ │ │ │   id",
        "│ │ │ │ │   name",
    ]
    line = tree.lines[at + 2]
    assert wording.about_cell(line, sought=False) == Cell("integer NOT NULL", Tone.DIM)
    narrow = wording.narrow_cell(line, sought=False)
    assert narrow.text == "│ │ │ │ │   id  integer NOT NULL"
    tree.close(node_of(tree, "t"))
    assert "│ │ │ │ ▾ columns (2)" not in drawn(tree)
    assert tree.line_of(line.node) is None


async def test_what_is_open_stays_open_when_all_is_read_again(
    tree: CatalogTree, schema: str, server: RunElsewhere
) -> None:
    await tree.refresh()
    await opened(tree, schema, "tables", "t")
    before = next(line for line in tree.lines if line.node.entry and line.node.entry.label == "id")
    server(f"create table {schema}.a (); alter table {schema}.t add column more int")
    await tree.refresh()
    assert "│ │ │ ▸ a" in drawn(tree)
    assert "│ │ │ │ │   more" in drawn(tree)
    at = tree.line_like(before)
    assert at is not None
    assert drawn(tree)[at] == "│ │ │ │ │   id"
    # Dropped: the cursor goes to what it hung in.
    server(f"drop table {schema}.t")
    await tree.refresh()
    at = tree.line_like(before)
    assert at is not None
    assert drawn(tree)[at] == "│ │ ▾ tables (1)"


async def test_a_dropped_object_says_so_in_its_place(
    tree: CatalogTree, schema: str, server: RunElsewhere
) -> None:
    await tree.refresh()
    await opened(tree, schema, "tables")
    server(f"drop table {schema}.t")
    await opened(tree, "t")
    said = [line for line in drawn(tree) if "✗" in line]
    assert said == [f"│ │ │ │ ✗ The table {schema}.t is not there any more."]


async def test_the_next_page_comes_when_it_is_asked_for(
    tree: CatalogTree, schema: str, server: RunElsewhere
) -> None:
    made = "; ".join(f"create table {schema}.n{n:04} ()" for n in range(PAGE + 5))
    server(made)
    await tree.refresh()
    group = await opened(tree, schema, "tables")
    more = next(line for line in tree.lines if line.more)
    assert len(group.below) == PAGE
    await tree.more(more.node)
    assert len(group.below) == PAGE + 6
    assert not any(line.more for line in tree.lines)
    # Read again, as many as there were are there.
    await tree.refresh()
    assert len(node_of(tree, "tables").below) == PAGE + 6


async def test_names_are_sought_on_the_server(tree: CatalogTree, schema: str) -> None:
    await tree.seek(f"{schema}.")
    assert drawn(tree) == [f"▸ {schema}.t"]
    await opened(tree, "t")
    assert "│ ▾ columns (2)" in drawn(tree)
    await tree.seek("no such name at all")
    assert drawn(tree) == ["nothing here"]
    await tree.seek("")
    assert "│ ▸ public" in drawn(tree)


async def test_hidden_schemas_come_and_go(tree: CatalogTree) -> None:
    await tree.toggle_hidden()
    assert "│ ▸ pg_catalog" in drawn(tree)
    await tree.toggle_hidden()
    assert "│ ▸ pg_catalog" not in drawn(tree)


async def test_another_connection_has_another_tree(tree: CatalogTree, runner: QueryRunner) -> None:
    session = session_of(runner)
    first = tree.root
    await tree.take(session)
    assert tree.root is first
    await tree.take(None)
    assert tree.lines == []


async def test_it_is_read_in_an_aborted_transaction(
    tree: CatalogTree, runner: QueryRunner, schema: str
) -> None:
    await run(runner, "begin")
    with pytest.raises(ServiceError, match="Division"):
        await run(runner, "select 1/0")
    await tree.refresh()
    await opened(tree, schema, "tables")
    assert "│ │ │ ▸ t" in drawn(tree)


async def test_the_select_of_all_columns_quotes_each(
    tree: CatalogTree, schema: str, server: RunElsewhere
) -> None:
    server(f'create table {schema}."Wei""rd" ("a b" int, "select" int, plain int)')
    await tree.seek(f"{schema}.wei")
    what = tree.lines[0].object
    assert what is not None
    columns = await tree.columns(what)
    assert wording.select_all(what, columns) == (
        f'SELECT "a b", "select", plain FROM {schema}."Wei""rd"'
    )


def line_of(**facts: object) -> TreeLine:
    return TreeLine(CatalogNode(DbObject(**facts), CatalogNode(None, None)))  # type: ignore[arg-type]  # any of its fields


def test_unknown_is_never_nothing() -> None:
    never = line_of(kind=ObjectKind.TABLE, name="t", rows=None, size=None)
    assert wording.rows_cell(never) is Absent.UNKNOWN
    assert wording.size_cell(never) is Absent.UNKNOWN
    assert wording.facts(never) == "table · rows unknown · size unknown"
    empty = line_of(kind=ObjectKind.TABLE, name="t", rows=0, size=0)
    assert wording.rows_cell(empty) == "~0"
    assert wording.size_cell(empty) == "0 B"
    view = line_of(kind=ObjectKind.VIEW, name="v")
    assert wording.rows_cell(view) is wording.size_cell(view) is Absent.BLANK


def test_an_uncounted_group_and_blanks_in_names_are_told() -> None:
    table = DbObject(ObjectKind.TABLE, " x", "1")
    group = TreeLine(CatalogNode(GroupOf(Group.POLICIES, table, None), CatalogNode(None, None)))
    assert wording.name_cell(group, sought=False).text == "▸ policies (?)"
    assert (
        wording.name_cell(line_of(kind=ObjectKind.TABLE, name=" x"), sought=False).text == '▸ " x"'
    )
