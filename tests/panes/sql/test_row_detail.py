"""What stands beside a row of a result or a table of the list."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.driver import running, sandbox_services
from tui.panes.sql.row_detail import LONGEST, record_lines, relation_text, subject_of
from tui.sandbox import SandboxInfo
from tui.services.sql import Relation, Relations, ResultColumn
from tui.services.sql.catalog import RelationColumn


def columns(*names: str) -> tuple[ResultColumn, ...]:
    return tuple(ResultColumn(name, "text", False) for name in names)


def test_a_row_is_a_record_in_which_absence_and_text_look_different() -> None:
    text = "\n".join(record_lines(columns("id", "longer", "c", "d"), ("1", None, "", "NULL")))
    assert text.splitlines() == ["id      1", "longer  NULL", "c       ''", "d       'NULL'"]


def test_the_lines_of_a_value_stand_below_each_other() -> None:
    assert record_lines(columns("ab", "c"), ("x\ny", "z")) == ["ab  x\n    y", "c   z"]


def test_of_a_very_long_value_only_the_beginning_is_taken() -> None:
    (text,) = record_lines(columns("a"), ("x" * 1_000_000,))
    assert len(text) < LONGEST + 100
    assert "1,000,000 characters" in text


async def test_a_record_is_read_from_the_column_under_the_cursor_on() -> None:
    shown: Any = SimpleNamespace(version=0, staged=None)
    shown.result = SimpleNamespace(columns=columns("a", "b", "c"))
    shown.visible, shown.number = [("x\ny", "2", "3")], lambda at: at
    subject = subject_of(shown, 0, 2)
    assert subject is not None
    text = await subject.read()
    assert text.text[text.begin :] == "c  3"


def test_a_table_is_shown_with_the_types_of_its_columns() -> None:
    relation = Relation(
        "public",
        "t",
        "table",
        (RelationColumn("id", "integer", True), RelationColumn("name", "text", False)),
    )
    assert relation_text(relation).splitlines() == [
        "table",
        "",
        "id    integer NOT NULL",
        "name  text",
    ]
    assert "not known" in relation_text(Relation("public", "t", "view", None))
    found = Relations((relation,), cut=False)
    subject = subject_of(found, 0)
    assert subject is not None
    assert subject.title == "public.t"
    assert subject_of(found, None) is None
    assert subject_of(None, 0) is None


async def test_z_in_the_rows_shows_the_row_under_the_cursor_as_a_record(
    sandbox: SandboxInfo, tmp_path: Path
) -> None:
    async with running(sandbox_services(sandbox, tmp_path)) as driver:
        await driver.press("f3")
        await driver.sees("each statement commits")
        await driver.type("select n, 'row' || n as text from generate_series(1, 2) n")
        await driver.press("f5")
        await driver.sees("row2")
        await driver.press("escape", "z")
        await driver.sees("Row 1", "text  row1")
        await driver.press("down")
        await driver.sees("Row 2", "text  row2")
