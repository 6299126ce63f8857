"""Parameters are asked for before a statement runs."""

from __future__ import annotations

from tests.panes.sql.conftest import OpenPane
from tests.postgres import RunElsewhere
from tui.panes.sql.parameters.form import AskedParameter, asked_of, fields_of, values_of
from tui.services.sql import split
from tui.services.sql.history import HistoryWanted
from tui.widgets.dialogs.form_fields import FlagField, TextField


def test_each_name_is_asked_for_once_over_all_statements() -> None:
    statements = split("select :b, :a; select :\"b\", :b::int, x[1:c]; select ':d'")
    assert asked_of(statements) == [AskedParameter("b", True), AskedParameter("a", False)]


def test_the_values_of_last_time_are_offered_and_secrets_are_hidden() -> None:
    asked = [
        AskedParameter("a", False),
        AskedParameter("b", False),
        AskedParameter("c", True),
        AskedParameter("new_password", False),
    ]
    fields = fields_of(asked, {"a": "it's", "b": None, "c": "t"})
    texts = [each for each in fields if isinstance(each, TextField)]
    assert [(each.label, each.value, each.secret) for each in texts] == [
        (":a", "it's", False),
        (":b", "", False),
        (':"c"', "t", False),
        (":new_password", "", True),
    ]
    flags = [each for each in fields if isinstance(each, FlagField)]
    assert [(each.label, each.value) for each in flags] == [
        (":a is NULL", False),
        (":b is NULL", True),
        (":new_password is NULL", False),
    ]
    check = texts[2].check
    assert check is not None
    assert check("")
    assert not check("t")


def test_null_is_told_from_an_empty_text() -> None:
    asked = [AskedParameter("a", False), AskedParameter("b", False), AskedParameter("c", True)]
    entered = {"value0": "", "null0": "", "value1": "", "null1": "yes", "value2": "t"}
    assert values_of(asked, entered) == {"a": "", "b": None, "c": "t"}


async def test_values_are_asked_for_and_shown_nowhere(
    open_pane: OpenPane, server: RunElsewhere, table: str
) -> None:
    server(f"create table {table} as select generate_series(1, 3) as n")
    async with open_pane() as driver:
        text = f"select 'two' from {table} where n = :what and 1 = 1;\nselect :what + :more::text"
        await driver.write(text)
        await driver.press("f6")
        await driver.sees("Parameters", ":what is NULL", ":more is NULL")
        # Esc leaves without running.
        await driver.press("escape")
        await driver.misses("Parameters")
        assert "two" not in driver.status
        await driver.press("f6")
        await driver.sees("Parameters")
        await driver.type("2\t\tsecret-42\n")
        await driver.idle()
        # The second one failed: the mark is where it was written, and the first one's rows are
        # there, under what was written.
        await driver.sees("Line 2, column 14")
        assert driver.rows == [("two",)]
        assert "secret-42" not in driver.text.replace(":more", "")
        await driver.write(f"delete from {table} where n <> :what or :what is null")
        await driver.press("f5")
        await driver.sees("Parameters")
        await driver.press("tab", "space")
        await driver.press("ctrl+s")
        await driver.until(lambda: server(f"select count(*) from {table}") == [(0,)], "the rows")
        await driver.idle()
        page, _ = await driver.pane.services.sql_history.page(HistoryWanted())
        noted = [f"{each.text} {each.last.message}" for each in page.entries]
        assert any(":more::text" in each for each in noted)
        assert not any("secret-42" in each for each in noted)
        await driver.write("select upper($1) as said \\bind :word \\g")
        await driver.press("f5")
        await driver.sees("Parameters", ":word is NULL")
        await driver.type("it's\n")
        await driver.sees("IT'S")


async def test_a_dangerous_statement_is_asked_about_behind_the_form(
    open_pane: OpenPane, server: RunElsewhere, table: str
) -> None:
    server(f"create table {table} as select generate_series(1, 3) as n")
    async with open_pane() as driver:
        await driver.write(f"update {table} set n = :n::int")
        await driver.press("f5")
        await driver.sees("Parameters")
        await driver.type("7\n")
        await driver.sees("Run this on", "set n = :n::int")
        await driver.press("n")
        await driver.idle()
        assert server(f"select count(*) from {table} where n = 7") == [(0,)]
        # A colon that is SQL's own brings up no form.
        await driver.run("select (array[1,2,3])[1:2], 'a:b', 1::text")
        assert driver.rows == [("{1,2}", "a:b", "1")]
