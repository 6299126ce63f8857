"""What is staged of a result, and what is said of it, without a screen or a server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tui.panes.sql.packed_rows import PackedRows
from tui.panes.sql.row_detail import record_lines, with_staged
from tui.panes.sql.row_edits import told
from tui.panes.sql.row_edits.escapes import escaped, needs_escapes, unescaped
from tui.panes.sql.row_edits.new_row import NewRow
from tui.panes.sql.row_edits.staged import StagedChanges
from tui.panes.sql.row_edits.value_editor import Entered, ValueEdit
from tui.panes.sql.rows.arranged import Arrangement, arrange
from tui.services.errors import ServiceError
from tui.services.sql import ResultColumn, Row
from tui.services.sql.row_edits.applying import ChangeRefusedError, EditsApplied
from tui.services.sql.row_edits.changes import DeleteRow, InsertRow, RowChange, UpdateRow, script
from tui.services.sql.row_edits.table import EditableTable, EditedColumn
from tui.services.sql.row_edits.taken_along import TakenAlong
from tui.widgets.grid.cells import Absent, plain_text

TABLE = EditableTable(
    "public",
    "people",
    (
        EditedColumn(1, "id", "integer", not_null=True),
        EditedColumn(2, "name", "text", not_null=True),
        EditedColumn(
            3, "loud", "text", default="upper(name)", fixed="it is generated: upper(name)"
        ),
        EditedColumn(4, "at", "json", default="now()", exact=False),
    ),
    (1,),
    ((2, 0), (1, 2), (3, 3), (4, 4)),
)
COLUMNS = [
    ResultColumn("name", "text", False, 7, 2),
    ResultColumn("count", "bigint", True),
    ResultColumn("id", "integer", True, 7, 1),
    ResultColumn("loud", "text", False, 7, 3),
    ResultColumn("at", "json", False, 7, 4),
]
ADA: Row = ("Ada", "3", "1", "ADA", "{}")
BOB: Row = ("Bob", "3", "2", "BOB", None)


@pytest.fixture
def staged() -> StagedChanges:
    return StagedChanges(TABLE, COLUMNS, 7)


def drawn(staged: StagedChanges, row: Row) -> list[str]:
    return [plain_text(each) for each in staged.cells(row)]


def test_staged_values_have_a_sign_and_null_is_told_from_its_name(staged: StagedChanges) -> None:
    staged.set_value(ADA, 0, 2, None)
    staged.set_value(BOB, 1, 2, "NULL")
    staged.set_value(BOB, 1, 4, "")
    assert drawn(staged, ADA) == ["✎ NULL", "3", "1", "ADA", "{}"]
    assert drawn(staged, BOB) == ["✎ 'NULL'", "3", "2", "BOB", "✎ ''"]
    # So it stands in the record beside the rows, too.
    record = record_lines(tuple(COLUMNS), *with_staged(BOB, staged))
    assert record == ["name   ✎ 'NULL'", "count  3", "id     2", "loud   BOB", "at     ✎ ''"]
    staged.toggle_delete(ADA, 0)
    assert record_lines(tuple(COLUMNS), *with_staged(ADA, staged))[0] == "name   ✗ Ada"
    staged.toggle_delete(ADA, 0)
    assert with_staged(("Eve", "1", "3", "EVE", None), staged)[1] == ()
    assert staged.is_marked(ADA)
    assert not staged.is_marked(("Eve", "3", "9", "EVE", None))
    assert staged.cells(("x", None, "9", "y", "z"))[1] is Absent.NULL
    assert staged.line == "2 changes staged"
    assert staged.changes == [UpdateRow(ADA, {2: None}), UpdateRow(BOB, {2: "NULL", 4: ""})]


def test_the_old_value_again_is_no_change(staged: StagedChanges) -> None:
    staged.set_value(ADA, 0, 2, "x")
    assert staged.value_at(ADA, 0) == "x"
    staged.set_value(ADA, 0, 2, "Ada")
    assert (staged.count, staged.line) == (0, "")
    staged.set_value(BOB, 1, 4, None)
    assert staged.count == 0


def test_a_deletion_hides_the_staged_values_and_gives_them_back(staged: StagedChanges) -> None:
    staged.set_value(ADA, 0, 2, "x")
    assert staged.toggle_delete(ADA, 0)
    assert staged.changes == [DeleteRow(ADA)]
    assert drawn(staged, ADA)[:2] == ["✗ Ada", "✗ 3"]
    assert not staged.toggle_delete(ADA, 0)
    assert staged.changes == [UpdateRow(ADA, {2: "x"})]


def test_the_row_under_the_cursor_is_taken_back_or_else_the_last(staged: StagedChanges) -> None:
    staged.toggle_delete(ADA, 0)
    staged.toggle_delete(BOB, 1)
    staged.add({2: "new"})
    assert staged.line == "3 changes staged (1 new row)"
    assert staged.take_back_row(ADA)
    assert staged.take_back_row(ADA)
    assert staged.changes == [DeleteRow(BOB)]
    assert staged.take_back_row(None)
    assert not staged.take_back_row(None)


def test_what_cannot_be_changed_says_why(staged: StagedChanges) -> None:
    assert staged.column_at(0).name == "name"
    with pytest.raises(ServiceError, match="“count” cannot be changed: it is no column of"):
        staged.column_at(1)
    with pytest.raises(ServiceError, match=r"“loud” cannot be changed: it is generated: upper"):
        staged.column_at(3)
    with pytest.raises(ServiceError, match="its key is NULL"):
        staged.refuse_lost_row(("x", "1", None, None, None))
    staged.refuse_lost_row(ADA)


def test_applied_rows_are_shown_as_they_are_stored(staged: StagedChanges) -> None:
    staged.set_value(ADA, 10, 2, " Eve")
    staged.toggle_delete(BOB, 11)
    staged.add({2: "Zoe"})
    applied = EditsApplied(
        (("Eve", "1", "EVE", "{}"), ("Bob", "2", "BOB", None), ("Zoe", "5", "ZOE", "[]")), False
    )
    assert (
        told.applied_text(staged, applied)
        == "1 row changed, 1 row added, 1 row deleted and committed."
    )
    assert told.stored_otherwise(staged, applied).splitlines() == [
        "id 1: name is stored as Eve; you wrote  Eve",
        "new row: name: Zoe, id: 5, loud: ZOE, at: []",
    ]
    changed = staged.applied(applied)
    assert [(each.at, each.row) for each in changed] == [(10, ("Eve", "3", "1", "EVE", "{}"))]
    # A join shows the same row a second time.
    rows = [BOB, ("Ada", "4", "1", "ADA", "{}"), *[BOB] * 8, ADA]
    again = staged.shown_again(rows, changed)
    assert again == [(1, ("Eve", "4", "1", "EVE", "{}"))]
    assert staged.count == 0
    assert drawn(staged, BOB) == ["(deleted)", "", "", "", ""]
    with pytest.raises(ServiceError, match="was deleted"):
        staged.refuse_lost_row(BOB)


def test_a_column_named_with_a_line_end_stays_in_its_line(staged: StagedChanges) -> None:
    columns = [replace(each, name=f"{each.name}\nx") for each in TABLE.columns]
    staged.table = replace(TABLE, columns=tuple(columns))
    staged.set_value(ADA, 10, 2, "Eve")
    staged.add({2: "Zoe"})
    applied = EditsApplied((("EVE", "1", "", ""), ("Zoe", "5", "", "")), False)
    assert told.stored_otherwise(staged, applied).splitlines() == [
        "id␊x 1: name␊x is stored as EVE; you wrote Eve",
        "new row: name␊x: Zoe, id␊x: 5, loud␊x: '', at␊x: ''",
    ]


def test_a_changed_row_is_found_again_whatever_the_order(staged: StagedChanges) -> None:
    rows = PackedRows([ADA, BOB])
    arranged = arrange(rows.snapshot(), ["text"] * 5, Arrangement(column=0, descending=True))
    arranged.replaced = rows.replaced
    assert list(arranged) == [BOB, ADA]
    rows.replaced[0] = ("Eve", *ADA[1:])
    assert list(rows) == list(rows.snapshot()) == [("Eve", *ADA[1:]), BOB]
    assert list(arranged) == [BOB, ("Eve", *ADA[1:])]


def test_a_conflict_says_what_was_is_and_becomes(staged: StagedChanges) -> None:
    staged.add({2: "Zoe"})
    staged.set_value(ADA, 4, 2, "Eve")
    error = ServiceError("It was changed.", cause="Other values stand in name now.")
    now = ("Zoe", "1", "ZOE", "{}")
    staged.refused = ChangeRefusedError(error, 1, conflict=True, now=now)
    text = told.refusal_text(staged, staged.refused)
    assert "UPDATE, id 1: It was changed." in text
    assert "name: was Ada, stored now Zoe, yours Eve" in text
    assert "loud: was ADA, stored now ZOE" in text
    assert plain_text(told.cells_of(staged, 1)[0]) == "✗"
    assert staged.keep_mine() == (4, ("Zoe", "3", "1", "ZOE", "{}"))
    assert staged.changes[1] == UpdateRow(("Zoe", "3", "1", "ZOE", "{}"), {2: "Eve"})
    assert staged.keep_mine() is None


def test_the_script_is_what_is_sent() -> None:
    changes: list[RowChange] = [
        UpdateRow(ADA, {2: "O'Neil", 4: None}),
        InsertRow({}),
        InsertRow({1: "7", 2: ""}),
    ]
    assert script(TABLE, changes, begins=True, ends=True) == (
        "BEGIN;\n\n"
        "UPDATE public.people\nSET name = 'O''Neil',\n    at = NULL\n"
        "WHERE id = '1'\n  AND name IS NOT DISTINCT FROM 'Ada'\n"
        "  AND loud IS NOT DISTINCT FROM 'ADA'\n"
        "  AND pg_catalog.format('%s', at) COLLATE \"C\" = '{}'\n"
        "RETURNING name, id, loud, at;\n\n"
        "INSERT INTO public.people DEFAULT VALUES\nRETURNING name, id, loud, at;\n\n"
        "INSERT INTO public.people (id, name)\nVALUES ('7', '')\nRETURNING name, id, loud, at;\n\n"
        "COMMIT;\n"
    )
    inside = script(TABLE, [DeleteRow(BOB)], begins=False, ends=False)
    assert inside.startswith('SAVEPOINT "tristore rows";\n\nDELETE FROM public.people\nWHERE')
    assert inside.endswith('RELEASE SAVEPOINT "tristore rows";\n')
    assert "at IS NOT DISTINCT FROM NULL" in inside
    by_hand = script(TABLE, [InsertRow({})], begins=True, ends=False)
    assert by_hand.endswith("RETURNING name, id, loud, at;\n")


HARD = ["a\r\nb", "\x00\x1b[31m", "\u2028\u2029\x85", "tab\t\\n\r", "\udcff", "\\\r"]


@pytest.mark.parametrize("value", HARD)
def test_what_no_editor_shows_is_written_with_escapes(value: str) -> None:
    assert needs_escapes(value)
    text = escaped(value)
    assert all(each.isprintable() or each == "\n" for each in text)
    assert unescaped(text) == value


@pytest.mark.parametrize("value", ["", "a\nb\n", "\t\\n", "Größe 𝄞 \u00a0\u200d", "\\u0041"])
def test_other_values_are_edited_as_they_are(value: str) -> None:
    assert not needs_escapes(value)
    edit = ValueEdit.of(TABLE.columns[1], Entered(value), new=False)
    assert edit.entered == Entered(value)


@pytest.mark.parametrize("text", ["\\q", "\\", "\\x1", "\\U00110000"])
def test_a_wrong_escape_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no escape"):
        unescaped(text)


def test_null_nothing_and_an_empty_text_are_three_things() -> None:
    column = TABLE.columns[1]
    edit = ValueEdit.of(column, Entered(None), new=True)
    assert (edit.entered, edit.said) == (Entered(None), "NULL · the column is NOT NULL")
    edit.is_null = False
    assert (edit.entered, edit.said) == (Entered(""), "text: an empty text")
    edit.left_out = True
    assert edit.entered == Entered(left_out=True)
    assert edit.said == "left out: there is no default, so NULL"
    edit.left_out, edit.text = False, "a\nb"
    assert edit.said == "text: 3 characters in 2 lines"
    edit.text = "\0"
    assert "NUL character" in edit.problem


def test_the_characters_of_the_value_are_counted_not_those_of_its_escapes() -> None:
    edit = ValueEdit.of(TABLE.columns[1], Entered("\x1b[m\u2028"), new=False)
    assert edit.said.startswith("text: 4 characters")


def test_a_new_row_has_only_the_values_that_were_given() -> None:
    row = NewRow(TABLE)
    assert row.missing == ["id", "name"]
    row.enter(TABLE.columns[1], Entered(""))
    row.enter(TABLE.columns[0], Entered(None))
    assert row.values == {1: None, 2: ""}
    assert row.missing == ["id"]
    assert [plain_text(each) for each in row.cells(TABLE.columns[2])] == [
        "loud", "", "text", "generated: upper(name)",
    ]  # fmt: skip
    row.enter(TABLE.columns[0], Entered(left_out=True))
    assert row.values == {2: ""}


def test_what_goes_with_staged_changes_is_said_with_its_number_or_why_that_is_unknown() -> None:
    found = [
        TakenAlong("public.a", "DELETE", "CASCADE", 1),
        TakenAlong("public.b", "DELETE", "SET NULL", 10_001),
        TakenAlong("public.c", "UPDATE", "CASCADE", None, "permission denied"),
    ]
    assert told.along_text(found).splitlines() == [
        "The deletion also deletes 1 row of public.a (ON DELETE CASCADE).",
        "The deletion also sets to NULL the reference of more than 10,000 rows of public.b "
        "(ON DELETE SET NULL).",
        "The new key also changes rows of public.c, how many is unknown: permission denied "
        "(ON UPDATE CASCADE).",
    ]
